"""Anomaly backends that run in this process: a scripted one, one that learns from pictures, and another try for any."""

from conveyorqc.anomaly._backbone import Backbone, LocalTexture
from conveyorqc.anomaly._lesson import DefectMask
from conveyorqc.anomaly._local import Finding, LocalBackend
from conveyorqc.anomaly._report import FewPicturesWarning, TrainingReport
from conveyorqc.anomaly._retry import Retrying
from conveyorqc.anomaly._stub import StubBackend

__all__ = [
    "Backbone",
    "DefectMask",
    "FewPicturesWarning",
    "Finding",
    "LocalBackend",
    "LocalTexture",
    "Retrying",
    "StubBackend",
    "TrainingReport",
]
