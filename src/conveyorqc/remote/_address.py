"""Where a service is: its URL, and the headers that go with every request."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from conveyorqc.errors import ConfigError, InvalidInput

__all__ = ["Address", "address_of", "checked_headers", "secret_headers"]

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_OURS = frozenset({"content-type", "content-length", "host", "transfer-encoding", "connection", "accept-encoding"})


@dataclass(frozen=True, slots=True)
class Address:
    """A URL, taken apart."""

    secure: bool
    host: str
    port: int
    target: str

    def __str__(self) -> str:
        """Without the query, which may hold a key."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.secure else 'http'}://{host}:{self.port}{self.target.partition('?')[0]}"

    @property
    def on_this_machine(self) -> bool:
        """Whether what is sent stays on this machine."""
        return self.host in ("localhost", "::1") or self.host.startswith("127.")


def address_of(url: str, /) -> Address:
    """``url`` taken apart.

    Raises:
        InvalidInput: if it is no http or https URL, or holds a password, a fragment or characters that no URL has.

    >>> str(address_of("https://qc.example/inspect?key=7"))
    'https://qc.example:443/inspect'
    """
    wanted = "url: expected http://host/path or https://host/path"
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError as error:  # a port or a host that is none
        raise InvalidInput(f"{wanted}, got one whose host or port cannot be read") from error
    if "@" in parts.netloc:
        raise InvalidInput("url: expected no user or password in it, got one: give headers_from_env")
    if parts.scheme not in ("http", "https") or not host or parts.fragment or re.search(r"[^!-~]", parts.path + url):
        raise InvalidInput(f"{wanted}, got {url!r:.200}")
    secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(secure, host, port or (443 if secure else 80), target)


def checked_headers(headers: Mapping[str, str], /) -> dict[str, str]:
    """``headers``, fit to be sent.

    Raises:
        InvalidInput: if a name or a value is none, or this library sets it. The text does not repeat values.
    """
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or name.lower() in _OURS:
            raise InvalidInput(f"headers: expected the name of a header that is free to set, got {name!r}")
        if re.search(r"[^\t -~]", value) or value != value.strip():
            raise InvalidInput(f"headers: expected a line of ASCII text for {name}, got something else")
    return dict(headers)


def secret_headers(variables: Mapping[str, str], /) -> dict[str, str]:
    """Headers whose values stand in environment variables.

    Raises:
        ConfigError: if a variable is not set or empty.
        InvalidInput: as `checked_headers`.
    """
    found = {}
    for name, variable in variables.items():
        value = os.environ.get(variable, "")
        if not value:
            raise ConfigError(f"headers_from_env: expected {name} in the environment variable {variable}, got nothing")
        found[name] = value
    return checked_headers(found)
