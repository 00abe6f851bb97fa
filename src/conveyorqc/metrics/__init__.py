"""Figures for detection, counting, anomalies and calibration; each with its n and an interval."""

from conveyorqc.metrics._calibration import brier, expected_calibration_error
from conveyorqc.metrics._classification import Scores, classification_scores, precision_recall_f1
from conveyorqc.metrics._estimate import Estimate, bounded_mean, clopper_pearson
from conveyorqc.metrics._objects import (
    CountError,
    ObjectBoxes,
    ObjectScores,
    count_error,
    match_boxes,
    match_objects,
    object_scores,
)
from conveyorqc.metrics._ranking import auroc, average_precision

__all__ = [
    "CountError",
    "Estimate",
    "ObjectBoxes",
    "ObjectScores",
    "Scores",
    "auroc",
    "average_precision",
    "bounded_mean",
    "brier",
    "classification_scores",
    "clopper_pearson",
    "count_error",
    "expected_calibration_error",
    "match_boxes",
    "match_objects",
    "object_scores",
    "precision_recall_f1",
]
