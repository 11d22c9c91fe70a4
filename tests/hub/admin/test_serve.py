"""The pages over real HTTP: served for the length of a block, signed in by the link, gone afterwards."""

from __future__ import annotations

import logging
import socket

import pytest
import requests

from hub.admin.serve import serve
from tests.hub.admin.browsing import token_of
from tests.hub.admin.estate import Estate


def test_the_pages_are_there_for_the_length_of_the_block(hub: Estate, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), serve(hub.store, hub.settings) as pages, requests.Session() as browser:
        assert pages.sign_in_url.startswith(f"{pages.url}/sign-in?token=")
        assert browser.get(pages.url, timeout=10).status_code == 401
        assert "Open contact hub" in browser.get(pages.sign_in_url, timeout=10).text
        token = token_of(pages.sign_in_url)
        opened = browser.post(f"{pages.url}/sign-in", data={"token": token}, headers={"Origin": pages.url}, timeout=10)
        assert opened.url == f"{pages.url}/"
        assert "3</b> contacts" in opened.text
        assert "server" not in opened.headers
    ours = [record.getMessage() for record in caplog.records if not record.name.startswith("urllib3")]
    assert "Finished server process" in " ".join(ours)
    assert token not in " ".join(ours)
    with pytest.raises(requests.ConnectionError):
        requests.get(pages.url, timeout=10)


def test_a_port_that_is_taken_is_an_error_at_once(hub: Estate) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match="in use"), serve(hub.store, hub.settings, port=port):
            pass


@pytest.mark.parametrize(
    ("host", "begins"),
    [("127.0.0.1", "http://127.0.0.1:"), ("localhost", "http://localhost:"), ("0.0.0.0", "http://127.0.0.1:")],
)
def test_the_address_is_one_that_a_browser_on_this_machine_can_open(hub: Estate, host: str, begins: str) -> None:
    with serve(hub.store, hub.settings, host) as pages:
        assert pages.url.startswith(begins)
        assert requests.get(pages.sign_in_url, timeout=10).status_code == 200
