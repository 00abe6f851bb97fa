"""HTTPS against a certificate made for ``localhost`` by itself; it and its key are for these tests alone."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from http_service import Service

from conveyorqc.errors import BackendError, BackendUnavailable
from conveyorqc.remote import HttpBackend

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""Key and certificate of ``CN=localhost``, ``subjectAltName=DNS:localhost``, made with openssl, good until 2120."""

PICTURE = np.zeros((8, 8, 3), np.uint8)


@pytest.fixture
def secured() -> Iterator[Service]:
    service = Service()
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(CERTIFICATE)
    service.encrypt(tls)
    with service:
        yield service


def test_a_certificate_that_is_trusted_is_enough(secured):
    with HttpBackend(f"https://localhost:{secured.port}/inspect", ca_file=CERTIFICATE) as backend:
        for _ in range(2):
            assert 1 == len(backend.inspect([PICTURE]))
    assert 1 == secured.connections


@pytest.mark.parametrize(
    ("host", "ca_file"),
    [pytest.param("localhost", None, id="unknown"), pytest.param("127.0.0.1", CERTIFICATE, id="other")],
)
def test_a_certificate_of_somebody_else_is_refused_for_good(secured, host, ca_file):
    with (
        HttpBackend(f"https://{host}:{secured.port}/inspect", ca_file=ca_file) as backend,
        pytest.raises(BackendError, match="cannot trust its certificate") as caught,
    ):
        backend.inspect([PICTURE])
    assert not caught.value.retryable
    assert secured.requests == []


def test_a_server_without_encryption_is_no_server_for_https(service):
    with (
        HttpBackend(f"https://localhost:{service.port}/", ca_file=CERTIFICATE) as backend,
        pytest.raises(BackendUnavailable),
    ):
        backend.inspect([PICTURE])
