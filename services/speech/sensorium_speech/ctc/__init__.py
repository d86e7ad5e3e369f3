"""Phonemes in sound, by connectionist temporal classification (Graves et al. 2006)."""

from sensorium_speech.ctc._graph import Arc, Graph, GraphBuilder
from sensorium_speech.ctc._viterbi import Lattice, NoPathError, Path, Step, best_path, best_paths

__all__ = ["Arc", "Graph", "GraphBuilder", "Lattice", "NoPathError", "Path", "Step", "best_path", "best_paths"]
