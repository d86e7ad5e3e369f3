"""A served model dies, is loaded anew, and gets other versions: promoted, refused, rolled back, cut off in the middle.

Callers ask all the time, as a service does, and hold each answer against what the version that gave it is to say. But
for the death of the model's process no call fails, and none is ever answered wrong.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from onnx import helper, numpy_helper

from integration.secured import ROOT, running_triton
from sensorium_core.call import Call, serving
from sensorium_core.errors import SensoriumError, UnavailableError
from sensorium_core.health import HealthMonitor
from sensorium_core.telemetry import Metrics
from sensorium_core.triton import CircuitOpenError, ModelCatalog, ModelSpec, ServedModel, TensorSpec, TritonClient
from sensorium_models.embedded.access import Access, open_client, read_access
from sensorium_models.embedded.settings import TritonSettings
from sensorium_models.embedded.stubs import Stubs
from sensorium_models.inference import open_session
from sensorium_models.updates import Place, RefusedError, RolledBackError, Rules, Update, promote, rollback
from sensorium_models.updates._versions import Versions

pytestmark = [pytest.mark.integration, pytest.mark.faults]

MODEL = "ppocr_line_orientation"
SPEC = ModelSpec(
    MODEL, (TensorSpec("image", "UINT8", (-1, 48, 192, 3)),), (TensorSpec("probabilities", "FP32", (-1, 2)),)
)
OTHER = ModelSpec(
    "nestor_major_system",
    (TensorSpec("input_ids", "INT32", (-1, -1)),),
    (TensorSpec("probabilities", "FP32", (-1, 7)),),
)
WORDS = {"input_ids": np.arange(8, dtype=np.int32)[None]}
CALLERS = 4
# Where an update is killed; the last is the worst, since callers have the new version already.
ALL = bool(os.environ.get("SENSORIUM_TEST_ALL"))  # `make test-updates`
MOMENTS = ["loading the candidate", "placed as", "answers callers"][0 if ALL else 2 :]
CLOSE = Rules(tolerance=0.1)
LINES = np.random.default_rng(5).integers(0, 256, (CALLERS, 48, 192, 3), np.uint8)

PYTHON_CANDIDATE = """
import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils
from pathlib import Path


class TritonPythonModel:
    def initialize(self, args):
        folder = Path(args["model_repository"]) / args["model_version"]
        self.beside = folder.parent.name != "ppocr_line_orientation"
        {at_load}
        self.answered = 0
        self.session = onnxruntime.InferenceSession(str(folder / "original.onnx"), providers=["CPUExecutionProvider"])

    def execute(self, requests):
        self.answered += 1
        if not self.beside and self.answered > 1:  # the first is the warm-up
            raise RuntimeError("this version works only as long as nobody needs it")
        found = [self.session.run(None, {{"image": request.inputs()[0].as_numpy()}})[0] for request in requests]
        return [pb_utils.InferenceResponse([pb_utils.Tensor("probabilities", one)]) for one in found]
"""


@dataclass(frozen=True)
class Served:
    """A Triton with one model, and what is needed to update it."""

    folder: Path
    address: str

    @property
    def access(self) -> Access:
        access = read_access(self.settings)
        assert access is not None
        return access

    @property
    def server(self) -> int:
        """Triton's own process: the parent of those of its models."""
        stat = Path(f"/proc/{min(self.processes())}/stat").read_text()
        return int(stat.rpartition(")")[2].split()[1])

    def processes(self, *models: str) -> set[int]:
        """Those that Triton runs these models in, or all: one each, and for a moment one that ends."""
        running = Stubs(self.access.shm_prefix)._running()
        return {stub.pid for stub in running if not models or stub.model in models}

    @property
    def settings(self) -> TritonSettings:
        return TritonSettings(repositories=self.folder / "models")

    @property
    def place(self) -> Place:
        return Place(self.settings, load_timeout=20)

    @property
    def versions(self) -> Versions:
        return Versions(self.folder / "models" / "one" / MODEL)

    def promote(
        self, candidate: Path | int, rules: Rules = CLOSE, *, load_timeout: float = 20, watch: float = 0.3
    ) -> Update:
        place = Place(self.settings, load_timeout=load_timeout)
        return promote(self.folder, place, MODEL, str(candidate), rules, watch=watch, report=lambda _: None)

    def rollback(self) -> Update:
        return rollback(self.folder, self.place, MODEL, report=lambda _: None)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("updates")
    records = folder / "canary" / MODEL
    records.mkdir(parents=True)
    np.savez(records / "lines.npz", image=LINES)
    with running_triton(folder, MODEL, OTHER.name) as triton:
        yield Served(folder, triton.address)


