"""Another version of a served model: loaded beside the one that serves, tried on records, promoted, or rolled back."""

from sensorium_models.updates._errors import RefusedError, RolledBackError, UpdateError
from sensorium_models.updates._server import Place
from sensorium_models.updates._trial import Rules
from sensorium_models.updates._update import Update, promote, rollback

__all__ = ["Place", "RefusedError", "RolledBackError", "Rules", "Update", "UpdateError", "promote", "rollback"]
