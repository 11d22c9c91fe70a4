"""HTTP as a connector sees it: a reply that can be used, or one of the errors of `connectors.kit.errors`.

    http = Http("https://api.vendor.example/v2", headers={"X-Token": token}, judge=look, secrets=[token])
    for record in http.get("customers", {"page": 2}).json()["customers"]: ...
    http.post("graphql", json={"query": "..."}, safe=True)      # safe: a read, may be sent again
    http.close()

`judge(reply)` sees every reply before this module judges it by its status. It may raise any ConnectorError, or
`Again("throttled", wait=1.5)` to have the request sent again. A BadPayload it raises makes a safe request be fetched
anew, twice at most; so does a body that is declared as JSON and is not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import tenacity

from connectors.kit.clock import SYSTEM, Clock
from connectors.kit.door import Door
from connectors.kit.errors import AuthError, BadPayload, ConfigError, ConnectorError, RateLimited, Refused, VendorDown
from connectors.kit.ratelimit import Limiter
from connectors.kit.redact import redact
from connectors.kit.reply import Reply, asked_wait, http_date
from connectors.kit.transport import Broken, Limits, Transport, origin, without_query

__all__ = ["Again", "Http", "Patience", "Reply"]

MAX_REDIRECTS = 3
REDIRECTS = (301, 302, 303, 307, 308)
ANYWHERE_BUT_SECRETS = Door(private=True)
"""A connection may be aimed at a sandbox or a simulator in the own network, but never where clouds keep secrets."""

LONGEST_PAUSE = timedelta(days=1)
"""No vendor means more than this: a longer Retry-After pauses the run for a day."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long one request may take with everything it needs; seconds.

    `told_tries`: how often it is sent when a judge tells each time how long to wait; `total` ends it all the same.
    `unsafe`: as `total`, for a request that changes something: what allowed it may not hold any more, so that whoever
    asked for it has to ask again.
    `max_wait`: the longest wait the vendor may ask for inside a run; a longer one ends it as RateLimited.
    `deadline`: for one exchange, by the wall clock; `read`: for one read of it.
    """

    tries: int = 5
    told_tries: int = 30
    total: float = 600
    unsafe: float = 10
    max_wait: float = 120
    longest_backoff: float = 60
    refetches: int = 2
    deadline: float = 120
    connect: float = 10
    read: float = 30


class Again(Exception):
    """A judge's word: the vendor asks to be asked again, in `wait` seconds or whenever we like."""

    def __init__(self, reason: str, wait: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.wait = wait


class _Trouble(Exception):
    """A try that failed and may be made again, `tries` times in all; `kind` is what it becomes if all fail."""

    def __init__(self, kind: type[ConnectorError], reason: str, tries: int, wait: float | None = None) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.tries = tries
        self.wait = wait


class Http:
    """Requests to one vendor, with its credentials, limits and retries. For one thread; close it."""

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        judge: Callable[[Reply], None] | None = None,
        limiter: Limiter | None = None,
        clock: Clock = SYSTEM,
        patience: Patience = Patience(),
        secrets: Iterable[str] = (),
        door: Door = ANYWHERE_BUT_SECRETS,
    ) -> None:
        self._base = base_url.rstrip("/") + "/"
        self._judge = judge
        self._limiter = limiter
        self._clock = clock
        self._patience = patience
        self._secrets = (*secrets, *(auth[1:] if auth else ()))
        limits = Limits(connect=patience.connect, read=patience.read, deadline=patience.deadline)
        self._transport = Transport(limits, headers or {}, auth, door, by_proxy=True)
        self._jitter = tenacity.wait_random_exponential(multiplier=1, max=patience.longest_backoff)
        self._date: str | None = None

    @property
    def server_now(self) -> datetime | None:
        """The vendor's clock at its last reply (aware UTC), if it said so."""
        return http_date(self._date)

    def set_header(self, name: str, value: str) -> None:
        """For every request from now on; how a judge renews a token before it raises Again."""
        self._transport.header(name, value)

    def get(self, path: str, params: Mapping[str, Any] | None = None) -> Reply:
        return self._ask("GET", path, safe=True, params=params)

    def post(
        self,
        path: str,
        *,
        json: Any = None,
        data: Any = None,
        params: Mapping[str, Any] | None = None,
        safe: bool = False,
    ) -> Reply:
        """Sent once, unless it is `safe` or the vendor asks for patience: what was applied must not come twice."""
        return self._ask("POST", path, safe=safe, json=json, data=data, params=params)

    def put(self, path: str, *, json: Any = None) -> Reply:
        """Sent once, as `post` is: a lost answer is the caller's to find out about."""
        return self._ask("PUT", path, safe=False, json=json)

    def patch(self, path: str, *, json: Any = None) -> Reply:
        """Sent once, as `post` is."""
        return self._ask("PATCH", path, safe=False, json=json)

    def delete(self, path: str, *, json: Any = None) -> Reply:
        """Sent once, as `post` is."""
        return self._ask("DELETE", path, safe=False, json=json)

    def close(self) -> None:
        self._transport.close()

    def _ask(self, method: str, path: str, *, safe: bool, **body: Any) -> Reply:
        url = self._base + path.lstrip("/")
        started = self._clock.monotonic()
        total = self._patience.total if safe else min(self._patience.total, self._patience.unsafe)
        retrying = tenacity.Retrying(
            sleep=self._clock.sleep,
            retry=tenacity.retry_if_exception_type(_Trouble),
            wait=self._wait,
            stop=lambda state: self._is_over(state, started, total),
            retry_error_callback=_last_trouble,
        )
        failed: ConnectorError
        try:
            outcome = retrying(self._try, method, url, safe, body)
            if isinstance(outcome, Reply):
                return outcome
            failed = self._give_up(outcome, method, url)
        except ConnectorError as error:
            failed = self._without_secrets(error)
        raise failed  # outside the except, so that nothing with a query string in it hangs on as context

    def _try(self, method: str, url: str, safe: bool, body: dict[str, Any]) -> Reply:
        try:
            reply = self._exchange(method, url, body)
            self._look(reply, method)
        except Broken as broken:
            trouble = _Trouble(VendorDown, str(broken), self._patience.tries if safe else 1)
        except Again as again:
            # a vendor that says how long is believed more often: others may take from the same bucket meanwhile
            tries = self._patience.tries if again.wait is None else self._patience.told_tries
            trouble = _Trouble(RateLimited, again.reason, tries, again.wait)
        except BadPayload as bad:
            trouble = _Trouble(BadPayload, str(bad), 1 + self._patience.refetches if safe else 1)
        except _Trouble as passing:
            trouble = passing
            if not safe and passing.kind is VendorDown:
                trouble.tries = 1
        else:
            return reply
        raise trouble

    def _exchange(self, method: str, url: str, body: dict[str, Any]) -> Reply:
        """One reply after at most MAX_REDIRECTS same-origin redirects. Raises ConfigError for any other redirect."""
        for _ in range(1 + MAX_REDIRECTS):
            reply = self._send(method, url, body)
            if reply.status not in REDIRECTS or "Location" not in reply.headers:
                return reply
            url = _follow(method, url, reply)
            body = {**body, "params": None}  # the Location has its own query
        raise ConfigError(f"{method} {without_query(url)} redirects in a circle; correct the connection's address")

    def _send(self, method: str, url: str, body: dict[str, Any]) -> Reply:
        if self._limiter is None:
            reply = self._transport.send(method, url, **body)
        else:
            self._limiter.acquire()
            try:
                reply = self._transport.send(method, url, **body)
            finally:
                self._limiter.release()
        self._date = reply.headers.get("Date")
        return reply

    def _look(self, reply: Reply, method: str) -> None:
        """The connector's judgement first, then the one by status. Returns for a usable reply, else raises."""
        if self._judge is not None:
            self._judge(reply)
        if reply.ok:
            if reply.declares_json and reply.status != 204:
                reply.json()
            return
        status, said = reply.status, f"{method} {reply.url}: {reply.status}"
        if status in (401, 403):
            raise AuthError(f"{said}; the vendor refuses the credentials or they lack a scope: renew them")
        if status == 429:
            raise _Trouble(RateLimited, "429", self._patience.tries, self._asked_wait(reply))
        if status == 408 or status >= 500:
            raise _Trouble(VendorDown, str(status), self._patience.tries, self._asked_wait(reply))
        raise Refused(f"{said}; the vendor will not do this, asking again does not help")

    def _asked_wait(self, reply: Reply) -> float | None:
        return asked_wait(reply, self.server_now or self._clock.now())

    def _wait(self, state: tenacity.RetryCallState) -> float:
        asked = _last_trouble(state).wait
        return self._jitter(state) if asked is None else asked

    def _is_over(self, state: tenacity.RetryCallState, started: float, total: float) -> bool:
        trouble = _last_trouble(state)
        if trouble.wait is not None and trouble.wait > self._patience.max_wait:
            return True
        spent = self._clock.monotonic() - started + state.upcoming_sleep
        return state.attempt_number >= trouble.tries or spent > total

    def _give_up(self, trouble: _Trouble, method: str, url: str) -> ConnectorError:
        said = f"{method} {without_query(url)}: {trouble.reason}"
        if trouble.kind is RateLimited:
            wait = self._patience.longest_backoff if trouble.wait is None else trouble.wait
            retry_at = self._clock.now() + min(timedelta(seconds=min(wait, 1e9)), LONGEST_PAUSE)
            return RateLimited(self._redact(f"{said}; go on at {retry_at:%Y-%m-%d %H:%M:%S} UTC"), retry_at)
        advice = "the next run goes on from the cursor" if trouble.kind is VendorDown else "nothing of it was used"
        return trouble.kind(self._redact(f"{said}; {advice}"))

    def _without_secrets(self, error: ConnectorError) -> ConnectorError:
        error.args = tuple(self._redact(arg) if isinstance(arg, str) else arg for arg in error.args)
        return error

    def _redact(self, text: str) -> str:
        return redact(text, self._secrets)


def _last_trouble(state: tenacity.RetryCallState) -> _Trouble:
    trouble = state.outcome.exception() if state.outcome else None
    if not isinstance(trouble, _Trouble):
        raise TypeError("asked about a try that did not end in trouble")
    return trouble


def _follow(method: str, url: str, reply: Reply) -> str:
    """Where a redirect leads. Raises ConfigError if our credentials must not go there."""
    try:
        target = urljoin(url, reply.headers["Location"])
        there = origin(target)
    except ValueError:
        there = ("", "", None)
    if there != origin(url):
        place = "another scheme or port of the host" if there[1] == origin(url)[1] else f"the host {there[1] or '?'}"
        raise ConfigError(f"{method} {reply.url} redirects to {place}; correct the connection's address")
    if method != "GET" and reply.status not in (307, 308):
        raise ConfigError(f"{method} {reply.url} is redirected to a page; correct the connection's address")
    return target
