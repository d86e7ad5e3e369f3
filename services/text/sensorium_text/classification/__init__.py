"""Classify: trained heads, and classes that a request defines."""

from sensorium_text.classification._classifier import Classifier

__all__ = ["Classifier"]
