"""Which addresses a request may be sent to: judged after the name was looked up, for a URL is only what was written."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64 = IPv6Network("64:ff9b::/96")
_METADATA = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200"), ip_address("192.0.0.192")})
"""Where clouds tell secrets to whoever asks, apart from the link-local ones."""


NEVER = "the address is link-local, a cloud's metadata service, or no one machine's: nothing may ever be sent there"
INSIDE = (
    "the address is private, inside the own network: to send there, name it in hub.yaml,  network: {{allow: [{host}]}}"
)


class Refused(OSError):
    """The name leads to an address that nothing may be sent to. An OSError, as every other failed connection."""


@dataclass(frozen=True, slots=True)
class Door:
    """Lets connections out to public addresses; of the operator's own network to these hosts and networks, with
    `private` to all of it.

    Never to link-local addresses and clouds' metadata services.
    """

    private: bool = False
    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def ways(self, host: str, port: int) -> list[str]:
        """The addresses to connect to: looked up once, and judged. Raises Refused, or OSError for a name without one.

        Whoever connects must use these very ones: a second look-up may be answered with another one.
        """
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not all(_may_be_asked(one) for address in found for one in _unwrapped(address)):
            raise Refused(NEVER)
        if not all(self.lets_out(one, host) for one in found):
            raise Refused(INSIDE.format(host=host))
        return found

    def lets_out(self, address: str, host: str = "") -> bool:
        """Whether this address, or any that is wrapped in it, may be connected to; `host`: what led to it."""
        named = self.private or host.rstrip(".").lower() in self.hosts
        return all(self._allows(one, named) for one in _unwrapped(address))

    def _allows(self, one: Address, is_named: bool) -> bool:
        if not _may_be_asked(one):
            return False
        return one.is_global or is_named or any(one in network for network in self.networks)


def _may_be_asked(one: Address) -> bool:
    """Whether it is public, or inside a network that somebody may allow."""
    if one.is_link_local or one.is_multicast or one.is_unspecified or one in _METADATA:
        return False
    return one.is_global or ((one.is_private or one.is_loopback) and not _is_broadcast(one))


def _is_broadcast(one: Address) -> bool:
    return one.version == 4 and (int(one) >= 240 << 24 or int(one) >> 24 == 0)


def _unwrapped(address: str) -> list[Address]:
    """The address and the IPv4 addresses that ways from IPv6 to IPv4 carry inside it."""
    one = ip_address(address.partition("%")[0])
    if not isinstance(one, IPv6Address):
        return [one]
    if one.ipv4_mapped is not None:
        return [one.ipv4_mapped]
    inner = [one.sixtofour, one.teredo[1] if one.teredo else None]
    inner.append(IPv4Address(int(one) & 0xFFFFFFFF) if one in _NAT64 else None)
    return [one, *(found for found in inner if found is not None)]
