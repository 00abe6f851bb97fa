"""A service on this machine for the tests: it answers as it is told, in whole or in broken HTTP."""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any, Self

SOUND = {"is_anomalous": False, "confidence": 0.75}


@dataclass(frozen=True)
class Request:
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True)
class Told:
    """A whole answer."""

    status: int = 200
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


Raw = Callable[["_Handler"], None]
"""Writes to the connection itself."""


class Service:
    """``answer`` is asked for each request; what was asked and how often was connected is kept."""

    def __init__(self) -> None:
        self.answer: Callable[[Request], Told | Raw] = lambda _request: Told(body=SOUND)
        self.requests: list[Request] = []
        self.connections = 0
        self.lock = Lock()
        self.stopping = Event()
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.service = self
        self._thread = Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_told: object) -> None:
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def encrypt(self, tls: ssl.SSLContext) -> None:
        self._server.socket = tls.wrap_socket(self._server.socket, server_side=True, do_handshake_on_connect=False)

    @property
    def port(self) -> int:
        return self._server.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/inspect"

    def says(self, body: Any, status: int = 200, **headers: str) -> None:
        """Answer everything so; ``retry_after`` is the header Retry-After."""
        named = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        self.answer = lambda _request: Told(status, body, named)

    def writes(self, data: bytes) -> None:
        """Answer everything with these bytes, HTTP or not, and hang up."""

        def raw(handler: _Handler) -> None:
            handler.wfile.write(data)
            handler.close_connection = True

        self.answer = lambda _request: raw


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = True
    service: Service

    def handle_error(self, *_told: object) -> None:
        """Clients that hang up are part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def setup(self) -> None:
        super().setup()
        self.connection.settimeout(2.0)  # a client that forgets to close must not hold the test
        with self.server.service.lock:
            self.server.service.connections += 1

    def do_POST(self) -> None:
        request = Request(self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"])))
        with self.server.service.lock:
            self.server.service.requests.append(request)
        told = self.server.service.answer(request)
        try:
            if isinstance(told, Told):
                self._send(told)
            else:
                told(self)
        except OSError:  # the client hung up
            self.close_connection = True

    def _send(self, told: Told) -> None:
        body = told.body if isinstance(told.body, bytes) else json.dumps(told.body).encode()
        self.send_response(told.status)
        for name, value in told.headers:
            self.send_header(name, value)
        if "Content-Length" not in dict(told.headers):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_told: object) -> None:
        pass
