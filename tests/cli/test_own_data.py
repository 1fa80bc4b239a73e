"""The commands on tables of arms: effects, and pool and its sisters with --input."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.evidence.test_own_data import BIBLIOGRAPHY, SHARED
from tests.own_tables import ARMS, FILES

Call = Callable[..., Any]


@pytest.fixture
def written(tmp_path: Path) -> Callable[[str], Path]:
    def write(name: str) -> Path:
        path = tmp_path / name
        path.write_bytes(next(file.data for file in FILES if file.name == name))
        return path

    return write


def test_effects_says_what_each_row_was_read_as(call: Call, written: Callable[[str], Path]) -> None:
    found = call("effects", written("excel.xlsx"), "--flip", "--json")
    assert found["measure"] == "SMD"
    assert found["columns"]["m1"] == "Mean (treatment)"
    assert len(found["effects"]) == len(ARMS)
    first = found["effects"][0]
    assert first["yi"] > 0
    assert first["done"] == "sign turned"
    said = call("effects", written("excel.xlsx"))
    assert "Hedges g (SMD)" in said
    assert "sheet 'Data' was read" in said


def test_effects_as_csv_keep_the_columns_of_the_input(
    call: Call, written: Callable[[str], Path]
) -> None:
    header, first, *_ = call("effects", written("metafor.csv"), "--csv").splitlines()
    assert header.startswith("line,study,label,yi,vi,read_as,done,study (input),m1i")
    assert first.startswith("2,Adams 2001,Adams 2001,")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_kind_is_pooled(call: Call, written: Callable[[str], Path], file: Any) -> None:
    found = call("pool", "--input", written(file.name), "--json")
    assert found["k"] == len(ARMS)
    assert found["measure"] == ("yi" if file.name == "yi.csv" else file.measure)
    assert found["ci_lower"] < found["estimate"] < found["ci_upper"]


def test_ratios_are_given_on_their_plain_scale_too(
    call: Call, written: Callable[[str], Path]
) -> None:
    path = written("events.csv")
    found = call("pool", "--input", path, "--measure", "rr", "--json")
    assert found["natural"]["label"] == "Risk ratio"
    assert found["natural"]["estimate"] > 1.0
    assert "Risk ratio" in call("pool", "--input", path, "--measure", "RR")


def test_arms_in_several_comparisons(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "shared.csv"
    path.write_text(SHARED, "utf-8")
    che = ("pool", "--input", path, "--model", "che", "--json")
    loose, known = call(*che), call(*che, "--shared-control", "covariance")
    assert known["k"] == 4
    assert known["coefficients"][0]["se"] != loose["coefficients"][0]["se"]
    said = call("pool", "--input", path, "--shared-control", "covariance", code=2)
    assert "goes with --model che or three-level" in said
    halves = call("pool", "--input", path, "--shared-control", "split", "--json")
    assert any("split among them" in note for note in halves["notes"])


def test_moderators_and_bias_of_arms(call: Call, tmp_path: Path) -> None:
    table = next(file.data for file in FILES if file.name == "metafor.csv").decode().splitlines()
    dated = (f"{row},{2000 + place**2}" for place, row in enumerate(table[1:]))
    path = tmp_path / "dated.csv"
    path.write_text("\n".join([f"{table[0]},year", *dated]), "utf-8")
    assert call("pool", "--input", path, "--mods", "year", "--json")["qm_p"] is not None
    assert call("bias", "--input", path, "--predictor", "vi", "--json")["egger"]["k"] == len(ARMS)


def test_options_of_a_table_that_contradict_it(call: Call, written: Callable[[str], Path]) -> None:
    path = written("metafor.csv")
    assert "does not hold what OR needs" in call("effects", path, "--measure", "OR", code=1)
    assert "'nothing' is none of" in call("effects", path, "--column", "nothing=m1i", code=2)
    assert "does not exist" in call("effects", path.with_name("none.csv"), code=1)


def test_a_bibliography_beside_the_table(
    call: Call, written: Callable[[str], Path], tmp_path: Path
) -> None:
    path = tmp_path / "own.bib"
    path.write_text(BIBLIOGRAPHY, "utf-8")
    for name in ("metafor.csv", "yi.csv"):
        found = call("pool", "--input", written(name), "--bibliography", path, "--json")
        keys = [one["reference"] for one in found["references"]]
        assert keys == ["adams", "", "celik", "", "", ""]
        assert "2 of 6 studies found their reference (2 by label)" in found["notes"]
    shown = call("effects", written("metafor.csv"), "--bibliography", path)
    assert "no reference was found for Brown 2004" in shown
    absent = call("effects", written("metafor.csv"), "--bibliography", tmp_path / "no.bib", code=1)
    assert "Give the path of a bibliography" in absent