@pytest.fixture(scope="module")
def original() -> onnx.ModelProto:
    return onnx.load(ROOT / "build" / "models" / "vision" / MODEL / "1" / "model.onnx")


@pytest.fixture
def candidate(original: onnx.ModelProto, tmp_path: Path) -> Callable[[float], Path]:
    """Another version, that is surer of its answers by a factor."""

    def make(factor: float) -> Path:
        changed = onnx.ModelProto()
        changed.CopyFrom(original)
        graph = changed.graph
        graph.initializer.append(numpy_helper.from_array(np.array(factor, np.float32), "factor"))
        (place,) = [place for place, node in enumerate(graph.node) if node.op_type == "Softmax"]
        graph.node.insert(place, helper.make_node("Mul", [graph.node[place].input[0], "factor"], ["scaled"]))
        graph.node[place + 1].input[0] = "scaled"
        path = tmp_path / f"{factor}.onnx"
        onnx.save(changed, path)
        return path

    return make


@dataclass
class Callers:
    """What callers have seen so far."""

    served: Served
    model: ServedModel
    expected: dict[str, NDArray[np.float32]] = field(default_factory=dict)
    answers: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def expect(self, version: int, file: Path | None = None) -> None:
        """What a version is to say."""
        path = file or self.served.versions.folder / str(version) / "model.onnx"
        says = open_session(path).run(None, {"image": LINES})[0]
        assert not any(np.allclose(says, other, atol=1e-3) for other in self.expected.values()), "told from others"
        self.expected[str(version)] = says

    async def call(self, number: int) -> None:
        """One caller, until it is cancelled."""
        while True:
            with serving(Call()) as call:
                try:
                    outputs = await self.model.infer({"image": LINES[number : number + 1]})
                except SensoriumError as error:
                    self.wrong.append(error.reason)
                    continue
            version = call.models[MODEL]
            self.answers[version] += 1
            if not np.allclose(outputs["probabilities"][0], self.expected[version][number], atol=1e-5):
                self.wrong.append(f"a wrong answer of version {version}")

    async def hear(self, version: int) -> None:
        """Returns when every caller has had answers of a version."""
        before = self.answers[str(version)]
        async with asyncio.timeout(30):
            while self.answers[str(version)] < before + 2 * CALLERS:  # noqa: ASYNC110 - callers only count
                await asyncio.sleep(0.01)


@asynccontextmanager
async def calling(served: Served) -> AsyncIterator[Callers]:
    """Callers that ask while the block runs; nothing may fail, and nothing may be wrong."""
    async with TritonClient(served.address) as client:
        callers = Callers(served, ModelCatalog(client, [SPEC], Metrics())[MODEL])
        callers.expect(served.versions.serving)
        tasks = [asyncio.create_task(callers.call(number)) for number in range(CALLERS)]
        try:
            await callers.hear(served.versions.serving)
            yield callers
            await callers.hear(served.versions.serving)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
    assert callers.wrong == []


@pytest.fixture
async def catalog(served: Served) -> AsyncIterator[ModelCatalog]:
    """The catalog of a service, its health looked after as a server does it."""
    async with TritonClient(served.address) as client:
        catalog = ModelCatalog(client, [SPEC, OTHER], Metrics())
        monitor = HealthMonitor(["service"], lambda: catalog.probe(2.0), 1.0, catalog.rest)
        watching = asyncio.create_task(monitor.run())
        yield catalog
        watching.cancel()


async def reaches(catalog: ModelCatalog, state: str, seconds: float) -> None:
    async with asyncio.timeout(seconds):
        while catalog[MODEL].circuit.name != state:  # noqa: ASYNC110 - states are shown, not announced
            await asyncio.sleep(0.002)


