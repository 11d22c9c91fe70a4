"""The secret of a signed webhook as hub.yaml may hold it, and the key in it: the form of Standard Webhooks."""

from __future__ import annotations

from base64 import b64decode
from binascii import Error as NoBase64
from typing import Annotated

from pydantic import AfterValidator, SecretStr

from hub.settings.values import failure

PREFIX = "whsec_"


def key_of(secret: str) -> bytes:
    """The key in a secret as Standard Webhooks writes it. Raises ValueError."""
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except NoBase64 as error:
        raise ValueError(str(error)) from None
    if not secret.startswith(PREFIX) or not 24 <= len(key) <= 64:
        raise ValueError("not whsec_ and 24 to 64 bytes in base64")
    return key


def read_signing_secret(value: SecretStr) -> SecretStr:
    try:
        key_of(value.get_secret_value())
    except ValueError:
        hint = 'make one with: echo "whsec_$(openssl rand -base64 32)"'
        raise failure("HUB-C005", "this is no signing secret: whsec_ and 24 to 64 bytes", {"hint": hint}) from None
    return value


SigningSecret = Annotated[SecretStr, AfterValidator(read_signing_secret)]
