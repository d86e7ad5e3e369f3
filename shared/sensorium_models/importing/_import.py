"""From a folder to a served model: check, copy, load, export, compare, put in place."""

import re
from collections.abc import Sequence
from pathlib import Path

from sensorium_models.errors import ModelError
from sensorium_models.importing._folder import check_folder, copy_readable
from sensorium_models.importing._kind import Imported, Kind, Wishes
from sensorium_models.importing._speech import speech_kind
from sensorium_models.importing._text import TEXT
from sensorium_models.workplace import ModelFolder, Workplace

__all__ = ["Imported", "import_model"]

_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SERVICES = ("speech", "text")


def import_model(
    root: Path,
    folder: Path,
    *,
    name: str = "",
    service: str = "text",
    languages: Sequence[str] = (),
    compact: bool = False,
) -> Imported:
    """Make a served model of a local Hugging Face folder.

    Args:
        root: The checkout.
        folder: Holds config.json, safetensors, and what the kind of model needs besides.
        name: Of the model; by default the folder's.
        service: Which service is to use it.
        languages: BCP 47 codes of those that it knows, the default first. A text model that knows English only has
            "en", a Whisper tells by itself.
        compact: Whether the graph may be smaller and faster than exact, where the kind has such a form.

    Raises:
        ModelError: The folder cannot be served, or the name is taken; the text says why and what would be right.
    """
    place = Workplace(root)
    model = _free_place(place, service, name or _name_of(folder))
    check_folder(folder)
    kind = _kind(service, folder)
    with place.scratch() as scratch:
        source, target = scratch / "source", scratch / "target"
        source.mkdir()
        copy_readable(folder, source, kind.needed, kind.optional)
        imported = kind.make(model, source, target, Wishes(tuple(languages), compact, folder.name))
        model.path.parent.mkdir(parents=True, exist_ok=True)
        target.rename(model.path)
    return imported


def _kind(service: str, folder: Path) -> Kind:
    return speech_kind(folder) if service == "speech" else TEXT


def _name_of(folder: Path) -> str:
    return re.sub(r"[^a-z0-9]+", "_", folder.resolve().name.lower()).strip("_")


def _free_place(place: Workplace, service: str, name: str) -> ModelFolder:
    if service not in _SERVICES:
        raise ModelError(f"the {service} service takes no imported models; {' and '.join(_SERVICES)} do")
    if not _NAME.fullmatch(name):
        raise ModelError(f"{name!r} is no name of a model: take small letters, digits and _, a letter first (--name)")
    shipped = place.models()
    if not shipped:
        raise ModelError("there are no models here: run this in Sensorium's checkout")
    # One Triton serves the repositories of all services.
    if any(model.name == name for model in shipped):
        raise ModelError(f"a model that comes with Sensorium is called {name}; choose another --name")
    for path in place.repositories.glob(f"*/{name}"):
        raise ModelError(f"there is a model called {name} already; choose another --name, or remove {path}")
    return ModelFolder(service, name, place.repositories / service / name)
