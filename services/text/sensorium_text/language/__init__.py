"""DetectLanguage: which language a text is written in."""

from sensorium_text.language._detector import LanguageDetector

__all__ = ["LanguageDetector"]
