"""Summarize: the sentences that say most of one or many documents."""

from sensorium_text.summarizing._summarizer import Summarizer

__all__ = ["Summarizer"]
