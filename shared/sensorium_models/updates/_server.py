"""Triton, as an update uses it."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sensorium_core.errors import DeadlineExceededError, SensoriumError
from sensorium_core.triton import TritonClient
from sensorium_models.embedded.access import Access, open_client, read_access
from sensorium_models.embedded.settings import TritonSettings
from sensorium_models.embedded.stubs import Stubs
from sensorium_models.recipe import Predict, Tensors
from sensorium_models.updates._errors import RefusedError
from sensorium_models.updates._versions import Versions

_CALL_S = 10.0
_INFER_S = 60.0
_RETRY_S = 0.2
_MARK = ".candidate-"


@dataclass(frozen=True)
class Place:
    """Where the models are served.

    Attributes:
        settings: of the embedded Triton; the repository and the certificates are taken from them.
        other: a server that is not embedded but reads the same repository, in explicit model control mode.
        load_timeout: longest load of a model, in seconds.
    """

    settings: TritonSettings
    other: Access | None = None
    load_timeout: float = 120.0

    @asynccontextmanager
    async def server(self) -> "AsyncIterator[Server]":
        """The server that runs now.

        Raises:
            RefusedError: TRITON_UNAVAILABLE.
        """
        access = self.other or read_access(self.settings)
        if access is None:
            text = f"no Triton runs here with the models in {self.settings.repositories}: start it with `sensorium up`"
            raise RefusedError(text, "TRITON_UNAVAILABLE")
        async with open_client(self.settings, access) as client:
            yield Server(client, access, self)


class Server:
    """A running server whose models may be changed."""

    def __init__(self, client: TritonClient, access: Access, place: Place) -> None:
        self._client = client
        self._access = access
        self._place = place

    async def mend(self, versions: Versions) -> bool:
        """Undoes what an update that was cut off has left: candidates, or another version than the files say.

        Returns:
            Whether there was anything.

        Raises:
            SensoriumError: The server does not answer.
        """
        loaded = await self._client.loaded_versions(_CALL_S)
        left = [name for name in loaded if name.startswith(f"{versions.name}{_MARK}")]
        for name in left:
            await self._client.unload(name, _CALL_S)
        wrong = loaded.get(versions.name) != {str(versions.serving)}
        if wrong:
            await self.serve(versions, versions.serving)
        return wrong or bool(left)

    async def serve(self, versions: Versions, number: int) -> None:
        """Loads a version in the place of the one that is loaded, whose requests in flight finish.

        Raises:
            SensoriumError: It cannot be loaded; the one before goes on.
        """
        try:
            await self._client.load(versions.name, self._place.load_timeout, config=versions.config(number))
        except DeadlineExceededError:
            self._end_loading(versions.folder / str(number))
            raise

    async def check(self, versions: Versions, number: int) -> None:
        """Sees that a version, and no other, answers the canary.

        Raises:
            SensoriumError: The model does not answer.
            ValueError: Another version is loaded.
        """
        await self._client.canary(versions.name, _CALL_S)
        loaded = (await self._client.loaded_versions(_CALL_S)).get(versions.name, set())
        if str(number) not in loaded:
            raise ValueError(f"version {', '.join(sorted(loaded)) or 'none'} is loaded; Triton was restarted")

    @asynccontextmanager
    async def beside(self, config: Any, files: Mapping[str, Path]) -> AsyncIterator[Predict]:
        """Loads a candidate under a name of its own, beside the version that serves; gives what asks it.

        It lies in no folder of the repository, so that nothing of it is left if everything here dies.

        Raises:
            SensoriumError: It cannot be loaded.
        """
        aside = type(config)()
        aside.CopyFrom(config)
        aside.name = f"{config.name}{_MARK}{secrets.token_hex(4)}"
        content = {f"1/{name}": await asyncio.to_thread(file.read_bytes) for name, file in files.items()}
        try:
            await self._client.load(aside.name, self._place.load_timeout, config=aside, files=content)
            del content
            yield self.asking(aside.name)
        except DeadlineExceededError:
            self._end_loading(None)
            raise
        finally:
            await self._forget(aside.name)

    def asking(self, name: str, version: str = "") -> Predict:
        """What asks a model, or one version of it, for all outputs."""

        async def predict(inputs: Tensors) -> Tensors:
            return (await self._client.infer(name, inputs, [], timeout=_INFER_S, version=version)).outputs

        return predict

    async def _forget(self, name: str) -> None:
        try:
            await self._client.unload(name, _CALL_S)
        except SensoriumError:
            return  # it was never loaded, or the server is gone and the candidate with it

    def _end_loading(self, version: Path | None) -> None:
        """Ends the process of a version that hangs while it is loaded; without a folder, that of a candidate."""
        if not self._access.shm_prefix:
            return
        repositories = [path.resolve() for path in self._place.settings.repositories.glob("*/")]

        def doomed(folder: Path) -> bool:
            if version is not None:
                return folder.resolve() == version.resolve()
            return folder.parent.parent.resolve() not in repositories

        Stubs(self._access.shm_prefix).kill_versions(doomed)


async def restore(place: Place, versions: Versions, seconds: float) -> bool:
    """Makes the version that the files name serve again, whatever has happened; whether it does.

    A server that has been restarted meanwhile has another key, and serves that version already.
    """
    try:
        async with asyncio.timeout(seconds):
            while True:
                try:
                    async with place.server() as server:
                        await server.serve(versions, versions.serving)
                        await server.check(versions, versions.serving)
                        return True
                except (SensoriumError, RefusedError, ValueError):
                    await asyncio.sleep(_RETRY_S)
    except TimeoutError:
        return False
