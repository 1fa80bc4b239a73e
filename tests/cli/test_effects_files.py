"""Files of effects as people have them: separators, decimal commas, words among numbers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2].parent / "shared" / "cases" / "statistics"
ROWS = (("A 2001", "0.5", "0.04"), ("B 2005", "0.3", "0.02"), ("C 2010", "0.8", "0.09"))
# Weighted by 1 / vi, as rma(yi, vi, method="EE")
ESTIMATE = (0.5 / 0.04 + 0.3 / 0.02 + 0.8 / 0.09) / (1 / 0.04 + 1 / 0.02 + 1 / 0.09)
Call = Callable[..., Any]


def file_of(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


@pytest.mark.parametrize(
    ("separator", "point"), [(",", "."), (";", ","), (";", "."), ("\t", ","), ("\t", ".")]
)
def test_separators_and_decimal_commas(
    call: Call, tmp_path: Path, separator: str, point: str
) -> None:
    rows = (separator.join(row).replace(".", point) for row in ROWS)
    path = file_of(tmp_path / "effects.csv", separator.join(("study", "yi", "vi")), *rows)
    found = call("pool", "--input", path, "--method", "EE", "--json")
    assert found["estimate"] == pytest.approx(ESTIMATE, rel=1e-12)
    notes = " ".join(found["notes"])
    assert ("decimal commas throughout" in notes) == (point == ",")
    assert ("separated by" in notes) == (separator != ",")


def test_quoted_decimal_commas(call: Call, tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.csv", "yi,vi", '"0,5","0,04"', '"0,3","0,02"', '"0,8","0,09"')
    found = call("pool", "--input", path, "--method", "EE", "--json")
    assert found["estimate"] == pytest.approx(ESTIMATE, rel=1e-12)


def test_a_decimal_comma_among_points_is_an_error(call: Call, tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.csv", "yi;vi", "0.5;0.04", "0,3;0.02")
    said = call("pool", "--input", path, code=1)
    assert "line 3, column yi: '0,3' is not a number with a decimal point" in said


@pytest.mark.parametrize("variance", ["0", "-0.1", "inf"])
def test_a_variance_that_is_none_is_named_by_its_line(
    call: Call, tmp_path: Path, variance: str
) -> None:
    path = file_of(tmp_path / "a.csv", "yi,vi", "0.5,0.04", f"0.3,{variance}")
    said = call("pool", "--input", path, code=1)
    assert f"line 3, column vi: '{variance}' is not a variance above 0" in said


def test_an_infinite_effect_is_named_by_its_line(call: Call, tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.csv", "yi,vi", "inf,0.04", "0.3,0.02")
    assert "line 2, column yi: 'inf' is not a finite number" in call(
        "pool", "--input", path, code=1
    )


def test_a_column_that_stands_twice(call: Call, tmp_path: Path) -> None:
    path = file_of(tmp_path / "a.csv", "yi,vi,yi", "0.5,0.04,1", "0.3,0.02,2")
    assert "more than one column called 'yi'" in call("pool", "--input", path, code=1)


def moderated(path: Path, ages: list[str]) -> Path:
    rows = (f"S{i},{0.1 * i},0.0{i % 3 + 2},{age}" for i, age in enumerate(ages))
    return file_of(path, "study,yi,vi,age", *rows)


def test_percentages_are_numbers_where_all_of_a_column_are(call: Call, tmp_path: Path) -> None:
    ages = ["30", "25", "35", "41", "22.5", "28"]
    plain = call("pool", "--input", moderated(tmp_path / "a.csv", ages), "--mods", "age", "--json")
    shares = moderated(tmp_path / "b.csv", [f"{age}%" for age in ages])
    assert call("pool", "--input", shares, "--mods", "age", "--json")["qm"] == plain["qm"]
    mixed = moderated(tmp_path / "c.csv", [*ages[:-1], "28%"])
    said = call("pool", "--input", mixed, "--mods", "age", code=1)
    assert "age is mostly numbers, but holds '28%'" in said


@pytest.mark.parametrize("word", ["NR", '"1,5"', "?"])
def test_a_word_in_a_column_of_numbers_is_an_error(call: Call, tmp_path: Path, word: str) -> None:
    path = moderated(tmp_path / "a.csv", ["30", "25", word, "41", "22.5", word])
    said = call("pool", "--input", path, "--label", "study", "--mods", "age", code=1)
    shown = word.strip('"')
    assert f"age is mostly numbers, but holds '{shown}' (S2, S5)" in said
    assert "write NA" in said


@pytest.mark.parametrize("blank", ["", "NA", "  "])
def test_missing_values_leave_numbers_numbers(call: Call, tmp_path: Path, blank: str) -> None:
    path = moderated(tmp_path / "a.csv", ["30", "25", blank, "41", "22.5"])
    found = call("pool", "--input", path, "--mods", "age", "--json")
    assert [row["term"] for row in found["coefficients"]] == ["intercept", "age"]
    assert "1 of 5 effects have no value for age: left out" in found["notes"]


def test_groups_may_mix_numbers_and_words(call: Call, tmp_path: Path) -> None:
    path = moderated(tmp_path / "a.csv", ["1", "2", "3+", "1", "2", "3+", "1"])
    found = call("pool", "--input", path, "--subgroup", "age", "--json")
    assert [row["group"] for row in found["subgroups"]["groups"]] == ["1", "2", "3+"]


def test_levels_that_differ_only_in_case_are_said(call: Call, tmp_path: Path) -> None:
    path = moderated(tmp_path / "a.csv", ["Old", "old", "young", "young", "Old", "old"])
    notes = call("pool", "--input", path, "--mods", "age", "--json")["notes"]
    assert any("age: 'Old', 'old' differ only in case" in note for note in notes)


def read_case(name: str) -> dict[str, Any]:
    cases = json.loads((FOLDER / "cases.json").read_text("utf-8"))
    return next(case for case in cases if case["id"] == name)


EXPECTED = {
    "F01a limit se": ("bias limit", {"estimate": "estimate", "se": "se"}),
    "F01c limit se": ("bias limit", {"estimate": "estimate", "se": "se"}),
    "F01d limit se normal_08": ("bias limit", {"estimate": "est", "se": "se"}),
    "F02 selection 0": ("bias selection", {"estimate": "est", "se": "se", "lrt_p": "lrtp"}),
    "F02 selection 1": ("bias selection", {"estimate": "est", "se": "se", "lrt_p": "lrtp"}),
    "F02 selection outlier_04": ("bias selection", {"estimate": "est", "lrt_p": "lrtp"}),
    "F02 selection outlier_08": ("bias selection", {"estimate": "est", "lrt_p": "lrtp"}),
    "F04 trim and fill of Metapsy": (
        "bias trimfill --trim-model common",
        {"k0": "k0", "estimate": "estimate"},
    ),
    "F05a Begg ties": ("bias begg", {"kendall_tau": "kendall_tau", "p": "p"}),
    "F06 Orwin": ("bias failsafe_n", {"orwin": "orwin"}),
    "F08a Bayes half-Cauchy, k=2": (
        "bayes tau --tau-prior half-cauchy --tau-scale 0.5",
        {"mean": "tau_mean"},
    ),
    "F10 decimal commas, semicolons": ("pool", {"estimate": "estimate"}),
}
needs_cases = pytest.mark.skipif(
    not (FOLDER / "cases.json").exists(), reason="the further cases are not beside the project"
)


@needs_cases
@pytest.mark.parametrize("name", EXPECTED)
def test_further_cases(call: Call, name: str) -> None:
    case = read_case(name)
    (command, *words), fields = EXPECTED[name][0].split(), EXPECTED[name][1]
    part = words[:1] if command != "pool" else []
    found = call(command, "--input", FOLDER / case["files"][0], *words[1:], "--json")
    for key in part:
        found = found[key]
    for field, key in fields.items():
        assert found[field] == pytest.approx(case["expected"][key], rel=2e-4), field


@needs_cases
def test_further_cases_without_a_number(call: Call) -> None:
    assert "line 3, column vi" in call("pool", "--input", FOLDER / "F09_zero_vi.csv", code=1)
    words = ("pool", "--input", FOLDER / "F07_nr30.csv", "--mods", "age")
    assert "holds 'NR'" in call(*words, code=1)
    found = call("pool", "--input", FOLDER / "F07_na30.csv", "--mods", "age", "--json")
    assert found["qm_p"] == pytest.approx(0.0295, abs=5e-5)
    lone = ("--cluster", "trial", "--mods", "alloc", "--robust", "CR2", "--json")
    rows = call("pool", "--input", FOLDER / "F03a_bcg_minus_row5.csv", *lone)["coefficients"]
    assert [row["se"] and round(row["se"], 3) for row in rows] == [None, 0.28, 0.357]
    levels = ("--cluster", "study", "--mods", "g", "--model", "three-level")
    found = call("pool", "--input", FOLDER / "F03c_m00.csv", *levels, "--json")
    assert found["tau2_between"] is None
    assert found["robust_coefficients"] == []
    said = call("pool", "--input", FOLDER / "F03c_m00.csv", *levels, "--robust", "CR2", code=1)
    assert "cannot be estimated" in said
    prior = ("--tau-prior", "half-cauchy", "--json")
    found = call("bayes", "--input", FOLDER / "F08a_dup_02.csv", *prior)
    assert found["mu"]["sd"] is None
    assert found["predicted"]["sd"] is None


@needs_cases
def test_every_further_case_is_walked() -> None:
    cases = json.loads((FOLDER / "cases.json").read_text("utf-8"))
    named = {case["id"] for case in cases} - set(EXPECTED)
    assert {name.split()[0] for name in named} == {"F03a", "F03c", "F07", "F09"}
