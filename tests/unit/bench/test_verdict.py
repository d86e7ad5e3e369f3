from bench.comparison.arithmetic import spread
from bench.comparison.records import Record, Results
from bench.comparison.verdict import Check, Figure, judge, table


def results(*records: Record) -> Results:
    return Results({}, {}, list(records))


def closed(workload: str, system: str, load: str, number: int, **values: float) -> Record:
    return Record("closed", workload, system, load, number, values)


def find(found: list[Figure], what: str) -> Check:
    return next(check for figure in found for check in figure.checks if check.what == what)


def test_the_median_of_ratios_within_rounds_decides() -> None:
    costs = {0: (9.0, 10.0), 1: (8.5, 10.0), 2: (4.0, 10.0)}
    records = [closed("classify_jpeg", "limit", "32", number, cost=limit) for number, (limit, _) in costs.items()]
    records += [closed("classify_jpeg", "suite", "32", number, cost=suite) for number, (_, suite) in costs.items()]
    check = find(judge(results(*records)), "classify_jpeg, cost of the limit / the suite's")
    assert check.found == spread([0.9, 0.85, 0.4])
    assert check.state == "met"
    assert str(check) == "classify_jpeg, cost of the limit / the suite's: 0.85 (0.4-0.9) (≥ 0.85) met"


def test_rounds_that_one_side_lacks_do_not_count() -> None:
    records = [closed("read_text", "limit", "32", number, cost=90.0) for number in range(3)]
    records += [closed("read_text", "suite", "32", 1, cost=120.0)]
    check = find(judge(results(*records)), "read_text, cost of the limit / the suite's")
    assert (check.found, check.state) == (spread([0.75]), "MISSED")


def test_cheap_models_must_be_twice_as_fast_as_frameworks() -> None:
    def measured(cost: float) -> Check:
        return find(
            judge(
                results(
                    closed("embed_1", "limit", "32", 0, cost=cost),
                    closed("embed_1", "suite", "32", 0, throughput=150.0),
                    closed("embed_1", "litserve", "32", 0, throughput=100.0),
                )
            ),
            "embed_1, throughput / litserve's",
        )

    assert (measured(1.9).bound, measured(1.9).state) == (2.0, "MISSED")
    assert (measured(2.1).bound, measured(2.1).state) == (1.0, "met")


def test_one_caller_is_compared_with_the_best_of_all_round_by_round() -> None:
    p50 = {"suite": (11.0, 12.0), "fastapi": (10.0, 20.0), "litserve": (20.0, 10.0), "triton": (1.0, 1.0)}
    records = [
        closed("classify_raw", system, "1", number, p50=value)
        for system, values in p50.items()
        for number, value in enumerate(values)
    ]
    check = find(judge(results(*records)), "classify_raw, p50 of one caller / the best's")
    assert check.found == spread([1.1, 1.2])


def test_the_service_s_own_part_is_that_of_its_process() -> None:
    record = Record("closed", "small", "suite", "32", 0, {"cost": 1.0}, {"sensorium_text": 0.44, "tritonserver": 0.3})
    check = find(judge(results(record)), "small, CPU-ms of sensorium_text a request")
    assert (check.found, check.state) == (spread([0.44]), "met")


def test_what_was_not_measured_is_neither_met_nor_missed() -> None:
    found = judge(results())
    assert [figure.state for figure in found] == ["not measured"] * 5
    assert len(found) == 5


def test_one_missed_comparison_misses_the_figure_even_where_others_were_not_measured() -> None:
    good, bad = (Check("a", spread([2.0]), bound, at_least=True) for bound in (1.0, 3.0))
    unknown = Check("b", None, 1.0, at_least=True)
    assert Figure(1, "t", (good, good)).state == "met"
    assert Figure(1, "t", (good, unknown)).state == "not measured"
    assert Figure(1, "t", (unknown, bad, good)).state == "MISSED"


def test_the_table_shows_each_comparison_below_its_figure() -> None:
    figure = Figure(3, "growth", (Check("cost", spread([1.2]), 1.1, at_least=False),))
    assert table([figure]) == "3. growth: MISSED\n     cost: 1.2 (1.2-1.2) (≤ 1.1) MISSED"
