"""Figures for detection, counting, anomalies and calibration; each with its n and an interval."""

from conveyorqc.metrics._bootstrap import (
    Statistic,
    bootstrap_intervals,
    calibration_statistic,
    decision_statistics,
    object_numbers,
    ranking_statistics,
    squared_error_statistic,
    widened,
)
from conveyorqc.metrics._calibration import brier, expected_calibration_error
from conveyorqc.metrics._classification import Scores, as_labels, classification_scores, precision_recall_f1
from conveyorqc.metrics._curves import OperatingPoints, ReliabilityBin, operating_points, reliability
from conveyorqc.metrics._estimate import Estimate, bounded_mean, clopper_pearson
from conveyorqc.metrics._miss_rate import defects_needed, miss_rate_bound
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
from conveyorqc.metrics._threshold import CalibratedThreshold, calibrate_threshold, expected_costs

__all__ = [
    "CalibratedThreshold",
    "CountError",
    "Estimate",
    "ObjectBoxes",
    "ObjectScores",
    "OperatingPoints",
    "ReliabilityBin",
    "Scores",
    "Statistic",
    "as_labels",
    "auroc",
    "average_precision",
    "bootstrap_intervals",
    "bounded_mean",
    "brier",
    "calibrate_threshold",
    "calibration_statistic",
    "classification_scores",
    "clopper_pearson",
    "count_error",
    "decision_statistics",
    "defects_needed",
    "expected_calibration_error",
    "expected_costs",
    "match_boxes",
    "match_objects",
    "miss_rate_bound",
    "object_numbers",
    "object_scores",
    "operating_points",
    "precision_recall_f1",
    "ranking_statistics",
    "reliability",
    "squared_error_statistic",
    "widened",
]
