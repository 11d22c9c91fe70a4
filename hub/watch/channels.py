"""The ways an alert can travel: e-mail by SMTP, a signed webhook, and what takes Slack's incoming webhooks."""

from __future__ import annotations

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Mapping
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from hashlib import sha256
from ipaddress import ip_address
from urllib.parse import urlsplit

import orjson

from connectors.kit.door import Door
from connectors.kit.errors import ConnectorError
from connectors.kit.http import Http, Patience
from hub.settings.watch_models import Alerts, Email
from hub.watch.signing import signed

SECONDS = 10.0
"""How long one step of a delivery may take; a whole one ends after a few of them."""

ONCE = Patience(tries=1, told_tries=1, total=SECONDS, max_wait=0, deadline=SECONDS, connect=SECONDS, read=SECONDS)
WORDS = {"firing": "ALERT", "ok": "over", "test": "test"}


class Undelivered(Exception):
    """A message that did not arrive, or of which nobody knows; it is tried again."""


@dataclass(frozen=True, slots=True)
class Message:
    """What is told of one change. `state`: firing, ok or test. Already clean."""

    rule: str
    subject: str
    state: str
    message: str
    fix: str
    happened_at: datetime

    @property
    def event(self) -> str:
        """Its public id, the same each time that it is tried."""
        text = "\x1f".join((self.rule, self.subject, self.state, self.happened_at.isoformat()))
        return "alert_" + sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:32]

    @property
    def title(self) -> str:
        return f"hub {WORDS[self.state]}: {self.rule} {self.subject}"

    @property
    def text(self) -> str:
        lines = [self.message, f"What to do: {self.fix}" if self.fix else ""]
        return "\n".join([*filter(None, lines), f"{self.happened_at:%Y-%m-%d %H:%M:%S} UTC"])


def configured(alerts: Alerts) -> list[str]:
    """The names of the channels that are set up."""
    return [name for name in _SENDERS if getattr(alerts, name) is not None]


def deliver(alerts: Alerts, channel: str, message: Message, door: Door) -> None:
    """Send a message over one channel, through this door. Raises Undelivered, whose text may hold what a server said.

    A mail server may stand in the own network, where most do.
    """
    _SENDERS[channel](alerts, message, door)


def _email(alerts: Alerts, message: Message, _door: Door) -> None:
    email = alerts.email
    assert email is not None  # noqa: S101 - asked for by `configured`
    if email.password is not None and email.tls == "none" and not is_this_machine(email.host):
        raise Undelivered("a password would travel in the clear: set tls to starttls or tls")
    written = EmailMessage()
    written["From"], written["To"], written["Subject"] = email.sender, ", ".join(email.to), message.title
    written["Date"], written["Message-ID"] = formatdate(), make_msgid(domain=email.sender.rpartition("@")[2])
    written["Auto-Submitted"] = "auto-generated"
    written.set_content(message.text)
    try:
        with closing(_connected(email)) as server:
            if email.user is not None and email.password is not None:
                server.login(email.user, email.password.get_secret_value())
            refused = server.send_message(written)
            with suppress(smtplib.SMTPException):  # it was taken, whatever is said for goodbye
                server.quit()
    except (OSError, smtplib.SMTPException) as error:
        raise Undelivered(f"{email.host}:{email.port}: {type(error).__name__}: {error}") from None
    if refused:
        raise Undelivered(f"{email.host}:{email.port} refused {len(refused)} of {len(email.to)} recipients")


def _connected(email: Email) -> smtplib.SMTP:
    if email.tls == "tls":
        return _JudgedTLS(email.host, email.port, timeout=SECONDS, context=ssl.create_default_context())
    server = _Judged(email.host, email.port, timeout=SECONDS)
    if email.tls == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except BaseException:
            server.close()
            raise
    return server


MAIL_DOOR = Door(private=True)


class _Judged(smtplib.SMTP):
    """Connects to the address that the door has judged; certificates are still checked against the name."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return super()._get_socket(MAIL_DOOR.ways(host, port)[0], port, timeout)  # type: ignore[misc, no-any-return]


class _JudgedTLS(smtplib.SMTP_SSL):
    """The same with TLS from the first byte on."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return super()._get_socket(MAIL_DOOR.ways(host, port)[0], port, timeout)  # type: ignore[misc, no-any-return]


def _webhook(alerts: Alerts, message: Message, door: Door) -> None:
    webhook = alerts.webhook
    assert webhook is not None  # noqa: S101 - asked for by `configured`
    document = {"event": "alert", **asdict(message), "happened_at": message.happened_at.isoformat()}
    body = orjson.dumps(document)
    secret = webhook.secret.get_secret_value()
    _post(webhook.url, body, signed([secret], message.event, int(time.time()), body), secret, door)


def _slack(alerts: Alerts, message: Message, door: Door) -> None:
    assert alerts.slack is not None  # noqa: S101 - asked for by `configured`
    url = alerts.slack.url.get_secret_value()
    _post(url, orjson.dumps({"text": f"*{_plain(message.title)}*\n{_plain(message.text)}"}), {}, url, door)


def _plain(text: str) -> str:
    """As Slack wants it, so that nothing in it is a link or calls everybody."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _post(url: str, body: bytes, headers: Mapping[str, str], secret: str, door: Door) -> None:
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and is_this_machine(parts.hostname or "")):
        raise Undelivered("the address must begin with https:// unless it is this machine's own")
    told = {"Content-Type": "application/json", "User-Agent": "contact-hub", **headers}
    secrets = [secret, url, parts.path]
    http = Http(f"{parts.scheme}://{parts.netloc}", headers=told, patience=ONCE, secrets=secrets, door=door)
    try:
        http.post(f"{parts.path}?{parts.query}" if parts.query else parts.path, data=body)
    except ConnectorError as error:
        raise Undelivered(f"{parts.hostname}: {type(error).__name__}: {error}") from None
    finally:
        http.close()


def is_this_machine(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


_SENDERS: Mapping[str, Callable[[Alerts, Message, Door], None]] = {
    "email": _email,
    "webhook": _webhook,
    "slack": _slack,
}
