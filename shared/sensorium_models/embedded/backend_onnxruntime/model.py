"""The backend `onnxruntime` of the embedded Triton, as a Python-based backend.

NVIDIA's container has a native backend of that name; this one serves the same repository where only the Python backend
exists. It runs inside Triton's stub process, in the runtime venv with numpy 1, so it imports nothing of Sensorium.

Of a model's `parameters` it honours `intra_op_thread_count` and `parallel_runs` (default 1), and `rows_per_run`. A
batch that has more rows is run in even parts, because what a processor's cache does not hold is computed slower; and so
many parts at a time, on one thread each, because threads that share a run wait for each other at every operator. A run
that is alone has the `intra_op_thread_count`. Other parameters are left to whom they are meant for: the native backend,
or a service that reads them. It always runs operators one after the other and never lets idle threads spin, which on
few cores would slow the other models. `reshape` and `optional` tensors are refused at load.
"""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
import triton_python_backend_utils as pb_utils
from numpy.typing import NDArray

_TYPES = {
    "tensor(bool)": "TYPE_BOOL",
    "tensor(uint8)": "TYPE_UINT8",
    "tensor(int8)": "TYPE_INT8",
    "tensor(int16)": "TYPE_INT16",
    "tensor(int32)": "TYPE_INT32",
    "tensor(int64)": "TYPE_INT64",
    "tensor(float16)": "TYPE_FP16",
    "tensor(float)": "TYPE_FP32",
    "tensor(double)": "TYPE_FP64",
    "tensor(string)": "TYPE_STRING",
}
# A request with this parameter asks whether its turn comes, and for nothing else. (The parameters are text, in JSON.)
LIGHT_CANARY = '"canary":true'
_InvalidArgument = onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument

Array = NDArray[Any]
Config = Mapping[str, Any]


class Member(NamedTuple):
    """One request of a batch: its place among the requests, its inputs, and the outputs it wants."""

    position: int
    inputs: dict[str, Array]
    wanted: set[str]


class Piece(NamedTuple):
    """Rows of a request that are computed in one run; all of it where the model has no batch dimension."""

    member: Member
    rows: Any


Outcome = Mapping[str, Array] | Exception
"""The outputs of a piece that its request wants, or why there are none."""


