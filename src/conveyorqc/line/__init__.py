"""The composition: a frame goes in, what became durable comes out; one event per object, whatever fails."""

from conveyorqc.line._inspectors import Background, Inline
from conveyorqc.line._line import InspectionLine, Step

__all__ = ["Background", "Inline", "InspectionLine", "Step"]
