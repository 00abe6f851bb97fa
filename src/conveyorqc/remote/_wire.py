"""HTTP exchanges with one server: bounded in time and size, over connections that stay open."""

from __future__ import annotations

import contextlib
import selectors
import socket
import ssl
from collections.abc import Iterator, Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection, IncompleteRead
from pathlib import Path
from queue import Empty, LifoQueue
from threading import Event, Timer

from conveyorqc.errors import BackendError, BackendUnavailable, BadBackendResponse, InvalidInput
from conveyorqc.remote._address import Address
from conveyorqc.remote._status import Reply

__all__ = ["Wire"]

_AT_ONCE = 65_536


class Wire:
    """Sends requests to one address over a few connections, which are kept and used again.

    Safe to use from several threads: who finds every connection taken waits for one. Proxies are not used, and
    certificates of servers are always verified.

    Args:
        address: of the service.
        connections: at most this many at a time.
        timeout_s: for one exchange from the first byte sent to the last one received.
        connect_timeout_s: for making a connection.
        max_response_bytes: larger answers are not read to their end.
        ca_file: certificates to trust (PEM) in place of those of the system.

    Raises:
        InvalidInput: if ``ca_file`` holds no certificates.
    """

    def __init__(
        self,
        address: Address,
        /,
        *,
        connections: int,
        timeout_s: float,
        connect_timeout_s: float,
        max_response_bytes: int,
        ca_file: Path | str | None,
    ) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._connect_timeout_s = connect_timeout_s
        self._max_response_bytes = max_response_bytes
        self._tls = _tls(ca_file) if address.secure else None
        self._free: LifoQueue[HTTPConnection | None] = LifoQueue()
        for _ in range(connections):
            self._free.put(None)

    def post(self, body: bytes, headers: Mapping[str, str], /) -> Reply:
        """The answer to one POST, whatever its status.

        Raises:
            BackendUnavailable: if the server cannot be reached, hangs up or is too slow.
            BadBackendResponse: if it does not speak HTTP, or says too much.
            BackendError: if its certificate cannot be trusted.
        """
        connection, keep = self._free.get(), False
        try:
            connection = self._usable(connection)
            reply, keep = self._exchange(connection, body, headers)
            return reply
        finally:
            if connection is not None and not keep:
                connection.close()
            self._free.put(connection if keep else None)

    def close(self) -> None:
        """Close the connections that nobody is using; a later `post` makes new ones."""
        unused = []
        with contextlib.suppress(Empty):
            while True:
                unused.append(self._free.get_nowait())
        for connection in unused:
            if connection is not None:
                connection.close()
            self._free.put(None)

    def _usable(self, kept: HTTPConnection | None) -> HTTPConnection:
        """The kept connection unless the server hung up meanwhile (then its end is there to be read), or a new one."""
        if kept is not None and not _readable(kept.sock):
            return kept
        if kept is not None:
            kept.close()
        host, port, timeout = self._address.host, self._address.port, self._connect_timeout_s
        if self._tls is not None:
            return HTTPSConnection(host, port, timeout=timeout, context=self._tls)
        return HTTPConnection(host, port, timeout=timeout)

    def _exchange(self, connection: HTTPConnection, body: bytes, headers: Mapping[str, str]) -> tuple[Reply, bool]:
        """The answer, and whether the connection can be used again."""
        expired = Event()
        with self._translated(expired):
            if connection.sock is None:
                connection.connect()
            connection.sock.settimeout(self._timeout_s)
            with _cut_after(self._timeout_s, connection.sock, expired):
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may answer before it read all
                    connection.request("POST", self._address.target, body=body, headers=dict(headers))
                with connection.getresponse() as response:
                    answer = _read(response, self._max_response_bytes, self._address)
        named = {name.lower(): value for name, value in response.getheaders()}
        return Reply(response.status, named, answer), not (response.will_close or expired.is_set())

    @contextlib.contextmanager
    def _translated(self, expired: Event) -> Iterator[None]:
        """Every way in which an exchange fails as an error of this library."""
        try:
            yield
        except ssl.SSLCertVerificationError as error:
            raise BackendError(f"{self._address}: cannot trust its certificate: {error.verify_message}") from error
        except (OSError, HTTPException, ValueError) as error:  # ValueError: numbers in HTTP that are none
            if expired.is_set() or isinstance(error, TimeoutError):
                limits = f"{self._connect_timeout_s:g} s to connect, {self._timeout_s:g} s to answer"
                raise BackendUnavailable(f"{self._address}: not in time ({limits})") from error
            if isinstance(error, OSError | IncompleteRead):
                raise BackendUnavailable(f"{self._address}: {error}") from error
            raise BadBackendResponse(f"{self._address}: expected HTTP, got {error!r:.200}") from error


def _read(response: HTTPResponse, most: int, source: object) -> bytes:
    """All of the answer, piece by piece: `read` would believe a server that declares a piece of negative length."""
    answer = bytearray()
    while piece := response.read1(_AT_ONCE):
        answer += piece
        if len(answer) > most:
            raise BadBackendResponse(f"{source}: expected an answer of at most {most} bytes, got more")
    if response.length:
        raise IncompleteRead(bytes(answer), response.length)
    return bytes(answer)


@contextlib.contextmanager
def _cut_after(seconds: float, sock: socket.socket, expired: Event) -> Iterator[None]:
    """Cut ``sock`` when all of it takes longer: a socket's own timeout begins anew with each byte that drips in."""

    def cut() -> None:
        expired.set()
        with contextlib.suppress(OSError):  # it is gone already
            socket.socket.shutdown(sock, socket.SHUT_RDWR)

    watch = Timer(seconds, cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _readable(sock: socket.socket) -> bool:
    """Whether something is there to be read; the end of the stream is."""
    with selectors.DefaultSelector() as selector:
        selector.register(sock, selectors.EVENT_READ)
        return bool(selector.select(0))


def _tls(ca_file: Path | str | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError; ValueError: a null byte in the name
        raise InvalidInput(f"ca_file: expected certificates in PEM, got {str(ca_file)!r}: {error}") from error
