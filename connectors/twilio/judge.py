"""What Twilio's error replies mean, where the status alone does not say it."""

from __future__ import annotations

from collections.abc import Callable

from connectors.kit.errors import AuthError, ConfigError
from connectors.kit.http import Reply
from connectors.twilio.config import TwilioConfig

CONSENTS = "v1/Consents/Bulk"

NOT_ENABLED = (
    "Twilio does not take consents for this account: switch on the Compliance Toolkit in its Console, or ask Twilio "
    "for access to Consent Management; with a base_url of your own, look whether accounts_url is needed too"
)
REFUSED_LOGIN = (
    "Twilio refuses the credentials (wrong, deleted, of another region or of a sub-account, or the account is "
    "suspended): correct account_sid with auth_token, or api_key with api_secret"
)
TEST_LOGIN = "Twilio refuses these credentials here, as it does test credentials: use live ones"


def judge_for(config: TwilioConfig) -> Callable[[Reply], None]:
    """A judge of replies. Raises AuthError or ConfigError for what a person must mend, else leaves it to the status.

    The vendor's own `message` is never repeated: it may hold a number.
    """

    def judge(reply: Reply) -> None:
        if reply.status == 401:
            raise AuthError(REFUSED_LOGIN)
        if reply.status == 403:
            raise AuthError(TEST_LOGIN)
        if reply.status == 404:
            raise ConfigError(_missing(reply.url, config))

    return judge


def _missing(url: str, config: TwilioConfig) -> str:
    if url.endswith(CONSENTS):
        return NOT_ENABLED
    if "/Services/" in url:
        return f"Twilio has no messaging service {config.sender} in this account: correct `sender`"
    return f"Twilio knows no account {config.account_sid} at this address: correct `account_sid` or `base_url`"
