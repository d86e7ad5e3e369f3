"""What answers: this suite, Triton without it, and what a user would pick instead."""

from bench.comparison.systems._base import NotReadyError, Running, System
from bench.comparison.systems._peers import PEERS
from bench.comparison.systems._suite import DirectTriton, Suite

__all__ = ["SYSTEMS", "NotReadyError", "Running", "System"]

SYSTEMS: tuple[System, ...] = (Suite(), DirectTriton(), *PEERS)
"""All systems that are asked over a network, this suite first."""
