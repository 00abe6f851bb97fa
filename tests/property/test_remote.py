"""Whatever a service answers, in HTTP or not, it is a verdict or an error of the tree."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from threading import Thread

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conveyorqc.core import Verdict
from conveyorqc.errors import BackendError, BadBackendResponse, InvalidInput
from conveyorqc.remote import HttpBackend, HttpMapping
from conveyorqc.remote._mapping import verdict_of

PICTURE = np.zeros((4, 4, 3), np.uint8)
PARTS = st.sampled_from(["is_anomalous", "confidence", "score", "anomalies", "mask", "model", "name", "area_fraction"])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(PARTS, inner, max_size=6),
    max_leaves=12,
)


class Parrot:
    """Listens on this machine and answers everything with ``data``."""

    data = b""

    def __init__(self) -> None:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        self._thread = Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            talking, _ = self._listening.accept()
            with talking:
                talking.settimeout(1.0)
                if not talking.recv(65_536):  # nobody asks: the end
                    return
                talking.sendall(self.data)

    def close(self) -> None:
        socket.create_connection(self._listening.getsockname()).close()
        self._thread.join()
        self._listening.close()


@pytest.fixture(scope="module")
def parrot() -> Iterator[Parrot]:
    running = Parrot()
    yield running
    running.close()


def outcome(backend: HttpBackend) -> Verdict | BackendError:
    """What comes of one picture; any other error is the test's."""
    try:
        [verdict] = backend.inspect([PICTURE])
    except BackendError as error:
        return error
    return verdict


@given(data=st.binary(max_size=200))
@settings(max_examples=60, deadline=None)
def test_bytes_that_are_no_http_are_an_error_of_the_tree(parrot, data):
    parrot.data = data
    with HttpBackend(parrot.url, timeout_s=2.0) as backend:
        assert isinstance(outcome(backend), Verdict | BackendError)


@given(
    status=st.integers(0, 999),
    headers=st.lists(
        st.tuples(
            st.sampled_from(["Content-Length", "Transfer-Encoding", "Retry-After", "Date", "Location", "Connection"]),
            st.sampled_from(["chunked", "close", "0", "-1", "99999999999999999999", "5", "x"])
            | st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=30),
        ),
        max_size=4,
    ),
    body=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()),
)
@settings(max_examples=120, deadline=None)
def test_broken_http_is_an_error_of_the_tree(parrot, status, headers, body):
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers)
    parrot.data = f"HTTP/1.1 {status:03} Told\r\n{lines}\r\n".encode() + body
    with HttpBackend(parrot.url, timeout_s=2.0) as backend:
        assert isinstance(outcome(backend), Verdict | BackendError)


@given(data=JSON)
@settings(deadline=None)
def test_any_json_is_a_verdict_or_a_bad_response(data):
    try:
        verdict = verdict_of(json.dumps(data).encode(), HttpMapping(), size=(4, 4), source="it")
    except BadBackendResponse as error:
        assert str(error).startswith("it: ")  # noqa: PT017 - either outcome is right
    else:
        assert 0 <= verdict.confidence <= 1


@given(data=st.binary(max_size=100))
def test_any_bytes_are_a_verdict_or_a_bad_response(data):
    with pytest.raises(BadBackendResponse):
        verdict_of(data, HttpMapping(), size=(4, 4), source="it")


@given(url=st.text(max_size=40) | st.text(max_size=30).map("http://".__add__))
@settings(deadline=None)
def test_any_text_is_an_address_or_refused(url):
    try:
        backend = HttpBackend(url)
    except InvalidInput:
        return
    assert url.lower().startswith(("http://", "https://"))
    backend.close()
