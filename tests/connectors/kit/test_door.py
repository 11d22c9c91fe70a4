"""The door: what an operator's URL may lead to, judged after the name was looked up, and connected to as judged."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from connectors.kit.door import Door, Refused
from connectors.kit.errors import VendorDown
from connectors.kit.http import Http, Patience
from connectors.kit.testing import FakeClock
from connectors.kit.transport import Broken, Limits, Transport

LIMITS = Limits(connect=2, read=2, deadline=5)

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "10.1.2.3",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "::1",
    "fd12:3456::1",
    "::ffff:10.0.0.1",
    "::ffff:127.0.0.1",
]
NEVER = [
    "169.254.169.254",
    "169.254.170.2",
    "::ffff:169.254.169.254",
    "2002:a9fe:a9fe::1",
    "64:ff9b::a9fe:a9fe",
    "fe80::1",
    "fe80::1%eth0",
    "fd00:ec2::254",
    "100.100.100.200",
    "192.0.0.192",
    "0.0.0.0",
    "0.1.2.3",
    "255.255.255.255",
    "240.0.0.1",
    "224.0.0.1",
    "ff02::1",
    "::",
]
PUBLIC = ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"]


@pytest.mark.fault("A10")
@pytest.mark.parametrize("address", [*INSIDE, *NEVER])
def test_nothing_but_public_addresses_is_let_out_to(address: str) -> None:
    assert not Door().lets_out(address)


@pytest.mark.fault("A10")
@pytest.mark.parametrize("address", NEVER)
def test_where_clouds_keep_secrets_is_never_let_out_to(address: str) -> None:
    assert not Door(private=True).lets_out(address)


@pytest.mark.parametrize("address", [*INSIDE, *PUBLIC])
def test_the_own_network_can_be_allowed(address: str) -> None:
    assert Door(private=True).lets_out(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_let_out_to(address: str) -> None:
    assert Door().lets_out(address)


@pytest.mark.fault("A10")
@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1"])
def test_however_the_address_is_written(host: str) -> None:
    with pytest.raises(OSError):
        Door().ways(host, 80)


def _answers(*addresses: str) -> list[Any]:
    return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, 0)) for one in addresses]


@pytest.mark.fault("A10")
def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: _answers("1.1.1.1", "10.0.0.1"))
    with pytest.raises(Refused):
        Door().ways("both.test", 443)


@pytest.fixture
def listener() -> Iterator[tuple[int, list[str]]]:
    """A server on this machine: its port, and the Host of each request."""
    hosts: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer() -> None:
            while True:
                try:
                    taken, _ = server.accept()
                except OSError:
                    return
                with taken:
                    head = taken.recv(4096).decode()
                    hosts.append(next(line for line in head.splitlines() if line.startswith("Host:")))
                    taken.sendall(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n")

        thread = threading.Thread(target=answer)
        thread.start()
        yield server.getsockname()[1], hosts
        server.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.fault("A10")
def test_the_address_that_was_judged_is_the_one_connected_to(
    listener: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name whose second look-up is another one: what is asked a second time would lead elsewhere."""
    port, hosts = listener
    asked: list[str] = []
    known = socket.getaddrinfo

    def rebinding(host: str, *rest: Any, **more: Any) -> Any:
        asked.append(host)
        if host == "rebind.test":
            return _answers("127.0.0.1" if asked.count(host) == 1 else "169.254.169.254")
        return known(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    transport = Transport(LIMITS, {}, None, Door(private=True), may_be_empty=True)
    assert transport.send("POST", f"http://rebind.test:{port}/", data=b"{}").status == 204
    transport.close()
    assert asked.count("rebind.test") == 1
    assert hosts == [f"Host: rebind.test:{port}"]


@pytest.mark.fault("A10")
@pytest.mark.parametrize(
    ("door", "goes"),
    [
        (Door(), False),
        (Door(hosts=frozenset({"crm.lan"})), True),
        (Door(hosts=frozenset({"other.lan"})), False),
        (Door(networks=(ip_network("127.0.0.0/8"),)), True),
        (Door(networks=(ip_network("10.0.0.0/8"),)), False),
        (Door(private=True), True),
    ],
)
def test_of_the_own_network_only_what_was_named_is_connected_to(
    listener: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch, door: Door, goes: bool
) -> None:
    port, hosts = listener
    _leads(monkeypatch, "crm.lan", "127.0.0.1")
    transport = Transport(LIMITS, {}, None, door, may_be_empty=True)
    if goes:
        assert transport.send("POST", f"http://CRM.lan:{port}/", data=b"{}").status == 204
    else:
        with pytest.raises(Broken, match=r"name it in hub.yaml,  network: \{allow: \[crm.lan\]\}"):
            transport.send("POST", f"http://CRM.lan:{port}/", data=b"{}")
    transport.close()
    assert len(hosts) == int(goes)


@pytest.mark.fault("A10")
@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "100.100.100.200", "fd00:ec2::254"])
def test_where_clouds_keep_secrets_is_refused_even_by_name(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    _leads(monkeypatch, "crm.lan", address)
    everything = Door(
        private=True, hosts=frozenset({"crm.lan"}), networks=(ip_network("0.0.0.0/0"), ip_network("::/0"))
    )
    with pytest.raises(Refused, match="nothing may ever be sent there"):
        everything.ways("crm.lan", 80)


@pytest.mark.fault("A10")
def test_a_vendors_client_never_asks_for_a_clouds_secrets_whatever_its_address_says(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _leads(monkeypatch, "shop.test", "169.254.169.254")
    http = Http("http://shop.test", clock=FakeClock(), patience=Patience(tries=1))
    with pytest.raises(VendorDown, match="metadata"):
        http.get("latest/meta-data")
    http.close()


def test_of_several_addresses_the_first_that_answers_is_taken(
    listener: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, hosts = listener
    _leads(monkeypatch, "both.test", "127.0.0.2", "127.0.0.1")  # nobody listens at the first
    transport = Transport(LIMITS, {}, None, Door(private=True), may_be_empty=True)
    assert transport.send("POST", f"http://both.test:{port}/", data=b"{}").status == 204
    transport.close()
    assert len(hosts) == 1


def _leads(monkeypatch: pytest.MonkeyPatch, name: str, *addresses: str) -> None:
    """From here on this name leads there; the others where they lead."""
    known = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *rest, **more: _answers(*addresses) if host == name else known(host, *rest, **more),
    )


@pytest.mark.fault("A10")
def test_no_proxy_is_asked_to_look_a_name_up_for_us(
    listener: tuple[int, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    port, hosts = listener
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{port}")
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{port}")
    transport = Transport(LIMITS, {}, None, Door())
    with pytest.raises(Broken, match="private"):
        transport.send("POST", "http://localhost/", data=b"{}")
    transport.close()
    assert hosts == []
