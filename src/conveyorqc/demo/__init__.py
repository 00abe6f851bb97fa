"""The article, reproduced: from a simulated belt to one verdict per object and a page that shows it."""

from conveyorqc.demo._demo import run_demo
from conveyorqc.demo._parts import Scene
from conveyorqc.demo._result import DemoResult, Figure, PartCount

__all__ = ["DemoResult", "Figure", "PartCount", "Scene", "run_demo"]
