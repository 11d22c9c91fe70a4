"""Which addresses a request may be sent to when its URL comes from an operator and not from a vendor's folder."""

from __future__ import annotations

import socket
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

Address = IPv4Address | IPv6Address

_NAT64 = IPv6Network("64:ff9b::/96")
_METADATA = frozenset({ip_address("fd00:ec2::254"), ip_address("100.100.100.200"), ip_address("192.0.0.192")})
"""Where clouds tell secrets to whoever asks, apart from the link-local ones."""


class Refused(OSError):
    """The name leads to an address that nothing may be sent to. An OSError, as every other failed connection."""


@dataclass(frozen=True, slots=True)
class Door:
    """Lets connections out to public addresses; with `private` also into the operator's own network.

    Never to link-local addresses and clouds' metadata services.
    """

    private: bool = False

    def way(self, host: str, port: int) -> str:
        """The address to connect to: looked up once, and judged. Raises Refused, or OSError for a name without one.

        Whoever connects must use this very address: a second look-up may be answered with another one.
        """
        found = [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
        if not found or not all(self.lets_out(one) for one in found):
            raise Refused("the name leads to an address inside the own network, or to one that nobody may be sent to")
        return found[0]

    def lets_out(self, address: str) -> bool:
        """Whether this address, or any that is wrapped in it, may be connected to."""
        return all(self._allows(one) for one in _unwrapped(ip_address(address.partition("%")[0])))

    def _allows(self, one: Address) -> bool:
        if one.is_link_local or one.is_multicast or one.is_unspecified or one in _METADATA:
            return False
        return one.is_global or (self.private and (one.is_private or one.is_loopback) and not _is_broadcast(one))


def _is_broadcast(one: Address) -> bool:
    return one.version == 4 and (int(one) >= 240 << 24 or int(one) >> 24 == 0)


def _unwrapped(one: Address) -> list[Address]:
    """The address and the IPv4 addresses that ways from IPv6 to IPv4 carry inside it."""
    if not isinstance(one, IPv6Address):
        return [one]
    if one.ipv4_mapped is not None:
        return [one.ipv4_mapped]
    inner = [one.sixtofour, one.teredo[1] if one.teredo else None]
    inner.append(IPv4Address(int(one) & 0xFFFFFFFF) if one in _NAT64 else None)
    return [one, *(found for found in inner if found is not None)]
