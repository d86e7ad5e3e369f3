"""`sensorium models import`: a local Hugging Face folder becomes a served Triton model.

Only files that are listed here are read, from a private copy: no code, no pickle, no network. The exported graph is
compared with the network on texts before it is put in its place.
"""

from sensorium_models.importing._import import Imported, import_model

__all__ = ["Imported", "import_model"]
