"""There and back between our records and the package ``supervision``, and its trackers in place of ours."""

from conveyorqc.interop._detections import from_supervision, to_supervision, tracks_from_supervision
from conveyorqc.interop._tracker import SupervisionTracker

__all__ = ["SupervisionTracker", "from_supervision", "to_supervision", "tracks_from_supervision"]
