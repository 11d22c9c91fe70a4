"""Normalisers: one file per kind of value, pure functions. Only their common refusal is here."""


class NotNormal(Exception):
    """The value cannot be brought to its one form. `message` never holds the value itself."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