class TritonPythonModel:
    """One instance of one model version."""

    def initialize(self, args: Mapping[str, str]) -> None:
        """Load the version's file and refuse a configuration that does not describe it.

        Raises:
            ValueError: Names, types or dims of the configuration differ from the graph's, or it asks for what this
                backend does not do. Triton reports the text and does not serve the model.
        """
        config = json.loads(args["model_config"])
        name = config.get("default_model_filename") or "model.onnx"
        path = Path(args["model_repository"]) / args["model_version"] / name
        wanted = parameters(config)
        threads = int(wanted.get("intra_op_thread_count", "1"))
        self._session = open_session(path, threads)
        check_config(config, self._session)
        self._batched = config["max_batch_size"] > 0
        self._rows_per_run = int(wanted.get("rows_per_run", "0"))
        self._parallel_runs = int(wanted.get("parallel_runs", "1"))
        self._threads = ThreadPoolExecutor(self._parallel_runs)
        narrow = self._parallel_runs > 1 and threads > 1
        self._narrow_session = open_session(path, 1) if narrow else self._session
        self._outputs = {output["name"]: output for output in config["output"]}

    def execute(self, requests: Sequence[Any]) -> list[Any]:
        """Answer every request, in order; those of equal shapes share runs."""
        answers: list[Any] = [None] * len(requests)
        groups: dict[Any, list[Member]] = {}
        for position, request in enumerate(requests):
            # A lone request has just left the queue, from which Triton drops cancelled ones: it need not be asked.
            if len(requests) > 1 and request.is_cancelled():
                answers[position] = failure("cancelled by the caller", pb_utils.TritonError.CANCELLED)
                continue
            if LIGHT_CANARY in request.parameters():
                answers[position] = pb_utils.InferenceResponse(output_tensors=[])
                continue
            inputs = {tensor.name(): tensor.as_numpy() for tensor in request.inputs()}
            member = Member(position, inputs, set(request.requested_output_names()))
            groups.setdefault(self._group_of(member), []).append(member)
        runs = [run for group in groups.values() for run in self._runs(group)]
        found: dict[int, list[Outcome]] = {}
        for run, outcomes in zip(runs, self._compute_all(runs), strict=True):
            for piece, outcome in zip(run, outcomes, strict=True):
                found.setdefault(piece.member.position, []).append(outcome)
        for position, outcomes in found.items():
            answers[position] = respond(outcomes)
        return answers

    def finalize(self) -> None:
        """Free the model's memory when Triton unloads it."""
        self._threads.shutdown()
        del self._session, self._narrow_session

    def _group_of(self, member: Member) -> Any:
        """What members must have in common to share a run: everything but their number of rows."""
        if not self._batched:
            return member.position
        return tuple(sorted((name, values.shape[1:]) for name, values in member.inputs.items()))

    def _runs(self, group: list[Member]) -> list[list[Piece]]:
        """The group as it is run: at once, or in even parts of `rows_per_run` rows at most."""
        if not self._batched:
            return [[Piece(member, ...)] for member in group]
        rows = [len(next(iter(member.inputs.values()))) for member in group]
        return [
            [Piece(group[place], part) for place, part in run]
            for run in cut(rows, self._rows_per_run, self._parallel_runs)
        ]

    def _compute_all(self, runs: list[list[Piece]]) -> list[list[Outcome]]:
        if len(runs) == 1:
            return [self._attempt(runs[0], self._session)]
        return list(self._threads.map(self._attempt, runs, [self._narrow_session] * len(runs)))

    def _attempt(self, run: list[Piece], session: Any) -> list[Outcome]:
        try:
            return self._compute(run, session)
        except Exception as error:
            if len(run) > 1:
                # One bad request must not fail the others, and which one it is only shows alone.
                return [outcome for piece in run for outcome in self._attempt([piece], session)]
            return [error]

    def _compute(self, run: list[Piece], session: Any) -> list[Outcome]:
        wanted = [name for name in self._outputs if any(name in piece.member.wanted for piece in run)]
        pieces = [{name: values[piece.rows] for name, values in piece.member.inputs.items()} for piece in run]
        feeds = {name: join([piece[name] for piece in pieces]) for name in pieces[0]}
        results = dict(zip(wanted, session.run(wanted, feeds), strict=True))
        rows = [len(next(iter(piece.values()))) for piece in pieces] if self._batched else None
        for name, values in results.items():
            check_result(self._outputs[name], values, sum(rows) if rows else None)
        return [
            {name: values[part] for name, values in results.items() if name in piece.member.wanted}
            for piece, part in zip(run, slices(rows), strict=True)
        ]


def parameters(config: Config) -> dict[str, str]:
    """The parameters of the model's configuration."""
    return {key: value["string_value"] for key, value in config.get("parameters", {}).items()}


