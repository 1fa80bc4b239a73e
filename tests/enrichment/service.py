"""A real HTTP server on this machine that replays replies, and misbehaves on demand."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

__all__ = ["Asked", "Replay", "Reply", "serving"]


@dataclass
class Reply:
    """What the server sends: and how badly."""

    body: bytes = b"{}"
    status: int = 200
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None  # bytes that are sent before the connection is closed
    drip: bool = False  # one byte, and then nothing more until the client hangs up

    @classmethod
    def of(cls, document: Any, **more: Any) -> Reply:
        """A JSON reply."""
        return cls(json.dumps(document, ensure_ascii=False).encode(), **more)

    def zipped(self) -> Reply:
        """The same reply, compressed."""
        packed = gzip.compress(self.body)
        return Reply(packed, self.status, self.content_type, {"Content-Encoding": "gzip"})


@dataclass(frozen=True)
class Asked:
    """One request as the server saw it."""

    path: str
    query: dict[str, str]
    headers: dict[str, str]


Answer = Callable[[Asked], Reply]


class Replay:
    """Routes of one server and what was asked of it.

    A route is a prefix of the path; its answers are given in turn, the last one for ever.
    """

    def __init__(self) -> None:
        self.routes: dict[str, list[Reply | Answer]] = {}
        self.asked: list[Asked] = []
        self.url = ""
        self._lock = threading.Lock()

    def on(self, prefix: str, *answers: Reply | Answer) -> None:
        self.routes[prefix] = list(answers)

    def reply(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
            fitting = [prefix for prefix in self.routes if asked.path.startswith(prefix)]
            if not fitting:
                return Reply(b"nothing here", 404, "text/plain")
            answers = self.routes[max(fitting, key=len)]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
        return answer(asked) if callable(answer) else answer


@contextmanager
def serving() -> Iterator[Replay]:
    """A `Replay` behind a socket of this machine."""
    replay = Replay()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each body waits 40 ms for its head's acknowledgement

        def do_GET(self) -> None:  # the name that http.server looks for
            parts = urlsplit(self.path)
            query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
            asked = Asked(parts.path, query, {k.lower(): v for k, v in self.headers.items()})
            self._send(replay.reply(asked))

        def _send(self, reply: Reply) -> None:
            tag = reply.headers.get("ETag")
            if tag and self.headers.get("If-None-Match") == tag:
                self.send_response(304)
                self.send_header("ETag", tag)
                self.end_headers()
                return
            self.send_response(reply.status)
            for name, value in {"Content-Type": reply.content_type, **reply.headers}.items():
                self.send_header(name, value)
            if "Content-Length" not in reply.headers:
                self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            try:
                if reply.drip:
                    self.wfile.write(reply.body[:1])
                    self.wfile.flush()
                    self.rfile.read(1)  # nothing more until the client hangs up
                else:
                    self.wfile.write(reply.body[: reply.cut_after])
            except OSError:  # the client gave up, as it should
                self.close_connection = True
            if reply.cut_after is not None:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    replay.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield replay
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
