"""Bayes, power, units, GOSH and multiverse from the command line."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipt_evidence.cli import main
from ipt_evidence.meta_analysis.bayesian import bayesian_pool
from ipt_evidence.meta_analysis.gosh import gosh
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.multiverse import multiverse
from ipt_evidence.meta_analysis.power import next_trial

YI = [0.2, 0.5, 0.8, 0.3, 0.6, 0.1]
VI = [0.04, 0.02, 0.09, 0.05, 0.03, 0.06]
STUDY = list("aabcde")
RATER = ["self", "other", "self", "", "other", "self"]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    found = tmp_path / "effects.csv"
    with found.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(
            [("yi", "vi", "study", "rater"), *zip(YI, VI, STUDY, RATER, strict=True)]
        )
    return found


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]):  # type: ignore[no-untyped-def]
    def run(*arguments: object, code: int = 0) -> Any:
        with pytest.raises(SystemExit) as stopped:
            main([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        assert int(stopped.value.code or 0) == code, captured.err
        if code:
            return captured.err
        return json.loads(captured.out) if "--json" in arguments else captured.out

    return run


def test_bayes(call, path: Path) -> None:
    arguments = ("bayes", "--input", path, "--tau-prior", "half-cauchy", "--mid", 0.24)
    found = call(*arguments, "--label", "study", "--json")
    expected = bayesian_pool(YI, VI, tau_prior="half-cauchy", mid=0.24)
    assert found["mu"]["median"] == pytest.approx(expected.mu.median)
    assert found["probability_above"] == pytest.approx(expected.probability_above)
    assert [row["label"] for row in found["shrunken"]] == STUDY
    assert "probability_above: 0." in call(*arguments)


def test_power(call, path: Path) -> None:
    found = call("power", "--input", path, "--json")
    pooled, coming = pool(YI, VI), next_trial(YI, VI)
    assert found["power"]["effect"] == pytest.approx(pooled.estimate)
    assert found["next_trial"]["n_per_arm"] == coming.n_per_arm
    assert call("power", "--input", path, "--effect", 0, "--json")["power"]["power"] == (
        pytest.approx(0.05)
    )


def test_units(call, path: Path) -> None:
    found = call("units", "--input", path, "--instrument-sd", 8, "--json")
    pooled = pool(YI, VI)
    assert found["points"]["estimate"] == pytest.approx(8 * pooled.estimate)
    assert found["nnt_furukawa"] is None
    assert found["nnt_kraemer_kupfer"]["nnt"] > 0
    assert "not" in call("units", "--input", path, "--control-event-rate", 2, code=1)


def test_gosh(call, path: Path) -> None:
    found = call("gosh", "--input", path, "--method", "DL", "--json")
    expected = gosh(YI, VI, method="DL")
    assert (found["subsets"], found["exhaustive"], found["seed"]) == (42, True, None)
    assert found["too_few"] == 6 + 15  # subsets of one and of two studies
    several = expected.k > 2
    assert found["estimate"]["50"] == pytest.approx(np.median(expected.estimate[several]))
    assert found["i2"]["100"] == pytest.approx(expected.i2[several].max())


@pytest.mark.parametrize(
    "command", ["pool", "bayes", "power", "units", "gosh", "true-effects", "cumulative"]
)
def test_two_studies_are_never_an_estimate(call, tmp_path: Path, command: str) -> None:
    pair = tmp_path / "pair.csv"
    pair.write_text("yi,vi,study\n0.125,0.04,Alder\n0.9,0.05,Birch\n", encoding="utf-8")
    arguments = (command, "--input", pair, "--label", "study")
    mean = f"{pool([0.125, 0.9], [0.04, 0.05]).estimate:.4g}"
    assert mean not in call(*arguments)
    document = call(*arguments, "--json")
    read = document["steps"][-1] if command == "cumulative" else document
    assert read["interpretable"] is False
    assert "one degree of freedom" in read["why_not"]


def test_two_studies_stand_one_by_one(call, tmp_path: Path) -> None:
    pair = tmp_path / "pair.csv"
    pair.write_text("yi,vi,study\n0.125,0.04,Alder\n0.9,0.05,Birch\n", encoding="utf-8")
    said = call("pool", "--input", pair, "--label", "study")
    assert said.startswith("k = 2. Two trials: ")
    assert all(shown in said for shown in ("Alder", "0.125", "Birch", "0.9"))
    document = call("pool", "--input", pair, "--label", "study", "--json")
    assert (document["k"], document["favours"]) == (2, "neither")
    assert document["estimate"] == pytest.approx(pool([0.125, 0.9], [0.04, 0.05]).estimate)
    assert [one["yi"] for one in document["studies"]] == [0.125, 0.9]


def test_a_subgroup_of_two_and_what_three_leave_are_marked(call, path: Path) -> None:
    document = call("pool", "--input", path, "--subgroup", "rater", "--json")
    groups = {one["group"]: one for one in document["subgroups"]["groups"]}
    assert {one["k"]: one["interpretable"] for one in groups.values()}[2] is False
    assert document["interpretable"] is True
    assert "too few to pool" in call("pool", "--input", path, "--subgroup", "rater")
    rest = path.with_name("three.csv")
    rest.write_text("yi,vi\n0.1,0.04\n0.9,0.05\n0.4,0.03\n", encoding="utf-8")
    without = call("influence", "--input", rest, "--json")["leave_one_out"]
    assert [one["interpretable"] for one in without] == [False] * 3


def test_multiverse(call, path: Path) -> None:
    arguments = ("multiverse", "--input", path, "--cluster", "study", "--choices", "rater")
    found = call(*arguments, "--methods", "EE,REML", "--tests", "z", "--rhos", "0.5", "--json")
    masks = {
        "any": [True] * 6,
        "other": [r == "other" for r in RATER],
        "self": [r == "self" for r in RATER],
    }
    expected = multiverse(
        YI, VI, STUDY, {"rater": masks}, rhos=(0.5,), methods=("EE", "REML"), tests=("z",)
    )
    assert found["median"] == pytest.approx(expected.median)
    assert len(found["specifications"]) == 6
    assert (found["pooled"], found["too_few"]) == (4, 2)
    kept = [row["k"] for row in found["specifications"][: found["pooled"]]]
    assert min(kept) > 2
    assert [row["interpretable"] for row in found["specifications"][4:]] == [False, False]
    first = found["specifications"][0]
    assert first["choices"] == dict(expected.specifications[0].choices)
    assert max(row["n_effects"] for row in found["specifications"]) == 6
    assert "specifications: 72" in call(*arguments)
    assert "no column" in call(*arguments[:-1], "nope", code=2).lower()
    call(*arguments, "--methods", "GUESS", code=2)
    call(*arguments, "--rhos", "much", code=2)


def test_the_base_answers_too(call) -> None:
    for command in ("bayes", "power", "units", "multiverse"):
        assert len(call(command, "--condition", "depression")) > 40
