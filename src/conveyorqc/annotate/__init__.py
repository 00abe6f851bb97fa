"""Boxes, ids, verdicts, counts and heat maps drawn on frames."""

from conveyorqc.annotate._annotator import FrameAnnotator
from conveyorqc.annotate._heatmap import overlay_heatmap

__all__ = ["FrameAnnotator", "overlay_heatmap"]
