"""Rank: documents by how well they answer a query, by words and by meaning."""

from sensorium_text.ranking._ranker import Ranker

__all__ = ["Ranker"]
