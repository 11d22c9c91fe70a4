"""Servers that take alerts over real sockets: a mail server of a few verbs, and a web server that remembers."""

from __future__ import annotations

import base64
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass
class Mailbox:
    """What the mail server has taken, and how it is to behave. `port` is where it listens on 127.0.0.1."""

    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    refuses: bool = False


class _Conversation(socketserver.StreamRequestHandler):
    """One client of the mail server; the box is the server's."""

    def handle(self) -> None:
        self._say("220 mail.test")
        while line := self.rfile.readline().decode().strip():
            verb = line.partition(" ")[0].upper()
            self._data() if verb == "DATA" else self._say(self._answer(verb, line))
            if verb == "QUIT":
                return

    @property
    def _box(self) -> Mailbox:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        return box

    def _answer(self, verb: str, line: str) -> str:
        if verb == "EHLO":
            return "250-mail.test\r\n250 AUTH PLAIN"
        if verb == "AUTH":
            self._box.logins.append(base64.b64decode(line.split()[2]).decode().replace("\0", " ").strip())
            return "235 welcome"
        if verb == "RCPT" and self._box.refuses:
            return "451 later"
        if verb == "RCPT":
            self._box.recipients.append(line.partition("<")[2].rstrip(">"))
        return "221 bye" if verb == "QUIT" else "250 ok"

    def _data(self) -> None:
        self._say("354 go on")
        body = b""
        while not body.endswith(b"\r\n.\r\n"):
            body += self.rfile.readline()
        found = message_from_bytes(body[:-3].replace(b"\r\n", b"\n"), policy=policy.default)
        assert isinstance(found, EmailMessage)
        self._box.mails.append(found)
        self._say("250 taken")

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Conversation) as server:
        box = Mailbox(server.server_address[1])
        server.box = box  # type: ignore[attr-defined]
        with _running(server):
            yield box


@dataclass
class Receiver:
    """What the web server was sent: (path, headers in small letters, body). `statuses` are used up first."""

    url: str = ""
    posts: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    location: str = ""
    retry_after: str = ""


@contextmanager
def web_server() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.posts.append((self.path, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(found.statuses.pop(0) if found.statuses else 200)
            if found.location:
                self.send_header("Location", found.location)
            if found.retry_after:
                self.send_header("Retry-After", found.retry_after)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        found.url = f"http://127.0.0.1:{server.server_address[1]}"
        with _running(server):
            yield found


@contextmanager
def _running(server: socketserver.BaseServer) -> Iterator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
