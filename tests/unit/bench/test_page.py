from pathlib import Path

from bench.comparison.page import page
from bench.comparison.records import Failure, Record, Results

MACHINE = {
    "processor": "A Processor",
    "cores": 2,
    "vector extensions": ["avx2"],
    "memory_gib": 23.4,
    "system": "Linux 6",
    "python": "3.11.7",
    "packages": {"numpy": "2.4"},
    "jpeg decoder": "libjpeg-turbo",
    "load_average": "0.1",
}


def results() -> Results:
    values = {"throughput": 100.0, "cost": 9.0, "p50": 5.0, "p99": 7.0, "memory": 600.0, "batch": 0.0, "others": 0.05}
    records = [
        Record("closed", "classify_raw", system, "32", number, values | {"cost": cost + number})
        for system, cost in (("suite", 9.0), ("limit", 8.0))
        for number in range(3)
    ]
    records += [Record("open", "classify_raw", "suite", "held", 0, {"rate": 88.0, "share": 0.875})]
    notes = {"limit of classify_raw": "2 workers, 1 threads each, 4 at once"}
    return Results(MACHINE, {}, records, [Failure("closed", "embed_1", "bentoml", "it has ended:\nthe log")], notes)


def test_what_people_have_written_stays_and_results_are_written_anew() -> None:
    once = page(results(), "# Benchmark\n\nA word.\n")
    assert once.startswith("# Benchmark\n\nA word.\n")
    assert page(results(), once) == once


def test_medians_come_with_their_spread_and_the_machine_is_named() -> None:
    text = page(results(), "")
    assert "A Processor, 2 cores (avx2)" in text
    assert "| Sensorium | 100 (100-100) | 5 (5-5) | 7 (7-7) | 10 (9-11) |  | 600 (600-600) |  | 88 (88-88) |" in text
    assert "The open loop's p99 is held under 200 ms." in text
    assert "| | classify_raw, cost of the limit / the suite's | 0.9 (0.889-0.909) | ≥ 0.8 | met |" in text


def test_the_limit_has_no_latency_that_anybody_waits_for() -> None:
    text = page(results(), "")
    assert "| in-process limit | 100 (100-100) |  |  | 9 (8-10) |" in text
    assert "The limit is reached by 2 workers, 1 threads each, 4 at once." in text


def test_what_gave_no_figure_is_told() -> None:
    assert "- closed embed_1 bentoml: it has ended:" in page(results(), "")


def test_results_come_back_as_they_were_written(tmp_path: Path) -> None:
    results().write(tmp_path / "results.json")
    assert Results.read(tmp_path / "results.json") == results()
