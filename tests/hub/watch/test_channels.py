"""The ways out: a real mail server, a real web server, and what each may never carry or do."""

from __future__ import annotations

import hmac
import json
import socket
import threading
import time
from base64 import b64decode, b64encode
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from typing import Any

import pytest

from connectors.kit.door import Door
from hub.settings.watch_models import Alerts
from hub.watch import channels
from hub.watch.channels import Message, Undelivered, configured, deliver
from tests.hub.watch.receivers import Mailbox, Receiver
from tests.hub.watch.scene import SECRET

ALERT = Message(
    "optout", "newsletter", "firing", "2 opt-outs <have> not arrived", "look", datetime(2026, 11, 22, tzinfo=UTC)
)
OLIVE = "olive@example.com"
HERE = Door(networks=(ip_network("127.0.0.0/8"),))


def email(mailbox: Mailbox, **more: Any) -> Alerts:
    own = {"host": "127.0.0.1", "port": mailbox.port, "tls": "none", "sender": "hub@example.com", "to": [OLIVE]}
    return Alerts.model_validate({"email": {**own, **more}})


def webhook(receiver: Receiver) -> Alerts:
    return Alerts.model_validate({"webhook": {"url": f"{receiver.url}/alerts?from=hub", "secret": SECRET}})


def slack(receiver: Receiver) -> Alerts:
    return Alerts.model_validate({"slack": {"url": f"{receiver.url}/services/T0/{SECRET}"}})


def test_a_mail_says_what_is_wrong_and_what_to_do(mailbox: Mailbox) -> None:
    deliver(email(mailbox, user="hub", password="canary-password"), "email", ALERT, HERE)
    (mail,) = mailbox.mails
    assert (mail["Subject"], mail["To"], mail["From"]) == ("hub ALERT: optout newsletter", OLIVE, "hub@example.com")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "2 opt-outs <have> not arrived\nWhat to do: look\n" in mail.get_content()
    assert mailbox.logins == ["hub canary-password"]
    assert mailbox.recipients == [OLIVE]


def test_without_tls_at_the_server_nothing_is_sent_and_no_password_shown(mailbox: Mailbox) -> None:
    with pytest.raises(Undelivered, match="SMTPNotSupportedError"):
        deliver(email(mailbox, tls="starttls", user="hub", password="canary-password"), "email", ALERT, HERE)
    assert (mailbox.mails, mailbox.logins) == ([], [])


def test_a_password_never_travels_in_the_clear_to_another_machine() -> None:
    box = Mailbox(587)
    told = email(box, host="mail.example.com", user="hub", password="canary-password")
    with pytest.raises(Undelivered, match="in the clear"):
        deliver(told, "email", ALERT, HERE)


def test_a_mail_server_that_refuses_or_is_not_there_is_told_of(mailbox: Mailbox) -> None:
    mailbox.refuses = True
    with pytest.raises(Undelivered):
        deliver(email(mailbox), "email", ALERT, HERE)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        mailbox.port = free.getsockname()[1]
    with pytest.raises(Undelivered, match="ConnectionRefusedError"):
        deliver(email(mailbox), "email", ALERT, HERE)


def test_a_mail_server_that_says_nothing_is_not_waited_for_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        with pytest.raises(Undelivered, match=r"[Tt]ime"):
            deliver(email(Mailbox(port=silent.getsockname()[1])), "email", ALERT, HERE)
        assert time.monotonic() - began < 5


def test_a_webhook_is_json_that_its_receiver_can_prove_to_be_ours(receiver: Receiver) -> None:
    deliver(webhook(receiver), "webhook", ALERT, HERE)
    ((path, headers, body),) = receiver.posts
    assert path == "/alerts?from=hub"
    told = json.loads(body)
    assert (told["event"], told["rule"], told["subject"], told["state"]) == ("alert", "optout", "newsletter", "firing")
    at, event = headers["webhook-timestamp"], headers["webhook-id"]
    assert abs(int(at) - time.time()) < 60
    made = hmac.digest(b64decode(SECRET.removeprefix("whsec_")), f"{event}.{at}.".encode() + body, "sha256")
    assert headers["webhook-signature"] == f"v1,{b64encode(made).decode()}"
    assert headers["content-type"] == "application/json"


