"""ExtractEntities: what a plant's texts name, where, and what it means."""

from sensorium_text.entities._configuration import ConfiguredEntities, read_entities
from sensorium_text.entities._extractor import EntityExtractor
from sensorium_text.entities._names import DictionaryNames, ModelNames, NameFinder

__all__ = ["ConfiguredEntities", "DictionaryNames", "EntityExtractor", "ModelNames", "NameFinder", "read_entities"]
