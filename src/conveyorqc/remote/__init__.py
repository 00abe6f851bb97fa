"""A model behind a URL: pictures out, verdicts in, with every failure of the way there as an error of its own."""

from conveyorqc.remote._backend import HttpBackend
from conveyorqc.remote._mapping import HttpMapping

__all__ = ["HttpBackend", "HttpMapping"]
