"""The room of the Review pages."""

from hub.admin.review.doors import doors

__all__ = ["doors"]
