from __future__ import annotations

import json
import os
import re
import signal
import subprocess
from pathlib import Path
from typing import Any

import grpc
import pytest
from google.protobuf import json_format

from sensorium.text.v1 import text_service_pb2 as pb
from sensorium.type.v1 import model_pb2
from unit.client.driver import Loop
from unit.client.scripted import Answer, Script, status
from unit.client.text.cli import COMMAND, NOWHERE, invoke


def shouted(request: Any) -> Answer:
    """Redact answers with the text in capitals; `bad` fails."""
    if request.text == "bad":
        return status(grpc.StatusCode.INVALID_ARGUMENT, "text: is bad", reason="INVALID_ARGUMENT", request_id="r7")
    return pb.RedactResponse(text=request.text.upper())


def span(text: str, begin: int) -> pb.Span:
    return pb.Span(text=text, begin=begin, end=begin + len(text))


def documents(done: Any) -> list[Any]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_embed(run: Any, script: Script) -> None:
    script.always = pb.EmbedResponse(embeddings=[pb.Embedding(values=[0.5] * 6, token_count=3, truncated=True)])
    done = run("embed", "pump leaks", "--model", "net")
    assert script.requests == [
        pb.EmbedRequest(context=script.requests[0].context, texts=["pump leaks"], options=pb.EmbedOptions(model="net"))
    ]
    assert done.exit_code == 0
    assert done.stdout.startswith("pump leaks  0 ms\n")
    assert "6 numbers: 0.5000, 0.5000, 0.5000, 0.5000, …  3 tokens, the end left out" in done.stdout


def test_rank(run: Any, script: Script) -> None:
    best = pb.RankResult(index=1, score=0.75, matches=[pb.TermMatch(term="oil", spans=[span("oil", 2)])])
    script.always = pb.RankResponse(results=[best, pb.RankResult(index=0, score=0.25)])
    done = run("rank", "Öl", "noise", "a oil", "--top-k", 2, "--lexical-weight", 0, "--model", "net")
    (request,) = script.requests
    assert (request.query, list(request.documents)) == ("Öl", ["noise", "a oil"])
    assert request.options == pb.RankOptions(model="net", top_k=2, lexical_weight=0.0)
    assert done.stdout.splitlines() == ["ranking  0 ms", " 75.0%     1  a oil", " 25.0%     0  noise"]


def test_rank_as_json_has_index_and_score_of_each_result(run: Any, script: Script) -> None:
    script.always = pb.RankResponse(results=[pb.RankResult(index=0, score=0.75), pb.RankResult(index=1)])
    (document,) = documents(run("rank", "q", "a", "b", "--json"))
    assert [(found["index"], found["score"]) for found in document["results"]] == [(0, 0.75), (1, 0.0)]


def test_rank_the_lines_of_a_file(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "orders.txt"
    file.write_text("one\n\ntwo\n")
    script.always = pb.RankResponse(results=[pb.RankResult(index=2, score=0.5)])
    done = run("rank", "q", "zero", "--file", file)
    assert list(script.requests[0].documents) == ["zero", "one", "two"]
    assert f"two  {file}:3" in done.stdout


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"a\n" * 513, "more than 512 documents"), (b"a\n\xff\n", ":2: the line is not UTF-8: byte 0xff in position 0")],
)
def test_rank_needs_every_document(run: Any, script: Script, tmp_path: Path, content: bytes, told: str) -> None:
    file = tmp_path / "orders.txt"
    file.write_bytes(content)
    done = run("rank", "q", "--file", file)
    assert (done.exit_code, done.stdout, script.requests) == (1, "", [])
    assert told in done.stderr


def test_an_error_of_a_ranking_names_the_field_only(run: Any, script: Script) -> None:
    script.always = status(grpc.StatusCode.INVALID_ARGUMENT, "query: is empty", reason="INVALID_ARGUMENT")
    done = run("rank", "", "a")
    assert done.exit_code == 1
    assert done.stderr.startswith("query: is empty [INVALID_ARGUMENT")


def test_a_long_document_is_shown_around_its_match(run: Any, script: Script) -> None:
    text = "x" * 300 + " oil " + "y" * 300
    best = pb.RankResult(score=0.5, matches=[pb.TermMatch(term="oil", spans=[span("oil", 301)])])
    script.always = pb.RankResponse(results=[best])
    shown = run("rank", "oil", text).stdout.splitlines()[1]
    assert re.search(r"…x{32} oil y+…$", shown)


