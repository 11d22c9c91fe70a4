"""What Http makes of statuses, headers and bodies; the vendor is `responses`, time is a FakeClock."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.errors import AuthError, ConnectorError, RateLimited, Refused, VendorDown
from connectors.kit.http import Again, Http, Patience, Reply
from connectors.kit.testing import FakeClock
from tests.connectors.kit.vendor import BASE, NOON, PAGE, TOKEN, Make, failure, script


def test_a_page_comes_as_json_with_its_address_but_without_its_query(
    vendor: responses.RequestsMock, make: Make
) -> None:
    vendor.get(PAGE, json={"customers": [{"id": 1}]})
    reply = make().get("/customers", {"email": "alice@shop.example"})
    assert (reply.status, reply.json(), reply.url) == (200, {"customers": [{"id": 1}]}, PAGE)
    assert vendor.calls[0].request.headers["X-Token"] == TOKEN
    assert "alice" in str(vendor.calls[0].request.url)


def test_the_vendors_clock_is_its_last_date_header(vendor: responses.RequestsMock, make: Make) -> None:
    vendor.get(PAGE, json={}, headers={"Date": "Mon, 01 Jun 2026 12:07:00 GMT"})
    vendor.get(PAGE, json={}, headers={"Date": "yesterday"})
    http = make()
    assert http.server_now is None
    http.get("customers")
    assert http.server_now == NOON + timedelta(minutes=7)
    http.get("customers")
    assert http.server_now is None


@pytest.mark.fault("H01")
@pytest.mark.parametrize(
    ("retry_after", "slept"),
    [
        ("7", [7.0]),
        ("2.0", [2.0]),
        ("0", [0.0]),
        ("Mon, 01 Jun 2026 12:00:30 GMT", [30.0]),
    ],
)
def test_a_429_is_waited_for_as_long_as_it_says(
    vendor: responses.RequestsMock, make: Make, clock: FakeClock, retry_after: str, slept: list[float]
) -> None:
    vendor.get(PAGE, status=429, headers={"Retry-After": retry_after})
    vendor.get(PAGE, json=[])
    assert make().get("customers").json() == []
    assert clock.slept == slept


@pytest.mark.fault("H01")
def test_a_retry_after_date_is_read_by_the_vendors_own_clock(
    vendor: responses.RequestsMock, make: Make, clock: FakeClock
) -> None:
    dates = {"Date": "Mon, 01 Jun 2026 11:45:00 GMT", "Retry-After": "Mon, 01 Jun 2026 11:45:20 GMT"}
    vendor.get(PAGE, status=429, headers=dates)
    vendor.get(PAGE, json=[])
    make().get("customers")
    assert clock.slept == [20.0]


@pytest.mark.fault("H01")
@pytest.mark.fault("H02")
@pytest.mark.parametrize("nonsense", ["Mon, 01 Jun 2020 12:00:00 GMT", "-5", "soon", "nan", "inf", "", None])
def test_a_retry_after_that_makes_no_sense_is_a_short_random_wait(
    vendor: responses.RequestsMock, make: Make, clock: FakeClock, nonsense: str | None
) -> None:
    vendor.get(PAGE, status=429, headers={} if nonsense is None else {"Retry-After": nonsense})
    vendor.get(PAGE, json=[])
    make().get("customers")
    assert len(clock.slept) == 1
    assert 0 <= clock.slept[0] <= 1


@pytest.mark.fault("H01")
@pytest.mark.parametrize(
    ("retry_after", "pause"),
    [("3600", timedelta(hours=1)), ("1000000000", timedelta(days=1)), ("9" * 400, timedelta(days=1))],
)
def test_a_wait_longer_than_a_run_pauses_it_without_sleeping(
    vendor: responses.RequestsMock, make: Make, clock: FakeClock, retry_after: str, pause: timedelta
) -> None:
    vendor.get(PAGE, status=429, headers={"Retry-After": retry_after})
    error = failure(lambda: make().get("customers", {"email": "alice@shop.example"}))
    assert isinstance(error, RateLimited)
    assert error.retry_at == NOON + pause
    assert clock.slept == []
    assert len(vendor.calls) == 1


@pytest.mark.fault("H01")
def test_a_change_waits_for_seconds_and_not_for_minutes(
    vendor: responses.RequestsMock, make: Make, clock: FakeClock
) -> None:
    """What allowed it may be over by then: whoever asked for it asks again."""
    for wait in ("7", "7"):
        vendor.put(PAGE, status=429, headers={"Retry-After": wait})
    error = failure(lambda: make().put("customers", json={}))
    assert isinstance(error, RateLimited)
    assert error.retry_at == NOON + timedelta(seconds=14)
    assert clock.slept == [7.0]


@pytest.mark.fault("H02")
def test_a_vendor_that_only_ever_says_429_ends_in_a_pause(
    vendor: responses.RequestsMock, make: Make, clock: FakeClock
) -> None:
    script(vendor, 429)
    error = failure(lambda: make().get("customers"))
    assert isinstance(error, RateLimited)
    assert error.retry_at > clock.now()
    assert len(vendor.calls) == 5
    assert all(wait <= 2**n for n, wait in enumerate(clock.slept))


@pytest.mark.fault("H04")
@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 520, 529])
def test_passing_trouble_is_tried_five_times(vendor: responses.RequestsMock, make: Make, status: int) -> None:
    script(vendor, status)
    assert isinstance(failure(lambda: make().get("customers", {"q": "alice"})), VendorDown)
    assert len(vendor.calls) == 5


@pytest.mark.fault("H04")
@given(statuses=st.lists(st.sampled_from([408, 429, 500, 502, 503, 504, 522]), max_size=4))
def test_whatever_passes_within_five_tries_is_not_seen(statuses: list[int]) -> None:
    with responses.RequestsMock() as vendor:
        script(vendor, *statuses, 200)
        http = Http(BASE, clock=FakeClock())
        assert http.get("customers").status == 200
        http.close()
        assert len(vendor.calls) == len(statuses) + 1


@pytest.mark.fault("H04")
def test_a_503_is_waited_for_as_long_as_it_says(vendor: responses.RequestsMock, make: Make, clock: FakeClock) -> None:
    vendor.get(PAGE, status=503, headers={"Retry-After": "90"})
    vendor.get(PAGE, json=[])
    make().get("customers")
    assert clock.slept == [90.0]


@pytest.mark.fault("H04")
def test_the_tries_end_when_their_time_is_over(vendor: responses.RequestsMock, make: Make, clock: FakeClock) -> None:
    vendor.get(PAGE, status=503, headers={"Retry-After": "100"})
    assert isinstance(failure(lambda: make(patience=Patience(tries=50)).get("customers")), VendorDown)
    assert clock.slept == [100.0] * 6


@pytest.mark.fault("H04")
@pytest.mark.parametrize("trouble", [503, requests.ConnectionError("reset ?q=alice"), requests.ReadTimeout("?q=alice")])
def test_a_write_that_may_have_been_applied_is_not_sent_again(
    vendor: responses.RequestsMock, make: Make, trouble: int | Exception
) -> None:
    if isinstance(trouble, int):
        script(vendor, trouble, method="POST")
    else:
        vendor.post(PAGE, body=trouble)
    assert isinstance(failure(lambda: make().post("customers", json={"name": "Bob"})), VendorDown)
    assert len(vendor.calls) == 1


@pytest.mark.fault("H04")
def test_a_read_by_post_is_sent_again(vendor: responses.RequestsMock, make: Make) -> None:
    script(vendor, 502, 200, method="POST")
    assert make().post("customers", json={"query": "{ customers }"}, safe=True).status == 200


def test_a_write_that_came_too_early_is_sent_again(vendor: responses.RequestsMock, make: Make) -> None:
    script(vendor, 429, 200, method="POST")
    assert make().post("customers", data="name=Bob").status == 200


@pytest.mark.fault("H05")
@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, Refused), (404, Refused), (410, Refused), (422, Refused), (401, AuthError), (403, AuthError)],
)
def test_a_refusal_is_asked_once(
    vendor: responses.RequestsMock, make: Make, clock: FakeClock, status: int, kind: type[ConnectorError]
) -> None:
    script(vendor, status)
    error = failure(lambda: make().get("customers", {"email": "alice@shop.example"}))
    assert type(error) is kind
    assert PAGE in str(error)
    assert len(vendor.calls) == 1
    assert clock.slept == []


@pytest.mark.fault("H05")
def test_a_judge_may_renew_the_token_once(vendor: responses.RequestsMock, make: Make) -> None:
    script(vendor, 401)
    renewed: list[str] = []

    def renew(reply: Reply) -> None:
        if reply.status == 401 and not renewed:
            renewed.append("fresh-token")
            http.set_header("X-Token", "fresh-token")
            raise Again("the token ran out", wait=0)

    http = make(judge=renew)
    assert isinstance(failure(lambda: http.get("customers")), AuthError)
    assert [call.request.headers["X-Token"] for call in vendor.calls] == [TOKEN, "fresh-token"]


def test_a_judge_hears_of_throttling_inside_a_200_and_waits(
    vendor: responses.RequestsMock, make: Make, clock: FakeClock
) -> None:
    vendor.get(PAGE, json={"errors": [{"code": "THROTTLED"}]})
    vendor.get(PAGE, json={"data": 1})

    def judge(reply: Reply) -> None:
        if "errors" in reply.json():
            raise Again("throttled", wait=1.5)

    assert make(judge=judge).get("customers").json() == {"data": 1}
    assert clock.slept == [1.5]


@pytest.mark.fault("H02")
def test_a_bucket_that_others_empty_too_is_waited_for_more_often_than_trouble(
    vendor: responses.RequestsMock, make: Make, clock: FakeClock
) -> None:
    vendor.get(PAGE, json={"customers": []})
    asked: list[int] = []

    def judge(_reply: Reply) -> None:
        asked.append(1)
        if len(asked) < 20:
            raise Again("throttled", wait=0.5)

    assert make(judge=judge).get("customers").ok
    assert clock.slept == [0.5] * 19


@pytest.mark.fault("H10")
def test_a_judge_may_name_the_error_better_and_its_text_is_redacted(vendor: responses.RequestsMock, make: Make) -> None:
    vendor.get(PAGE, json={"errors": "Invalid token"}, status=200)

    def judge(_reply: Reply) -> None:
        raise AuthError(f"the token {TOKEN} is not of this shop")

    assert str(failure(lambda: make(judge=judge).get("customers"))) == "the token •••• is not of this shop"


@pytest.mark.fault("H29")
def test_a_certificate_that_cannot_be_verified_is_named(vendor: responses.RequestsMock, make: Make) -> None:
    vendor.get(PAGE, body=requests.exceptions.SSLError("self-signed, GET /api/customers?q=alice"))
    assert "TLS certificate" in str(failure(lambda: make().get("customers", {"q": "alice"})))


@pytest.mark.fault("A11")
def test_a_password_of_basic_auth_is_a_secret_too(vendor: responses.RequestsMock, make: Make) -> None:
    vendor.get(PAGE, json={})

    def judge(reply: Reply) -> None:
        raise Refused(f"{vendor.calls[0].request.headers['Authorization']} key-us1-secret")

    error = failure(lambda: make(auth=("hub", "key-us1-secret"), judge=judge).get("customers"))
    assert "key-us1-secret" not in str(error)


def test_a_login_in_netrc_does_not_replace_ours(
    vendor: responses.RequestsMock, make: Make, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "netrc").write_text("machine shop.example login mallory password other")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    vendor.get(PAGE, json={})
    make(headers={"Authorization": "Bearer ours"}).get("customers")
    assert vendor.calls[0].request.headers["Authorization"] == "Bearer ours"


def test_the_limiter_is_asked_before_every_try_and_told_after(vendor: responses.RequestsMock, make: Make) -> None:
    heard: list[str] = []

    class Ears:
        def acquire(self, cost: float = 1) -> None:
            heard.append("acquire")

        def release(self) -> None:
            heard.append("release")

    script(vendor, 503, 200)
    make(limiter=Ears()).get("customers")
    assert heard == ["acquire", "release"] * 2
