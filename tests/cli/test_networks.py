"""The commands `network` and `counts` on tables of their kinds."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from numpy.testing import assert_allclose

from ipt_evidence.cli import main
from ipt_evidence.meta_analysis.counts import mantel_haenszel, peto
from ipt_evidence.meta_analysis.network import from_arms, network
from ipt_evidence.meta_analysis.proportions import logit_normal

DATA = Path(__file__).parents[1] / "reference" / "data"
ARMS = {
    "study": ["s1", "s1", "s1", "s2", "s2", "s3", "s3", "s4", "s4"],
    "treatment": ["IPT", "CBT", "WL", "IPT", "WL", "CBT", "WL", "IPT", "CBT"],
    "mean": [8.0, 9.0, 12.0, 7.5, 11.0, 9.5, 13.0, 8.0, 8.2],
    "sd": [4.0, 4.5, 5.0, 4.2, 4.8, 5.1, 5.5, 3.9, 4.4],
    "n": [30, 31, 29, 40, 38, 25, 26, 50, 52],
    "events": [12, 14, 5, 18, 9, 11, 4, 25, 24],
}


@pytest.fixture
def asked(capsys: pytest.CaptureFixture[str]) -> Any:
    def ask(*arguments: object, code: int | None = None) -> Any:
        with pytest.raises(SystemExit) as stopped:
            main([str(one) for one in arguments])
        captured = capsys.readouterr()
        assert (stopped.value.code or None) == code, captured.err
        return captured.err if code else captured.out

    return ask


def written(path: Path, columns: dict[str, list[Any]], separator: str = ",") -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=separator)
        writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))
    return path


def test_contrasts_of_a_published_network(asked: Any) -> None:
    found = json.loads(asked("network", DATA / "senn2013.csv", "--reference", "plac", "--json"))
    assert (found["k"], found["n"], found["designs"]) == (26, 10, 15)
    assert_allclose(found["tau2"], 0.108716923142419, rtol=1e-9)  # netmeta 2.9-0
    assert found["consistency"]["between_random"]["df"] == 7
    text = asked("network", DATA / "senn2013.csv", "--smaller-is-better")
    ranked = text.partition("P-scores:")[2].split()
    assert ranked[2:4] == ["rosi", "0.8934"]
    assert "do not clearly disagree" in text
    assert "Net heat: rosi v sulf fits the rest better once metf v sulf is left out" in text


def test_bundled_example(asked: Any) -> None:
    found = json.loads(asked("network", "--example", "--reference", "Placebo", "--json"))
    assert (found["k"], found["n"]) == (93, 22)
    assert_allclose(found["tau2"], 0.0174020, rtol=1e-5)  # netmeta 2.9-0
    assert "give INPUT, or --example" in asked("network", code=2)
    assert "give INPUT, or --example" in asked(
        "network", DATA / "senn2013.csv", "--example", code=2
    )


def test_arms_a_row_in_either_measure(asked: Any, tmp_path: Path) -> None:
    path = written(tmp_path / "arms.csv", ARMS, ";")
    for measure, columns in (("SMD", ("mean", "sd", "n")), ("OR", ("events", "n"))):
        arms = {name: ARMS[name] for name in columns}
        own = from_arms(ARMS["study"], ARMS["treatment"], measure=measure, **arms)
        expected = network(own)
        found = json.loads(asked("network", path, "--measure", measure, "--json"))
        assert found["measure"] == measure
        assert_allclose(
            [one["estimate"] for one in found["comparisons"]],
            [one.estimate for one in expected.comparisons],
        )
        assert "columns are separated by semicolons" in found["notes"]


def test_comparisons_with_the_numbers_of_both_arms(asked: Any, tmp_path: Path) -> None:
    table = {
        "study": ["a", "b", "c"], "treat1": ["IPT", "IPT", "CBT"], "treat2": ["CBT", "WL", "WL"],
        "events1": [10, 12, 9], "n1": [30, 30, 28], "events2": [11, 5, 4], "n2": [31, 29, 30],
    }  # fmt: skip
    found = json.loads(asked("network", written(tmp_path / "pairs.csv", table), "--json"))
    assert found["measure"] == "OR"
    assert found["reference"] in ("CBT", "IPT", "WL")
    assert found["q_df"] == 1


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"study": ["a", "b"], "yi": [1, 2], "vi": [1, 1]}, "names no treatments"),
        ({"study": ["a", "a"], "treatment": ["x", "y"]}, "holds no arms for any measure"),
        (
            {"study": ["a", "a"], "treatment": ["x", "y"], "events": [1, "many"], "n": [9, 9]},
            "line 3, column events: 'many' is no number",
        ),
    ],
)
def test_tables_that_make_no_network_say_why(
    asked: Any, tmp_path: Path, columns: dict[str, list[Any]], words: str
) -> None:
    assert words in asked("network", written(tmp_path / "x.csv", columns), code=1)


def test_counts_of_two_arms_and_of_one(asked: Any, tmp_path: Path) -> None:
    ai, n1, ci, n2 = [3, 0, 5, 8], [20, 15, 30, 40], [6, 2, 4, 15], [21, 14, 31, 39]
    path = written(tmp_path / "c.csv", {"study": list("abcd"), "ai": ai, "n1i": n1, "ci": ci,
                                         "n2i": n2})  # fmt: skip
    for arguments, expected in (
        ((), mantel_haenszel(ai, n1, ci, n2)),
        (("--measure", "RD"), mantel_haenszel(ai, n1, ci, n2, measure="RD")),
        (("--method", "peto", "--level", 90), peto(ai, n1, ci, n2, level=90.0)),
    ):
        found = json.loads(asked("counts", path, *arguments, "--json"))
        assert_allclose(
            [found["estimate"], found["se"], found["ci_lower"]],
            [expected.estimate, expected.se, expected.ci_lower],
        )
    assert "OR estimate: " in asked("counts", path)
    single = written(tmp_path / "p.csv", {"study": list("abcd"), "xi": ai, "ni": n1})
    found = json.loads(asked("counts", single, "--json"))
    assert_allclose(found["proportion"], logit_normal(ai, n1).proportion)
    assert "mislead" in asked("counts", single, "--method", "double-arcsine")
    assert "xi" in asked("counts", single, "--method", "peto", code=1)
