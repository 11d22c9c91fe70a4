"""What hub.yaml may say under `network:`: which hosts of the operator's own network the hub may send to."""

from __future__ import annotations

import re
from functools import cached_property
from ipaddress import ip_network
from typing import Annotated

from pydantic import AfterValidator

from connectors.kit.door import Door
from hub.settings.strict import Model
from hub.settings.values import failure

_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9_]([a-z0-9_-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def read_allowed(value: str) -> str:
    written = value.strip().lower()
    try:
        network = ip_network(written)
    except ValueError:
        if re.fullmatch(r"[0-9a-f.:/]*[/:.][0-9a-f.:/]*", written) or not _HOST.fullmatch(written):
            hint = "write crm.lan, 10.1.2.3 or 10.1.0.0/16"
            raise failure("HUB-C005", "this is no host and no network", {"hint": hint}) from None
        return written
    if network.is_link_local or network.is_multicast or network.is_unspecified:
        raise failure("HUB-C005", "nothing may ever be sent to link-local addresses: clouds keep their secrets there")
    return str(network)


class Network(Model):
    """`allow`: hosts and networks that the hub may send notices and alerts to though their addresses are private."""

    allow: tuple[Annotated[str, AfterValidator(read_allowed)], ...] = ()

    @cached_property
    def door(self) -> Door:
        """What lets out to them, and to public addresses."""
        networks = [one for one in self.allow if "/" in one]
        hosts = frozenset(self.allow) - {*networks}
        return Door(hosts=hosts, networks=tuple(ip_network(one) for one in networks))
