"""What Http makes of a wire that breaks, lies or never ends; the vendor is a server of bare sockets."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable
from contextlib import closing

import pytest

from connectors.kit import faultserver as wire
from connectors.kit.errors import BadPayload, ConfigError, VendorDown
from connectors.kit.faultserver import FaultServer
from connectors.kit.http import Http, Patience, Reply
from connectors.kit.testing import FakeClock

TOKEN = "shpat_0123456789abcdef"
PAGE = json.dumps({"customers": [{"id": n, "name": f"Alice the {n}th"} for n in range(300)]}).encode()
IMPATIENT = Patience(tries=1, deadline=0.3, read=0.2)


def ask(server: FaultServer, *, patience: Patience | None = None) -> Reply:
    headers = {"X-Shopify-Access-Token": TOKEN}
    with closing(Http(server.base_url, headers=headers, patience=patience or Patience(), clock=FakeClock())) as http:
        return http.get("customers", {"email": "alice@shop.example"})


@pytest.mark.fault("H06")
@pytest.mark.parametrize("at", range(0, len(PAGE), 1024))
def test_a_page_cut_anywhere_is_fetched_anew(at: int) -> None:
    with FaultServer(wire.cut(PAGE, at), wire.cut_chunked(PAGE, at), wire.whole(PAGE)) as server:
        assert ask(server).content == PAGE
        assert len(server.heads) == 3


@pytest.mark.fault("H06")
def test_a_reset_connection_is_tried_again() -> None:
    with FaultServer(
        wire.reset(), wire.raw(b""), wire.raw(b"HTTP/1.1 200 OK\r\nContent-Le"), wire.whole(PAGE)
    ) as server:
        assert ask(server).content == PAGE


@pytest.mark.fault("H06")
@pytest.mark.parametrize("broken", [wire.reset(), wire.cut(PAGE, 2000), wire.cut_chunked(PAGE, 2000), wire.raw(b"?")])
def test_a_wire_that_stays_broken_is_the_vendors_fault(broken: wire.Behaviour) -> None:
    with FaultServer(broken) as server:
        with pytest.raises(VendorDown) as caught:
            ask(server)
        assert "alice" not in str(caught.value)
        assert len(server.heads) == 5


def test_a_port_nobody_listens_at_is_the_vendors_fault() -> None:
    with FaultServer(wire.reset()) as server:
        pass
    with pytest.raises(VendorDown):
        ask(server)


@pytest.mark.fault("H11")
@pytest.mark.parametrize("layers", [1, 2])
def test_a_gzip_bomb_is_not_unpacked(layers: int) -> None:
    with FaultServer(wire.bomb(200, layers)) as server:
        tracemalloc.start()
        at = time.monotonic()
        with pytest.raises(BadPayload, match="200 times its size"):
            ask(server, patience=Patience(refetches=0))
        took, (_, peak) = time.monotonic() - at, tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert took < 1
        assert peak < 20 * 1024 * 1024


@pytest.mark.fault("H11")
def test_a_small_page_may_be_as_dense_as_it_likes() -> None:
    with FaultServer(wire.bomb(1)) as server:
        assert len(ask(server, patience=Patience(refetches=0)).content) == 1024 * 1024


@pytest.mark.fault("H11")
@pytest.mark.fault("H12")
def test_an_endless_body_is_left_at_the_size_limit() -> None:
    with FaultServer(wire.endless_body()) as server, pytest.raises(BadPayload, match="larger than"):
        ask(server, patience=Patience(refetches=0))


@pytest.mark.fault("H12")
@pytest.mark.parametrize("slow", [wire.slow_body, wire.slow_header, wire.endless_headers], ids=lambda b: b.__name__)
def test_a_vendor_that_trickles_is_left_at_the_deadline(slow: Callable[[], wire.Behaviour]) -> None:
    with FaultServer(slow()) as server:
        at = time.monotonic()
        with pytest.raises(VendorDown):
            ask(server, patience=IMPATIENT)
        assert time.monotonic() - at < 1


@pytest.mark.fault("H12")
def test_the_deadline_is_said() -> None:
    with FaultServer(wire.slow_body()) as server, pytest.raises(VendorDown, match=r"no whole reply within 0\.3 s"):
        ask(server, patience=IMPATIENT)


@pytest.mark.fault("H12")
def test_a_vendor_that_says_nothing_is_left_after_one_read() -> None:
    with FaultServer(wire.trickle(b"", b"", every=60)) as server, pytest.raises(VendorDown, match="no answer in time"):
        ask(server, patience=Patience(tries=1, read=0.1))


@pytest.mark.fault("H13")
def test_the_host_of_a_redirect_never_sees_the_secret() -> None:
    with (
        FaultServer(wire.whole(b"{}")) as stranger,
        FaultServer(wire.redirect(stranger.base_url + "/customers")) as vendor,
    ):
        with pytest.raises(ConfigError):
            ask(vendor)
        assert TOKEN.encode() in vendor.heads[0]
        assert stranger.heads == []


@pytest.mark.fault("H11")
@pytest.mark.fault("H13")
def test_a_bomb_in_a_redirect_is_not_unpacked_either() -> None:
    with FaultServer(wire.bomb(100, status="302 Found", more="Location: /customers")) as server:
        with pytest.raises(BadPayload, match="200 times its size"):
            ask(server, patience=Patience(refetches=0))
        assert len(server.heads) == 1


@pytest.mark.fault("H13")
def test_a_redirect_at_home_keeps_the_secret() -> None:
    with FaultServer(wire.redirect("/customers/all"), wire.whole(b"[]")) as vendor:
        assert ask(vendor).json() == []
        assert vendor.heads[1].startswith(b"GET /customers/all HTTP/1.1")
        assert TOKEN.encode() in vendor.heads[1]
