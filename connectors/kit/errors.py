"""What can go wrong at a vendor, one class per thing the caller must do next.

The run loop reads the class and nothing else: no status code, no message text.
Every message says what, where and what to do next, and never holds a secret,
a query string or a person's data.
"""

from __future__ import annotations

from datetime import datetime


class ConnectorError(Exception):
    """Base of all connector errors; `exit_code` is what the command line ends with."""

    exit_code = 69


class ConfigError(ConnectorError):
    """The connection's settings cannot work (wrong store, unknown list): a person must edit them."""

    exit_code = 78


class AuthError(ConnectorError):
    """The vendor refused our credentials or a scope is missing: stop knocking, a person must act."""

    exit_code = 77


class RateLimited(ConnectorError):
    """The vendor asks for more patience than one run has: pause the run until `retry_at` (aware UTC)."""

    exit_code = 75

    def __init__(self, message: str, retry_at: datetime) -> None:
        super().__init__(message)
        self.retry_at = retry_at


class VendorDown(ConnectorError):
    """Passing trouble (resets, time-outs, 5xx) outlived the retries: the next run goes on from the cursor."""

    exit_code = 69


class BadPayload(ConnectorError):
    """The vendor answered something that is not what it declares: nothing of the page may be used."""

    exit_code = 65


class Refused(ConnectorError):
    """The vendor will not do this, however often it is asked (400, 403, 404, 422)."""

    exit_code = 65


class Truncated(ConnectorError):
    """The vendor stops short of the end and the window cannot be split further: data would be missing."""

    exit_code = 65


class PagingLoop(ConnectorError):
    """The vendor hands out the same position twice: reading on would never end."""

    exit_code = 65