def test_an_alert_that_is_tried_again_has_the_same_id_and_another_one_has_not(receiver: Receiver) -> None:
    over = replace(ALERT, state="ok")
    for message in (ALERT, ALERT, over):
        deliver(webhook(receiver), "webhook", message, HERE)
    first, again, other = (headers["webhook-id"] for _, headers, _ in receiver.posts)
    assert first == again != other


def test_slack_gets_a_text_in_which_nothing_is_markup(receiver: Receiver) -> None:
    deliver(slack(receiver), "slack", ALERT, HERE)
    ((path, _, body),) = receiver.posts
    assert path == f"/services/T0/{SECRET}"
    assert json.loads(body)["text"].startswith("*hub ALERT: optout newsletter*\n2 opt-outs &lt;have&gt; not")


@pytest.mark.fault("A11")
@pytest.mark.parametrize("status", [302, 400, 403, 429, 500])
@pytest.mark.parametrize("kind", ["webhook", "slack"])
def test_a_receiver_that_does_not_take_it_is_asked_once_and_its_secret_stays_secret(
    receiver: Receiver, kind: str, status: int
) -> None:
    receiver.statuses, receiver.location = [status] * 9, "http://evil.test/"
    with pytest.raises(Undelivered) as caught:
        deliver({"webhook": webhook, "slack": slack}[kind](receiver), kind, ALERT, HERE)
    assert len(receiver.posts) == 1
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("url", ["http://hooks.example.com/canary-path", "ftp://127.0.0.1/x", "canary-path-no-url"])
def test_an_address_that_is_not_https_is_not_even_asked(url: str) -> None:
    with pytest.raises(Undelivered, match="https") as caught:
        deliver(Alerts.model_validate({"slack": {"url": url}}), "slack", ALERT, HERE)
    assert "canary" not in str(caught.value)


@pytest.mark.fault("H12")
def test_a_receiver_that_drips_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    monkeypatch.setattr(channels, "ONCE", replace(channels.ONCE, deadline=0.5, read=0.3))
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            taken, _ = listener.accept()
            with taken:
                while not over.wait(0.05):
                    try:
                        taken.sendall(b"H")
                    except OSError:
                        return

        thread = threading.Thread(target=drip)
        thread.start()
        began = time.monotonic()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/x"
        with pytest.raises(Undelivered):
            deliver(Alerts.model_validate({"slack": {"url": url}}), "slack", ALERT, HERE)
        assert time.monotonic() - began < 5
        over.set()
        thread.join()


def test_only_what_is_set_up_is_a_channel(receiver: Receiver) -> None:
    assert configured(Alerts()) == []
    assert configured(slack(receiver)) == ["slack"]


@pytest.mark.fault("A10")
@pytest.mark.parametrize("kind", ["webhook", "slack"])
def test_an_alert_goes_into_the_own_network_only_where_that_was_named(receiver: Receiver, kind: str) -> None:
    alerts = {"webhook": webhook, "slack": slack}[kind](receiver)
    with pytest.raises(Undelivered, match="name it in hub"):
        deliver(alerts, kind, ALERT, Door())
    assert receiver.posts == []


@pytest.mark.fault("A10")
@pytest.mark.parametrize("tls", ["none", "tls"])
def test_a_mail_server_is_never_where_clouds_keep_secrets(mailbox: Mailbox, tls: str) -> None:
    with pytest.raises(Undelivered, match="nothing may ever be sent there"):
        deliver(email(mailbox, host="169.254.169.254", tls=tls), "email", ALERT, HERE)
