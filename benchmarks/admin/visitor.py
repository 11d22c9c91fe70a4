"""One who looks: a session of its own that opens pages and sends forms as a browser does, each with its time."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

import requests

FORM = re.compile(r'name="form" value="([0-9a-f]+)"')
PATIENCE_SECONDS = 30


class Visitor:
    """Signed in by a link that works once. Raises requests.HTTPError for what could not be shown."""

    def __init__(self, url: str, link: str) -> None:
        self._url = url
        self._session = requests.Session()
        token = link.rpartition("token=")[2]
        self._session.post(f"{url}/sign-in", data={"token": token}, headers={"Origin": url}).raise_for_status()
        found = FORM.search(self.get("/review")[0])
        self._form = found[1] if found else ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def get(self, path: str) -> tuple[str, float]:
        """The page, and how many ms it took from the request to the last byte."""
        return self._timed("GET", path)

    def post(self, path: str, fields: Mapping[str, str]) -> tuple[str, float]:
        """As `get`, of what the script of the Review page sends."""
        return self._timed("POST", path, fields)

    def _timed(self, method: str, path: str, fields: Mapping[str, str] | None = None) -> tuple[str, float]:
        headers = {} if fields is None else {"Origin": self._url, "X-Form-Token": self._form, "X-Review": "script"}
        begun = time.perf_counter()
        answer = self._session.request(method, self._url + path, data=fields, headers=headers, timeout=PATIENCE_SECONDS)
        taken = (time.perf_counter() - begun) * 1_000
        if answer.status_code != requests.codes.conflict:  # somebody else was quicker: that page is an answer too
            answer.raise_for_status()
        return answer.text, taken
