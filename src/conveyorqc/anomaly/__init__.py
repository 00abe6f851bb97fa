"""Anomaly backends that run in this process: a scripted one, one that learns from pictures, and another try for any."""

from conveyorqc.anomaly._local import LocalBackend
from conveyorqc.anomaly._retry import Retrying
from conveyorqc.anomaly._stub import StubBackend
from conveyorqc.anomaly._training import FewPicturesWarning, TrainingReport

__all__ = ["FewPicturesWarning", "LocalBackend", "Retrying", "StubBackend", "TrainingReport"]
