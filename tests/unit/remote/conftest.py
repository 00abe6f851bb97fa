from __future__ import annotations

from collections.abc import Iterator

import pytest
from http_service import Service

from conveyorqc.remote import HttpBackend


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as running:
        yield running


@pytest.fixture
def backend(service: Service) -> Iterator[HttpBackend]:
    with HttpBackend(service.url) as made:
        yield made