def test_classify(run: Any, script: Script) -> None:
    found = pb.Classification(labels=[pb.Label(name="Bucket", score=0.75), pb.Label(name="Hydraulics", score=0.25)])
    script.then(pb.ClassifyResponse(classifications=[found]))
    done = run("classify", "bucket won't open", "--top-k", 2, "--unknown-threshold", 0.5, "--model", "head")
    wanted = pb.ClassifyOptions(model="head", top_k=2, unknown_threshold=0.5)
    assert script.requests[0].options == wanted
    assert done.stdout.splitlines() == [
        "bucket won't open  0 ms",
        " 75.0%  label  Bucket",
        " 25.0%  label  Hydraulics",
    ]


def test_classify_what_is_unknown(run: Any, script: Script) -> None:
    script.then(pb.ClassifyResponse(classifications=[pb.Classification(unknown=True)]))
    assert "unknown: none of the classes fits" in run("classify", "hello").stdout


def test_classes_of_ones_own(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "labels.json"
    file.write_text(json.dumps({"leak": ["hose is wet"], "noise": "it is loud"}))
    script.always = pb.ClassifyResponse(classifications=[pb.Classification()])
    assert run("classify", "x", "--labels", file, "--example", "leak=a=b", "--label", "heat=it is hot").exit_code == 0
    assert run("classify", "x", "--label", "leak", "--label", "noise").exit_code == 0
    both, names = (request.options.label_set for request in script.requests)
    assert list(both.labels) == [
        pb.LabelDefinition(name="leak", examples=["hose is wet", "a=b"]),
        pb.LabelDefinition(name="noise", description="it is loud"),
        pb.LabelDefinition(name="heat", description="it is hot"),
    ]
    assert [label.name for label in names.labels] == ["leak", "noise"]


def test_extract(run: Any, script: Script) -> None:
    quantities = [
        pb.Quantity(value=4.5, ucum_unit="bar"),
        pb.Quantity(value=4, upper_value=6, ucum_unit="bar"),
        pb.Quantity(value=float("-inf"), upper_value=6, ucum_unit="bar"),
        pb.Quantity(value=6, upper_value=float("inf"), ucum_unit="bar"),
    ]
    response = pb.ExtractEntitiesResponse(language_code="en")
    for place, quantity in enumerate(quantities):
        response.entities.add(type=pb.ENTITY_TYPE_QUANTITY, span=span("p", place), confidence=1, quantity=quantity)
    response.entities.add(type=pb.ENTITY_TYPE_DATE, span=span("May 5", 9), date="--05-05", confidence=0.5)
    response.entities.add(type=pb.ENTITY_TYPE_EQUIPMENT_TAG, span=span("P-1", 20), normalized="P-1", confidence=0.5)
    response.entities.add(type=pb.ENTITY_TYPE_CUSTOM, name="order", span=span("WO-1", 30), confidence=1)
    script.always = response
    done = run(
        "extract",
        "x",
        "--type",
        "date",
        "--type",
        "serial-number",
        "--pattern",
        "order=WO-\\d+=",
        "--language",
        "en",
        "--min-confidence",
        0,
    )
    (request,) = script.requests
    assert request.language_code == "en"
    assert request.options == pb.ExtractEntitiesOptions(
        types=[pb.ENTITY_TYPE_DATE, pb.ENTITY_TYPE_SERIAL_NUMBER],
        patterns=[pb.EntityPattern(name="order", pattern="WO-\\d+=")],
        min_confidence=0.0,
    )
    assert done.stdout.splitlines() == [
        "x  en, 0 ms",
        "100.0%  quantity            p  = 4.5 bar  0-1",
        "100.0%  quantity            p  = 4 to 6 bar  1-2",
        "100.0%  quantity            p  = < 6 bar  2-3",
        "100.0%  quantity            p  = > 6 bar  3-4",
        " 50.0%  date                May 5  = --05-05  9-14",
        " 50.0%  equipment tag       P-1  20-23",
        "100.0%  order               WO-1  30-34",
    ]


def test_lists_of_ones_own(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "machines.tsv"
    file.write_text("\ufeffPress 4\tP4\tpress four\n\nOven 2\n")
    script.always = pb.ExtractEntitiesResponse()
    assert run("extract", "x", "--gazetteer", f"machine={file}", "--model", "ner").exit_code == 0
    entries = [pb.Gazetteer.Entry(name="Press 4", synonyms=["P4", "press four"]), pb.Gazetteer.Entry(name="Oven 2")]
    wanted = pb.ExtractEntitiesOptions(gazetteers=[pb.Gazetteer(name="machine", entries=entries)], model="ner")
    assert script.requests[0].options == wanted


def test_redact_prints_the_texts_and_nothing_else(run: Any, script: Script) -> None:
    script.respond = shouted
    done = run("redact", "jo [b]calls", "bad", "b", "--type", "person-name", "--min-confidence", 0.25)
    assert (done.exit_code, done.stdout) == (1, "JO [B]CALLS\nB\n")
    assert done.stderr == "argument 2: text: is bad [INVALID_ARGUMENT, request r7]\n"
    options = pb.RedactOptions(mode=pb.REDACT_MODE_MASK, types=[pb.PERSONAL_DATA_TYPE_PERSON_NAME], min_confidence=0.25)
    assert script.requests[0].options == options


def test_inspect_prints_what_was_found(run: Any, script: Script) -> None:
    finding = pb.PersonalData(type=pb.PERSONAL_DATA_TYPE_PERSON_NAME, span=span("Jo", 3), confidence=0.5)
    script.always = pb.RedactResponse(text="Hi Jo", findings=[finding])
    done = run("redact", "Hi Jo", "--mode", "inspect")
    assert script.requests[0].options.mode == pb.REDACT_MODE_INSPECT
    assert done.stdout.splitlines() == ["Hi Jo  0 ms", " 50.0%  person name         Jo  3-5"]


def test_mask_character(run: Any, script: Script) -> None:
    script.respond = shouted
    run("redact", "jo", "--mask-character", "#", "--model", "pii")
    wanted = pb.RedactOptions(mode=pb.REDACT_MODE_MASK, mask_character="#", model="pii")
    assert script.requests[0].options == wanted


def test_summarize_takes_files_as_documents(run: Any, script: Script, tmp_path: Path) -> None:
    file = tmp_path / "shift.txt"
    file.write_bytes("\ufeffPump leaks.\nIt is loud.\n".encode())
    script.always = pb.SummarizeResponse(
        summary="x", sentences=[pb.SummarySentence(document_index=1, span=span("It is\nloud.", 12), score=1.0)]
    )
    done = run("summarize", "first", "--file", file, "--max-sentences", 1, "--language", "en", "--model", "net")
    (request,) = script.requests
    assert list(request.documents) == ["first", "Pump leaks.\nIt is loud.\n"]
    assert (request.options, request.language_code) == (pb.SummarizeOptions(max_sentences=1, model="net"), "en")
    assert done.stdout.splitlines() == ["summary  0 ms", f"100.0%  {file}  It is loud."]
    run("summarize", "-", "--max-characters", 100, input="piped")
    assert list(script.requests[1].documents) == ["piped"]
    assert script.requests[1].options == pb.SummarizeOptions(max_characters=100)


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"a\xff", "is not UTF-8: byte 0xff in position 1 [TEXT_NOT_UTF8]"), (None, "FILE_UNREADABLE")],
)
def test_summarize_what_cannot_be_read(
    run: Any, script: Script, tmp_path: Path, content: bytes | None, told: str
) -> None:
    file = tmp_path / "shift.txt"
    if content is not None:
        file.write_bytes(content)
    done = run("summarize", "--file", file)
    assert (done.exit_code, script.requests) == (1, [])
    assert told in done.stderr
    assert str(file) in done.stderr


