"""Which views of an object are worth having, and how they are cut: aspect kept, padded to a square."""

from conveyorqc.crop._cropper import SquarePadCropper
from conveyorqc.crop._square import square_pad
from conveyorqc.crop._views import BestViews

__all__ = ["BestViews", "SquarePadCropper", "square_pad"]
