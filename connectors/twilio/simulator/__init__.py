"""A Twilio account in memory, speaking the vendor's APIs over real HTTP; `python -m connectors.twilio.simulator`."""

from connectors.twilio.simulator.account import NUMBER, SENDER, TOLL_FREE
from connectors.twilio.simulator.server import ACCOUNT_SID, API_KEY, API_SECRET, AUTH_TOKEN, TwilioSimulator

__all__ = [
    "ACCOUNT_SID", "API_KEY", "API_SECRET", "AUTH_TOKEN", "NUMBER", "SENDER", "TOLL_FREE", "TwilioSimulator"
]  # fmt: skip