def test_language(run: Any, script: Script) -> None:
    script.always = pb.DetectLanguageResponse(languages=[pb.DetectedLanguage(language_code="zh", confidence=0.75)])
    done = run("language", "泵漏油", "--top-k", 1)
    assert script.requests[0].options.top_k == 1
    assert done.stdout.splitlines() == ["泵漏油  0 ms", " 75.0%  language  zh"]


def test_annotate(run: Any, script: Script) -> None:
    response = pb.AnnotateTextResponse(language_code="en", redacted_text="[X]", embedding=pb.Embedding(values=[1.0]))
    response.classification.labels.add(name="leak", score=0.5)
    response.entities.add(type=pb.ENTITY_TYPE_DATE, span=span("May", 0))
    response.personal_data.add(type=pb.PERSONAL_DATA_TYPE_IBAN, span=span("DE1", 5))
    response.summary_sentences.add(span=span("S.", 0), score=1.0)
    response.languages.add(language_code="en", confidence=0.75)
    script.always = response
    done = run("annotate", "x")
    names = [field.name for field, _ in script.requests[0].options.ListFields()]
    assert names == ["embed", "classify", "extract_entities", "redact", "summarize", "detect_language"]
    assert [line.split()[-1] for line in done.stdout.splitlines()] == [
        "ms",
        "en",
        "leak",
        "tokens",
        "0-3",
        "[X]",
        "5-8",
        "S.",
    ]
    run(
        "annotate",
        "x",
        "--features",
        "classify, summarize,classify",
        "--label",
        "a",
        "--label",
        "b",
        "--max-sentences",
        2,
    )
    options = script.requests[1].options
    assert [field.name for field, _ in options.ListFields()] == ["classify", "summarize"]
    assert len(options.classify.label_set.labels) == 2
    assert options.summarize.max_sentences == 2