async def test_a_dead_models_circuit_opens_is_tried_and_closes_while_others_answer(
    served: Served, catalog: ModelCatalog
) -> None:
    victim, other = catalog[MODEL], catalog[OTHER.name]
    await reaches(catalog, "CLOSED", 10)
    before, words = await victim.infer({"image": LINES}), await other.infer(WORDS)

    (process,) = served.processes(MODEL)
    os.kill(process, signal.SIGKILL)
    outcomes = await asyncio.gather(*(victim.infer({"image": LINES}) for _ in range(8)), return_exceptions=True)
    assert all(isinstance(outcome, UnavailableError) for outcome in outcomes), outcomes
    await reaches(catalog, "OPEN", 10)
    with pytest.raises(CircuitOpenError):
        await victim.infer({"image": LINES})
    np.testing.assert_array_equal((await other.infer(WORDS))["probabilities"], words["probabilities"])

    await reaches(catalog, "HALF_OPEN", 10)
    with pytest.raises(CircuitOpenError):
        await victim.infer({"image": LINES})
    np.testing.assert_array_equal((await other.infer(WORDS))["probabilities"], words["probabilities"])
    assert other.circuit.name == "CLOSED"

    await reaches(catalog, "CLOSED", 20)  # the launcher has reloaded the model
    np.testing.assert_array_equal((await victim.infer({"image": LINES}))["probabilities"], before["probabilities"])


async def test_a_model_is_reloaded_under_load_without_a_wrong_answer(served: Served) -> None:
    versions = served.versions
    async with calling(served) as callers:
        for _ in range(3):
            before = served.processes(MODEL)
            (versions.folder / str(versions.serving) / "model.onnx").touch()  # Triton loads only what has changed
            async with open_client(served.settings, served.access) as client:
                await client.load(MODEL, 20)
            await callers.hear(versions.serving)
            assert served.processes(MODEL) - before


async def test_versions_are_promoted_and_rolled_back_under_load(
    served: Served, candidate: Callable[[float], Path]
) -> None:
    versions, first = served.versions, served.versions.serving
    better, best = candidate(1.2), candidate(1.4)
    async with calling(served) as callers:
        callers.expect(first + 1, better)
        assert await asyncio.to_thread(served.promote, better) == Update(MODEL, first + 1, first)
        await callers.hear(first + 1)
        callers.expect(first + 2, best)
        assert await asyncio.to_thread(served.promote, best) == Update(MODEL, first + 2, first + 1)
        await callers.hear(first + 2)
        assert await asyncio.to_thread(served.rollback) == Update(MODEL, first + 1, None)
        await callers.hear(first + 1)
        assert await asyncio.to_thread(served.promote, first + 2) == Update(MODEL, first + 2, first + 1)
        with pytest.raises(RefusedError, match="SERVES_ALREADY"):
            await asyncio.to_thread(served.promote, first + 2)
        assert await asyncio.to_thread(served.rollback) == Update(MODEL, first + 1, None)
        with pytest.raises(RefusedError, match="NO_PREVIOUS_VERSION"):
            await asyncio.to_thread(served.rollback)
    assert set(versions.present) == {1, first + 1, first + 2}


async def test_a_bad_candidate_is_refused_and_what_serves_goes_on(
    served: Served, candidate: Callable[[float], Path], tmp_path: Path
) -> None:
    present, serves = served.versions.present, served.versions.serving
    nonsense = tmp_path / "model.onnx"
    nonsense.write_bytes(b"no graph")
    other_shape = shutil.copytree(ROOT / "build/models/vision" / MODEL, tmp_path / "other_shape")
    text = (other_shape / "config.pbtxt").read_text()
    (other_shape / "config.pbtxt").write_text(text.replace("dims: [ 2 ]", "dims: [ 3 ]"))
    cases = {
        other_shape: "CONTRACT_DIFFERS.*|.*output probabilities",
        candidate(-1.0): "probabilities: 0.* from the version that serves.*ANSWERS_DIFFER",
        candidate(float("nan")): "no numbers.*ANSWERS_DIFFER",
        nonsense: "CANDIDATE_FAILS",
        python_candidate(tmp_path / "dies", "import os; os._exit(3)"): "is not healthy.*CANDIDATE_FAILS",
        tmp_path / "nothing": "CANDIDATE_UNREADABLE",
    }
    async with calling(served):
        for given, reason in cases.items():
            with pytest.raises(RefusedError, match=reason):
                await asyncio.to_thread(served.promote, given)
    assert (served.versions.present, served.versions.serving) == (present, serves)


@pytest.mark.skipif(not ALL, reason="seconds of waiting; `make test-updates`")
async def test_a_candidate_that_hangs_while_it_is_loaded_is_ended(served: Served, tmp_path: Path) -> None:
    before = served.processes()
    hangs = python_candidate(tmp_path / "hangs", "import time; time.sleep(1000)")
    async with calling(served):
        with pytest.raises(RefusedError, match=r"DEADLINE_EXCEEDED.*CANDIDATE_FAILS"):
            await asyncio.to_thread(served.promote, hangs, load_timeout=4)
        assert served.processes() == before


