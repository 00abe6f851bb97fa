"""A run kept for people: the annotated video, the best views of each object, and the name of the run."""

from conveyorqc.record._crops import CropRecorder
from conveyorqc.record._run_name import run_name
from conveyorqc.record._video import AnnotatedVideo

__all__ = ["AnnotatedVideo", "CropRecorder", "run_name"]