def open_session(path: Path, threads: int) -> Any:
    """An ONNX Runtime session on `path`, whose runs have so many threads each."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.log_severity_level = 3  # exporters' leftovers are warned about at each load
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def check_config(config: Config, session: Any) -> None:
    """Check that the configuration describes the graph.

    Raises:
        ValueError: It does not; the text names the model and the tensor.
    """
    batched = config["max_batch_size"] > 0
    for kind, actual in (("input", session.get_inputs()), ("output", session.get_outputs())):
        graph = {tensor.name: tensor for tensor in actual}
        written = {tensor["name"]: tensor for tensor in config[kind]}
        # Outputs that nobody is to see may stay out of the configuration; every input must be in it.
        unmatched = written.keys() ^ graph.keys() if kind == "input" else written.keys() - graph.keys()
        if unmatched:
            raise ValueError(f"{config['name']}: {kind} {sorted(unmatched)} is not in both graph and configuration")
        for name, tensor in written.items():
            if problem := tensor_problem(tensor, graph[name], batched=batched):
                raise ValueError(f"{config['name']}: {kind} {name} {problem}")


def tensor_problem(written: Config, actual: Any, *, batched: bool) -> str | None:
    """What is wrong with a tensor's configuration, or None."""
    if "reshape" in written or written.get("optional"):
        return "uses reshape or optional, which this backend does not support"
    if _TYPES.get(actual.type) != written["data_type"]:
        return f"is {actual.type} in the graph, {written['data_type']} in the configuration"
    dims = ([-1] if batched else []) + [int(dim) for dim in written["dims"]]
    fixed = [dim if isinstance(dim, int) else -1 for dim in actual.shape]
    agree = len(dims) == len(fixed) and all(a == b or -1 in {a, b} for a, b in zip(dims, fixed, strict=True))
    return None if agree else f"has dims {actual.shape} in the graph, {dims} in the configuration"


def check_result(written: Config, values: Array, rows: int | None) -> None:
    """Check one output of a run against the configuration, as Triton does for native backends only.

    Raises:
        ValueError: Its type, its dims, or its number of rows is another.
    """
    expected = np.dtype(pb_utils.triton_string_to_numpy(written["data_type"]))
    dims = ([] if rows is None else [rows]) + [int(dim) for dim in written["dims"]]
    agree = values.ndim == len(dims) and all(b in {a, -1} for a, b in zip(values.shape, dims, strict=True))
    if values.dtype != expected or not agree:
        came = f"{values.dtype}{list(values.shape)}"
        raise ValueError(f"output {written['name']} came as {came}, expected {expected}{dims}")


def cut(rows: Sequence[int], most: int, parallel: int) -> list[list[tuple[int, slice]]]:
    """Divides a batch evenly into runs of `most` rows at most, 0 for no bound.

    There are as many as can be computed in parallel, or a multiple of that, so that all end at about the same time;
    fewer if each would have less than a quarter of `most`.

    Args:
        rows: of each request.

    Returns:
        For each run the places of its requests, and which of their rows it has.
    """
    total = sum(rows)
    size = -(-total // max(1, _runs(total, most, parallel))) or 1
    runs: list[list[tuple[int, slice]]] = [[]]
    room = size
    for place, count in enumerate(rows):
        start = 0
        while True:
            taken = min(count - start, room)
            runs[-1].append((place, slice(start, start + taken)))
            start, room = start + taken, room - taken
            if not room:
                runs.append([])
                room = size
            if start == count:
                break
    return [run for run in runs if run]


def _runs(rows: int, most: int, parallel: int) -> int:
    if not most:
        return 1
    if rows > most:
        return -(-rows // (most * parallel)) * parallel
    return min(parallel, rows // max(1, most // 4))


def join(arrays: list[Array]) -> Array:
    """One array with the rows of all; the array itself, not a copy, where there is only one."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def slices(rows: list[int] | None) -> list[slice]:
    """Where each request's rows lie in a joined result; everything where the model has no batch dimension."""
    if rows is None:
        return [slice(None)]
    ends = np.cumsum(rows)
    return [slice(end - count, end) for end, count in zip(ends, rows, strict=True)]


def respond(outcomes: Sequence[Outcome]) -> Any:
    """The response to a request, made of what has become of its pieces."""
    parts: list[Mapping[str, Array]] = []
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            pb_utils.Logger.log_error(f"a request failed: {outcome}")
            codes = pb_utils.TritonError
            return failure(str(outcome), codes.INVALID_ARG if isinstance(outcome, _InvalidArgument) else codes.INTERNAL)
        parts.append(outcome)
    tensors = [pb_utils.Tensor(name, join([part[name] for part in parts])) for name in parts[0]]
    return pb_utils.InferenceResponse(output_tensors=tensors)


def failure(text: str, code: Any) -> Any:
    """The response that fails one request."""
    return pb_utils.InferenceResponse(error=pb_utils.TritonError(text, code))
