"""Learning on: which objects to label next, whether a new model is better, and which model judges."""

from conveyorqc.learning._candidates import JudgedObject
from conveyorqc.learning._compare import Comparison, compare
from conveyorqc.learning._event_files import event_file
from conveyorqc.learning._frozen import FrozenSet
from conveyorqc.learning._history import Promotion
from conveyorqc.learning._pictures import judged_objects
from conveyorqc.learning._retrain import Retraining, retrain
from conveyorqc.learning._store import ModelStore
from conveyorqc.learning._suggest import Suggestion, suggest, suggest_objects
from conveyorqc.learning._versioned import Model, VersionedModel

__all__ = [
    "Comparison",
    "FrozenSet",
    "JudgedObject",
    "Model",
    "ModelStore",
    "Promotion",
    "Retraining",
    "Suggestion",
    "VersionedModel",
    "compare",
    "event_file",
    "judged_objects",
    "retrain",
    "suggest",
    "suggest_objects",
]