def test_explain_a_class(run: Any, script: Script) -> None:
    contributions = [(span("hose", 0), 0.5), (span("is", 5), 0.0), (span("dry", 8), -0.25)]
    script.always = pb.ExplainResponse(
        label="leak",
        score=0.75,
        contributions=[pb.TokenContribution(span=where, contribution=share) for where, share in contributions],
    )
    done = run("explain", "hose is dry", "--class", "leak", "--label", "leak", "--label", "noise", "--model", "net")
    target = script.requests[0].classification
    assert (target.text, target.label, target.options.label_set.model) == ("hose is dry", "leak", "net")
    assert done.stdout.splitlines() == [
        "hose is dry  leak 75.0%, 0 ms",
        "  hose is dry",
        "  +0.500  hose",
        "  -0.250  dry",
        "  +0.000  is",
    ]


def test_explain_a_ranking(run: Any, script: Script) -> None:
    script.always = pb.ExplainResponse(score=0.5)
    done = run("explain", "hose", "--query", "tube", "--lexical-weight", 1)
    options = pb.RankOptions(lexical_weight=1.0)
    assert script.requests[0].ranking == pb.ExplainRanking(query="tube", document="hose", options=options)
    assert "score 50.0%" in done.stdout


def test_models(run: Any, script: Script) -> None:
    script.always = pb.ListModelsResponse(models=[model_pb2.Model(name="net", ready=True, license="MIT")])
    assert re.search(r"net\s.*yes\s+MIT", run("models").stdout)
    (document,) = documents(run("models", "--json"))
    assert json_format.ParseDict(document, model_pb2.Model()) == script.always.models[0]
    assert invoke("models", "--address", NOWHERE).exit_code == 3


