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
    assert (found["subsets"], found["exhaustive"], found["seed"]) == (63, True, None)
    assert found["estimate"]["50"] == pytest.approx(np.median(expected.estimate))
    assert found["i2"]["100"] == pytest.approx(expected.i2.max())


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
