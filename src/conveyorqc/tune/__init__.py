"""Thresholds of a line against labelled boxes: grid search, Optuna, and a page that shows what was tried."""

from conveyorqc.tune._page import trials_csv, tuning_page
from conveyorqc.tune._parameters import Parameters, Value, changed, default_parameters, value_at
from conveyorqc.tune._score import Score, score_detector
from conveyorqc.tune._search import GridSearch, OptunaSearch, Scoring, Search
from conveyorqc.tune._tune import Trial, TuningResult, labelled_frames, tune

__all__ = [
    "GridSearch",
    "OptunaSearch",
    "Parameters",
    "Score",
    "Scoring",
    "Search",
    "Trial",
    "TuningResult",
    "Value",
    "changed",
    "default_parameters",
    "labelled_frames",
    "score_detector",
    "trials_csv",
    "tune",
    "tuning_page",
    "value_at",
]