def test_context_and_deadline(run: Any, script: Script) -> None:
    script.always = pb.EmbedResponse(embeddings=[pb.Embedding()])
    run("embed", "x", "--part-id", "p", "--job-id", "j", "--deadline", 9)
    assert (script.requests[0].context.part_id, script.requests[0].context.job_id) == ("p", "j")
    assert script.timeouts[0] == pytest.approx(9, abs=2)


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["classify"], "give a text, --file FILE, or - for standard input"),
        (["rank"], "QUERY"),
        (["rank", "q"], "give a text"),
        (["embed", "-", "--file", "-"], "standard input can be read once"),
        (["extract", "x", "--type", "smell"], "smell is not known"),
        (["extract", "x", "--pattern", "abc"], "is not NAME=REGEX"),
        (["extract", "x", "--gazetteer", "machine"], "is not NAME=FILE"),
        (["extract", "x", "--gazetteer", "machine=none.tsv"], "cannot read none.tsv"),
        (["redact", "x", "--type", "unspecified"], "unspecified is not known"),
        (["redact", "x", "--mode", "pseudonymize"], "give --key-file or --key-name"),
        (["redact", "x", "--mode", "mask", "--key-name", "k"], "mask takes no key"),
        (["redact", "x", "--key-name", "k", "--key-file", "f"], "not both"),
        (["redact", "x", "--out", "f"], "belong to --column"),
        (["redact", "x", "--column", "c"], "one --file"),
        (["redact", "--file", "f", "--column", "c", "--json"], "neither --json nor"),
        (["redact", "--file", "f", "--column", "c", "--mode", "inspect"], "neither --json nor"),
        (["redact", "--file", "f", "--column", "c", "--delimiter", ", "], "not one character"),
        (["redact", "--file", "none.csv", "--column", "c"], "cannot read none.csv"),
        (["redact", "--file", __file__, "--column", "c", "--out", __file__], "is the file itself"),
        (["restore", "x"], "give --key-file or --key-name"),
        (["summarize", "x", "--max-sentences", "1", "--max-characters", "99"], "not both"),
        (["annotate", "x", "--features", "smell"], "smell"),
        (["classify", "x", "--example", "abc"], "is not NAME=TEXT"),
        (["classify", "x", "--labels", "none.json"], "cannot read none.json"),
        (["classify", "x", "--labels", __file__], "cannot read"),
        (["explain", "x", "--query", "q", "--class", "c"], "a query ranks"),
        (["explain", "x", "--lexical-weight", "1"], "belongs to a --query"),
        (["embed", "x", "--address", "a:1,b:2"], "several addresses must be IP"),
        (["paint", "x"], "paint"),
    ],
)
def test_wrong_usage_exits_2(run: Any, script: Script, args: list[str], told: str) -> None:
    done = run(*args)
    assert done.exit_code == 2
    assert told in re.sub(r"[│\s]+", " ", done.stderr)
    assert (done.stdout, script.requests) == ("", [])


def test_labels_of_another_form(run: Any, tmp_path: Path) -> None:
    for content in ("[1]", '{"a": 1}', '{"a": ["b", 2]}'):
        file = tmp_path / "labels.json"
        file.write_text(content)
        done = run("classify", "x", "--labels", file)
        assert done.exit_code == 2
        assert "is not of the form" in re.sub(r"[│\s]+", " ", done.stderr)


def test_a_lone_surrogate_in_an_argument(address: str, script: Script) -> None:
    script.respond = shouted
    args = [*map(str.encode, COMMAND), b"redact", b"a", b"caf\xe9", b"--address", address.encode()]
    done = subprocess.run(args, capture_output=True, check=False)
    assert done.returncode == 1
    told = b"argument 2: text: is not UTF-8: a lone surrogate is no character [TEXT_NOT_UTF8]"
    assert told in done.stderr


@pytest.mark.parametrize("args", [["redact", "a", "b"], ["rank", "q", "a"], ["language", "--file", __file__]])
def test_nobody_there_exits_3(args: list[str]) -> None:
    done = invoke(*args, "--address", NOWHERE)
    assert (done.exit_code, done.stdout) == (3, "")
    assert done.stderr.startswith(f"cannot reach the service at {NOWHERE}: Connection refused\nIs it running?")
    assert "SENSORIUM_TEXT_ADDRESS" in done.stderr


@pytest.mark.parametrize("arguments", [["redact", "a"], ["redact", "-"], ["rank", "q", "-"], ["summarize", "-"]])
def test_interrupted_exits_130(address: str, script: Script, loop: Loop, arguments: list[str]) -> None:
    """While the service does not answer, and while nothing more comes from standard input."""
    args = [*COMMAND, *arguments, "--address", address]
    with subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        if "-" in arguments:
            process.stdin.write(b"x" * 200_000)  # more than a pipe holds: this returns when the command reads
            process.stdin.flush()
        else:
            assert script.arrived.wait(30)
        process.send_signal(signal.SIGINT)
        assert process.wait(10) == 130
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_help_tells_the_exit_codes() -> None:
    text = " ".join(invoke("rank", "--help").stdout.split())
    assert "3 the service cannot be reached" in text
    assert "QUERY" in text
    assert "OPC 40100-1" in text


def test_output_is_utf_8_whatever_the_console(address: str, script: Script) -> None:
    script.respond = shouted
    environment = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(
        [*COMMAND, "redact", "泵 é", "--address", address], capture_output=True, check=True, env=environment
    )
    assert done.stdout.decode() == "泵 É\n"
