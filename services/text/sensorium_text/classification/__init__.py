"""Classify: trained heads, and classes that a request defines."""

from sensorium_text.classification._classifier import Classifier
from sensorium_text.classification._label_sets import LabelSetClassifier

__all__ = ["Classifier", "LabelSetClassifier"]
