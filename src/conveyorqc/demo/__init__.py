"""The article, reproduced: from a simulated belt to one verdict per object and a page that shows it."""

from conveyorqc.demo._demo import run_demo
from conveyorqc.demo._figures import DemoResult, Figure
from conveyorqc.demo._parts import Scene

__all__ = ["DemoResult", "Figure", "Scene", "run_demo"]
