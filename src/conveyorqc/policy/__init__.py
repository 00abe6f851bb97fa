"""Many views to one verdict, and a verdict to what happens to the object."""

from conveyorqc.policy._disposition import DispositionPolicy
from conveyorqc.policy._views import KOfN, MaxPolicy, MeanPolicy

__all__ = ["DispositionPolicy", "KOfN", "MaxPolicy", "MeanPolicy"]