async def test_a_version_that_fails_once_callers_meet_it_is_rolled_back(served: Served, tmp_path: Path) -> None:
    present, serves = served.versions.present, served.versions.serving
    fickle = python_candidate(tmp_path / "fickle", "pass")
    async with TritonClient(served.address) as client:
        model = ModelCatalog(client, [SPEC], Metrics())[MODEL]
        with pytest.raises(RolledBackError, match=r"works only as long as nobody needs it.*ROLLED_BACK"):
            await asyncio.to_thread(served.promote, fickle, Rules(tolerance=1.0))
        with serving(Call()) as call:
            await model.infer({"image": LINES})
    assert call.models == {MODEL: str(serves)}
    assert (served.versions.present, served.versions.serving) == (present, serves)


@pytest.mark.skipif(not ALL, reason="a restart of Triton; `make test-updates`")
async def test_a_triton_that_dies_while_a_version_is_watched_comes_back_with_the_one_before(
    served: Served, candidate: Callable[[float], Path]
) -> None:
    serves, new, given = served.versions.serving, max(served.versions.present) + 1, candidate(2.5)
    updating = asyncio.create_task(asyncio.to_thread(served.promote, given, Rules(tolerance=0.3), watch=60))
    async with asyncio.timeout(60):
        while str(new) not in (await loaded(served))[MODEL]:  # noqa: ASYNC110 - only asking tells
            await asyncio.sleep(0.05)
    os.kill(served.server, signal.SIGKILL)
    with pytest.raises(RolledBackError):
        await updating
    assert (await loaded(served))[MODEL] == {str(serves)}
    assert served.versions.serving == serves
    async with calling(served) as callers:
        await callers.hear(serves)


@pytest.mark.parametrize("moment", MOMENTS)
async def test_an_update_that_is_killed_leaves_one_version_and_the_next_one_succeeds(
    served: Served, candidate: Callable[[float], Path], moment: str
) -> None:
    serves, new = served.versions.serving, max(served.versions.present) + 1
    given = candidate(1.8)
    async with calling(served) as callers:
        callers.expect(new, given)
        killed = await asyncio.to_thread(promote_and_die, served, given, moment)
        assert killed == -9
        assert served.versions.serving == serves
        callers.expected[str(new + 1)] = callers.expected[str(new)]
        update = await asyncio.to_thread(served.promote, given)
        assert (update.version, update.previous) == (served.versions.serving, serves)
        await callers.hear(update.version)
        await asyncio.to_thread(served.rollback)
    assert (await loaded(served)).keys() == {MODEL, OTHER.name}
    assert (await loaded(served))[MODEL] == {str(serves)}


def python_candidate(folder: Path, at_load: str) -> Path:
    """A model that Triton runs as Python; it answers right as long as it is not in its place."""
    built = ROOT / "build" / "models" / "vision" / MODEL
    (folder / "1").mkdir(parents=True)
    shutil.copyfile(built / "1" / "model.onnx", folder / "1" / "original.onnx")
    (folder / "1" / "model.py").write_text(PYTHON_CANDIDATE.format(at_load=at_load))
    config = (built / "config.pbtxt").read_text().replace('backend: "onnxruntime"', 'backend: "python"')
    (folder / "config.pbtxt").write_text(config)
    return folder


def promote_and_die(served: Served, candidate: Path, moment: str) -> int:
    """Promotes in a process that is killed when it says that it has come so far; gives its exit status."""
    code = f"""
import os, signal
from pathlib import Path
from sensorium_models.embedded.settings import TritonSettings
from sensorium_models.updates import Place, Rules, promote

def report(line):
    if {moment!r} in line:
        os.kill(os.getpid(), signal.SIGKILL)

place = Place(TritonSettings(repositories=Path({str(served.settings.repositories)!r})))
promote(Path({str(served.folder)!r}), place, {MODEL!r}, {str(candidate)!r}, Rules(tolerance=0.1), report=report)
"""
    return subprocess.run([sys.executable, "-c", code], check=False, env=os.environ).returncode


async def loaded(served: Served) -> dict[str, set[str]]:
    """What Triton has loaded."""
    async with open_client(served.settings, served.access) as client:
        return await client.loaded_versions(5)
