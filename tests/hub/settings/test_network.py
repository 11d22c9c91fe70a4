"""`network:` in hub.yaml: which of the operator's own hosts may be sent to, and which never."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from hub.settings.network import Network


def test_hosts_and_networks_are_let_out_to_and_nothing_else_inside() -> None:
    door = Network(allow=("CRM.lan", "10.1.0.0/16", "192.168.7.7", "fd12::/16")).door
    allowed = [("10.9.9.9", "crm.lan"), ("10.1.2.3", ""), ("192.168.7.7", ""), ("fd12::1", ""), ("1.1.1.1", "")]
    refused = [("10.9.9.9", "other.lan"), ("10.2.0.1", ""), ("192.168.7.8", ""), ("127.0.0.1", "localhost")]
    assert [door.lets_out(*one) for one in allowed] == [True] * len(allowed)
    assert [door.lets_out(*one) for one in refused] == [False] * len(refused)


@pytest.mark.fault("A10")
@pytest.mark.parametrize("written", ["169.254.169.254", "169.254.0.0/16", "fe80::1", "224.0.0.1", "0.0.0.0", "::"])
def test_where_clouds_keep_secrets_cannot_be_allowed(written: str) -> None:
    with pytest.raises(ValidationError, match="nothing may ever be sent"):
        Network(allow=(written,))


@pytest.mark.parametrize("written", ["", "http://crm.lan", "crm.lan:8080", "10.1.2", "10.1.2.3/99", "a b", "*", "-a"])
def test_what_is_no_host_and_no_network_is_told_of(written: str) -> None:
    with pytest.raises(ValidationError, match="no host and no network"):
        Network(allow=(written,))
