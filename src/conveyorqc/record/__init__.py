"""A run kept for people: the annotated video, and the name under which its events are found again."""

from conveyorqc.record._run_name import run_name
from conveyorqc.record._video import AnnotatedVideo

__all__ = ["AnnotatedVideo", "run_name"]
