"""The simulated account on the wire: three products on one host, the person's verbs, and those of a test."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from connectors.kit.base import utc_now
from connectors.kit.simulator import Simulator
from connectors.twilio.messages import BLOCKED, counterpart
from connectors.twilio.simulator.account import SENDER, Account, Service, Verdict
from connectors.twilio.simulator.consents import Consents
from connectors.twilio.simulator.log import API_VERSION, Message, MessageLog
from connectors.twilio.simulator.outbox import Outbox, Post
from connectors.twilio.simulator.sending import check_order, message_from
from connectors.twilio.simulator.wire import Problem, answer, form, login, not_found

ACCOUNT_SID = "AC0123456789abcdef0123456789abcdef"
AUTH_TOKEN = "fedcba9876543210fedcba9876543210"  # noqa: S105 - opens nothing but this simulator
API_KEY = "SK0123456789abcdef0123456789abcdef"
API_SECRET = "simulatedsimulatedsimulatedsimul"  # noqa: S105 - opens nothing but this simulator
MINUTE = timedelta(minutes=1)

Handler = Callable[[Request], Response]


class TwilioSimulator(Simulator):
    """One account with a messaging service (SENDER) of one number, and a toll-free number that is in none.

    `compliance_enabled`: whether Consents/Bulk is there. `consents_per_minute`: how many of its requests are taken.
    `sender`: where the verbs below send and ask unless told. `webhook_url`: where inbound texts are told to,
    `status_url`: where the fate of what was sent is; both signed, and kept in `outbox` until `deliver`.
    """

    def __init__(self, *, now: Callable[[], datetime] = utc_now, auth_token: str = AUTH_TOKEN) -> None:
        super().__init__(now=now)
        self.auth_token = auth_token
        self.account = Account()
        self.log = MessageLog(ACCOUNT_SID, self.now)
        self.consents = Consents(self.account)
        self.outbox = Outbox(auth_token)
        self.sender = SENDER
        self.webhook_url = ""
        self.status_url = ""
        self.compliance_enabled = True
        self.consents_per_minute = 100
        self._taken: deque[datetime] = deque()

    def load(self, messages: Iterable[Mapping[str, Any]] = ()) -> None:
        """Put messages into the log as they are, oldest first; what is missing is completed. They do nothing else."""
        with self.lock:
            for message in messages:
                self.log.add(message)

    def add_service(
        self,
        sid: str,
        numbers: Iterable[str],
        *,
        advanced_opt_out: bool = False,
        keywords: Mapping[str, Verdict] | None = None,
    ) -> None:
        """Add or replace a messaging service; `keywords` are its own words, for advanced opt-out."""
        with self.lock:
            own = {word.upper(): verdict for word, verdict in (keywords or {}).items()}
            self.account.add_service(Service(sid, list(numbers), advanced_opt_out, own))

    def text(self, from_number: str, body: str, to: str | None = None) -> str:
        """The person sends a text to a number of ours, or to a service; returns its sid."""
        with self.lock:
            sender = to or self.sender
            service = self.account.service_of(sender)
            verdict = self.account.read(from_number, sender, body)
            message = self.log.add(
                {
                    "messaging_service_sid": service.sid if service is not None else None,
                    "from": from_number,
                    "to": self.account.number_of(sender),
                    "body": body,
                    "direction": "inbound",
                    "status": "received",
                }
            )
            if self.webhook_url:
                told = verdict if service is not None and service.advanced_opt_out else None
                self.outbox.put(self.webhook_url, _inbound(message, told))
            return str(message["sid"])

    def send(self, to: str, body: str, sender: str | None = None) -> str:
        """Another tool of the company sends a text; returns its sid. To somebody blocked it fails."""
        with self.lock:
            return str(self._send(to, body, sender or self.sender)["sid"])

    def stop_before_the_hub(self, number: str, sender: str | None = None) -> None:
        """The person is blocked, and the log, which is kept for 400 days, does not tell why."""
        with self.lock:
            self.account.block(number, sender or self.sender)

    def refuse_next(self, number: str, code: str = "INVALID_CONTACT_ID") -> None:
        """Let the next consent item of this number fail with this word; may be said several times."""
        with self.lock:
            self.consents.refusals[number].append(code)

    def blocked(self, number: str, sender: str | None = None) -> bool:
        with self.lock:
            return self.account.blocked(number, sender or self.sender)

    def sendable(self, address: str, channel: str) -> bool | None:
        """Twilio holds no list of people: to any number it sends, unless that is blocked at `sender`."""
        return not self.blocked(address) if channel == "sms" else None

    def deliver(
        self,
        post: Post,
        *,
        order: Literal["as sent", "reversed"] = "as sent",
        twice: bool = False,
        lose: Collection[int] = (),
    ) -> list[int]:
        """Empty the outbox; see `Outbox.deliver`."""
        return self.outbox.deliver(post, order=order, twice=twice, lose=lose)

    def routes(self) -> list[Route]:
        messages = f"/{API_VERSION}/Accounts/{{account_sid}}/Messages.json"
        return [
            Route(messages, self._answer(self._list)),
            Route(messages, self._answer(self._create), methods=["POST"]),
            Route("/v1/Services/{sid}", self._answer(self._service)),
            Route("/v1/Consents/Bulk", self._answer(self._write_consents), methods=["POST"]),
        ]

    def _answer(self, handler: Handler) -> Handler:
        def guarded(request: Request) -> Response:
            try:
                self._authorise(request)
                return handler(request)
            except Problem as problem:
                return answer(problem.document, problem.status)

        return guarded

    def _authorise(self, request: Request) -> None:
        logins = ((ACCOUNT_SID, self.auth_token), (API_KEY, API_SECRET))
        if login(request) not in logins or request.path_params.get("account_sid", ACCOUNT_SID) != ACCOUNT_SID:
            raise Problem(401, 20003, "Authenticate")

    def _list(self, request: Request) -> Response:
        document = self.log.listing(request.query_params)
        messages = document["messages"]
        numbers = {counterpart(message) for message in messages} - {None}
        request.state.records = {"messages": len(messages), "numbers": len(numbers)}
        return answer(document)

    def _create(self, request: Request) -> Response:
        order = check_order(form(request), self.account)
        if order.by_service:
            # whether it is blocked is found out later: by the error of the message, not of the request
            message = self._send(order.to, order.body, order.sender)
            accepted = {"status": "accepted", "error_code": None, "error_message": None, "date_sent": None}
            return answer({**message, **accepted, "from": None, "num_segments": "0"}, 201)
        if self.account.blocked(order.to, order.sender):
            raise Problem(400, BLOCKED, "Attempt to send to unsubscribed recipient")
        return answer({**self._send(order.to, order.body, order.sender), "status": "queued", "date_sent": None}, 201)

    def _service(self, request: Request) -> Response:
        service = self.account.services.get(request.path_params["sid"])
        if service is None:
            raise not_found(request)
        return answer(
            {
                "sid": service.sid,
                "account_sid": ACCOUNT_SID,
                "friendly_name": "Shop",
                "date_created": "2025-01-01T00:00:00Z",
                "date_updated": "2025-01-01T00:00:00Z",
                "url": f"https://messaging.twilio.com/v1/Services/{service.sid}",
            }
        )

    def _write_consents(self, request: Request) -> Response:
        if not self.compliance_enabled:
            raise not_found(request)
        self._take_a_turn()
        answers, effects = self.consents.write(form(request).get("Items", []))
        request.state.effect = {"consents": effects}
        return answer({"items": answers}, 201)

    def _take_a_turn(self) -> None:
        now = self.now()
        while self._taken and self._taken[0] <= now - MINUTE:
            self._taken.popleft()
        if len(self._taken) >= self.consents_per_minute:
            raise Problem(429, 20429, "Too Many Requests")
        self._taken.append(now)

    def _send(self, to: str, body: str, sender: str) -> Message:
        message = self.log.add(message_from(self.account, sender, to, body))
        if self.status_url:
            self.outbox.put(self.status_url, _status(message))
        return message


def _inbound(message: Message, verdict: Verdict | None) -> dict[str, str]:
    fields = {
        **_common(message),
        "SmsMessageSid": message["sid"],
        "SmsStatus": "received",
        "Body": message["body"],
        "NumMedia": message["num_media"],
        "NumSegments": message["num_segments"],
        "FromCountry": "AU",
        "FromCity": "",
        "ToCountry": "AU",
    }
    return {**fields, "OptOutType": verdict} if verdict else fields


def _status(message: Message) -> dict[str, str]:
    fields = {**_common(message), "MessageStatus": message["status"], "SmsStatus": message["status"]}
    return {**fields, "ErrorCode": str(message["error_code"])} if message["error_code"] else fields


def _common(message: Message) -> dict[str, str]:
    fields = {
        "MessageSid": message["sid"],
        "SmsSid": message["sid"],
        "AccountSid": ACCOUNT_SID,
        "From": message["from"],
        "To": message["to"],
        "ApiVersion": API_VERSION,
    }
    service = message["messaging_service_sid"]
    return {**fields, "MessagingServiceSid": service} if service else fields
