"""The statistical commands: every model and method, from a CSV and from the base."""

from __future__ import annotations

import csv
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ipt_evidence.cli import main
from ipt_evidence.meta_analysis.dependent_effects import aggregate, cluster_robust, multilevel
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.influence import cumulative, influence, leave_one_out
from ipt_evidence.meta_analysis.models import TESTS, pool
from ipt_evidence.meta_analysis.moderators import meta_regression, residual_heterogeneity, subgroups
from ipt_evidence.meta_analysis.small_study_effects.asymmetry import egger_test
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import trim_and_fill

POOL_FIELDS = set(
    "k n n_effects estimate se ci_lower ci_upper pi_lower pi_upper tau2 tau2_ci_lower "
    "tau2_ci_upper i2 h2 q q_df q_p stat p df method test level measure favours model robust "
    "coefficients".split()
)
COEFFICIENT = set("term estimate se stat df p ci_lower ci_upper".split())
BIAS = (
    "egger begg trimfill pet peese selection limit henmi_copas lfk p_curve excess_significance "
    "failsafe_n"
).split()


class Data:
    """20 effects of 12 trials, with what a moderator may be."""

    def __init__(self, path: Path) -> None:
        rng = np.random.default_rng(20240501)
        self.study = [f"trial {i}" for i in (*range(12), 0, 0, 1, 2, 3, 4, 5, 5)]
        number = np.array([int(name.split()[1]) for name in self.study])
        self.vi = np.round(rng.uniform(0.02, 0.2, number.size), 4)
        self.yi = np.round(0.4 + 0.3 * np.sin(number) + rng.normal(0, np.sqrt(self.vi)), 4)
        self.year = 1990.0 + number
        self.kind = ["group" if i % 2 else "single" for i in number]
        self.path = path
        columns = ("yi", "vi", "study", "year", "kind")
        rows = zip(self.yi, self.vi, self.study, self.year, self.kind, strict=True)
        write(path, columns, *rows)


def write(path: Path, *rows: tuple[Any, ...]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return path


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path / "effects.csv")


def same(found: dict[str, Any], expected: object, names: str) -> None:
    for name in names.split():
        value = getattr(expected, name)
        close = pytest.approx(value, rel=1e-12) if isinstance(value, float) else value
        assert found[name] == close, name


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
def test_every_estimator_and_test(call, data: Data, method: str, test: str) -> None:
    found = call(
        "pool", "--input", data.path, "--method", method, "--test", test, "--level", 90, "--json"
    )
    assert set(found) >= POOL_FIELDS
    expected = pool(data.yi, data.vi, method=method, test=test, level=90)
    same(found, expected, "k estimate se ci_lower ci_upper pi_lower pi_upper tau2 i2 h2 q p df")
    assert found["coefficients"][0]["term"] == "intercept"
    assert set(found["coefficients"][0]) == COEFFICIENT
    assert found["coefficients"][0]["ci_lower"] == found["ci_lower"]
    if method in ("EE", "FE"):
        assert found["tau2_ci_upper"] is None
    else:
        assert 0 <= found["tau2_ci_lower"] < found["tau2_ci_upper"]


def test_clusters_are_combined_first(call, data: Data) -> None:
    found = call("pool", "--input", data.path, "--cluster", "study", "--rho", 0.3, "--json")
    one = aggregate(data.yi, data.vi, data.study, 0.3)
    same(found, pool(one.yi, one.vi), "k estimate se tau2")
    assert (found["k"], found["n_effects"], found["n_studies"]) == (12, 20, 12)


@pytest.mark.parametrize(("model", "rho"), [("three-level", 0.0), ("che", 0.6)])
def test_models_of_dependent_effects(call, data: Data, model: str, rho: float) -> None:
    arguments = ("pool", "--input", data.path, "--cluster", "study", "--model", model, "--json")
    found, robust = call(*arguments), call(*arguments, "--robust", "CR2")
    expected = multilevel(data.yi, data.vi, data.study, rho=rho)
    assert set(found) >= POOL_FIELDS
    same(found, expected.coefficients[0], "estimate se stat df p ci_lower ci_upper")
    same(found, expected, "k n_studies tau2_between tau2_within q pi_lower log_likelihood")
    assert found["tau2"] == pytest.approx(expected.tau2_between + expected.tau2_within)
    same(robust, expected.robust_coefficients[0], "estimate se stat df p ci_lower ci_upper")
    assert (found["robust"], robust["robust"]) == (None, "CR2")
    assert robust["coefficients"] == found["robust_coefficients"]
    assert robust["model_coefficients"] == found["coefficients"]


def test_a_three_level_model_with_z_as_metafor_prints_it(call, data: Data) -> None:
    arguments = ("pool", "--input", data.path, "--cluster", "study", "--model", "three-level")
    found = call(*arguments, "--test", "z", "--mods", "year", "--json")
    assert found["coefficients"][1]["df"] is None
    assert found["qm"] == pytest.approx(found["coefficients"][1]["stat"] ** 2)
    assert (found["qm_df1"], found["qm_df2"]) == (1, None)
    assert found["estimate"] is None
    assert "year" in call(*arguments, "--mods", "year")


def test_moderators(call, data: Data) -> None:
    found = call("pool", "--input", data.path, "--mods", "year,kind", "--json")
    moderators = {"year": data.year, "kind": data.kind}
    expected = meta_regression(data.yi, data.vi, moderators)
    assert [c["term"] for c in found["coefficients"]] == ["intercept", "year", "kind=single"]
    for row, coefficient in zip(found["coefficients"], expected.coefficients, strict=True):
        same(row, coefficient, "estimate se stat df p ci_lower ci_upper")
    same(found, expected, "k tau2 i2 h2 r2 qe qe_df qm qm_df1 qm_df2 qm_p")
    limits = residual_heterogeneity(data.yi, data.vi, moderators)
    assert found["tau2_ci_upper"] == pytest.approx(limits.tau2_upper)
    assert set(found) >= POOL_FIELDS


def test_robust_errors_of_a_simple_model(call, data: Data) -> None:
    found = call(
        "pool", "--input", data.path, "--cluster", "study", "--robust", "CR2", "--mods", "year",
        "--json",
    )  # fmt: skip
    one = aggregate(data.yi, data.vi, data.study)
    years = [1990.0 + int(str(study).split()[1]) for study in one.study]
    tau2 = meta_regression(one.yi, one.vi, {"year": years}).tau2
    expected = cluster_robust(one.yi, one.vi, one.study, tau2=tau2, moderators={"year": years})
    for row, coefficient in zip(found["coefficients"], expected.coefficients, strict=True):
        same(row, coefficient, "estimate se df p ci_lower")


@pytest.mark.parametrize("common", [False, True])
def test_subgroups(call, data: Data, common: bool) -> None:
    flag = ("--common-tau2",) if common else ()
    found = call("pool", "--input", data.path, "--subgroup", "kind", *flag, "--json")
    expected = subgroups(data.yi, data.vi, data.kind, common_tau2=common)
    same(found, pool(data.yi, data.vi), "k estimate se")
    same(found["subgroups"], expected, "q_between df1 df2 p common_tau2")
    assert [g["group"] for g in found["subgroups"]["groups"]] == ["group", "single"]
    for row, group in zip(found["subgroups"]["groups"], expected.groups, strict=True):
        same(row, group, "k estimate se ci_lower ci_upper tau2 i2")
    assert "single" in call("pool", "--input", data.path, "--subgroup", "kind", *flag)


def test_rows_without_a_moderator_are_left_out_and_counted(call, tmp_path: Path) -> None:
    path = write(
        tmp_path / "e.csv", ("yi", "vi", "year"),
        (0.1, 0.1, 2001), (0.4, 0.1, ""), (0.2, 0.1, 2003), (0.5, 0.2, "NA"), (0.3, 0.1, 2009),
        (0.2, 0.1, 2010),
    )  # fmt: skip
    found = call("pool", "--input", path, "--mods", "year", "--json")
    assert found["k"] == 4
    assert found["notes"][0] == "2 of 6 effects have no value for year: left out"


def test_a_moderator_that_differs_within_a_study(call, tmp_path: Path) -> None:
    path = write(
        tmp_path / "e.csv", ("yi", "vi", "study", "month", "rater"),
        (0.1, 0.1, "a", 1, "self"), (0.4, 0.1, "a", 3, "other"), (0.2, 0.1, "b", 3, "self"),
        (0.5, 0.2, "c", 6, "self"), (0.3, 0.1, "d", 9, "self"),
    )  # fmt: skip
    arguments = ("pool", "--input", path, "--cluster", "study", "--mods")
    found = call(*arguments, "month", "--json")
    assert found["notes"][0] == "month differs within 1 study: its mean was taken"
    assert "rater differs among the effects of a" in call(*arguments, "rater", code=1)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--model", "three-level"),
        ("--robust", "CR2"),
        ("--cluster", "study", "--model", "che", "--method", "DL"),
        ("--cluster", "study", "--model", "che", "--test", "knha"),
        ("--cluster", "study", "--model", "che", "--rho", "1"),
        ("--cluster", "study", "--model", "che", "--subgroup", "kind"),
        ("--common-tau2",),
        ("--mods", "year,year"),
        ("--robust", "HC1"),
        ("--model", "magic"),
    ],
)
def test_combinations_that_do_not_exist_are_errors_of_the_call(
    call, data: Data, arguments: tuple[str, ...]
) -> None:
    assert "--" in call("pool", "--input", data.path, *arguments, "--json", code=2)


def test_bias_gives_every_method_with_cautions(call, data: Data) -> None:
    found = call("bias", "--input", data.path, "--json")
    assert list(found) == BIAS
    assert all("error" not in method for method in found.values())
    assert all(isinstance(method["cautions"], list) for method in found.values())
    same(found["egger"], egger_test(data.yi, data.vi), "k slope se stat df p limit model")
    filled = trim_and_fill(data.yi, data.vi)
    same(found["trimfill"], filled, "k0 side estimator")
    same(found["trimfill"]["adjusted"], filled.adjusted, "estimate se ci_lower tau2")
    for name in ("trimfill", "pet", "peese", "selection", "limit"):
        row = found[name]
        assert row["ci_lower"] < row["estimate"] < row["ci_upper"], name
    assert found["pet"]["selected"] is not found["peese"]["selected"]


def test_bias_options(call, data: Data) -> None:
    found = call(
        "bias", "--input", data.path, "--egger-model", "mixed", "--estimator", "R0", "--side",
        "right", "--steps", ".025,.5", "--json",
    )  # fmt: skip
    assert found["egger"]["model"] == "mixed"
    assert (found["trimfill"]["estimator"], found["trimfill"]["side"]) == ("R0", "right")
    assert len(found["selection"]["intervals"]) == 3
    call("bias", "--input", data.path, "--steps", "soon", code=2)
    for predictor, values in (("vi", data.vi), ("year", data.year)):
        found = call("bias", "--input", data.path, "--predictor", predictor, "--json")["egger"]
        same(found, egger_test(data.yi, data.vi, predictor=values), "slope p limit")
    call("bias", "--input", data.path, "--predictor", "kind", code=1)


def test_bias_of_two_studies_says_why_for_each_method(call, tmp_path: Path) -> None:
    path = write(tmp_path / "e.csv", ("yi", "vi"), (0.2, 0.1), (0.5, 0.1))
    found = call("bias", "--input", path, "--json")
    assert list(found) == BIAS
    assert "at least 3 needed" in found["egger"]["error"]
    assert found["p_curve"]["p_full"] is None
    assert any("fewer than 10" in text for text in found["egger"]["cautions"])
    assert "cannot be run" in call("bias", "--input", path)


def test_influence(call, data: Data) -> None:
    found = call("influence", "--input", data.path, "--label", "kind", "--json")
    for row, expected in zip(found["studies"], influence(data.yi, data.vi), strict=True):
        same(row, expected, "position rstudent dffits cook cov_ratio hat dfbetas influential")
        assert row["label"] == data.kind[row["position"]]
    for row, left in zip(found["leave_one_out"], leave_one_out(data.yi, data.vi), strict=True):
        same(row, left, "k estimate se ci_lower ci_upper tau2 i2 p")
    assert set(found["outliers"]) == {"positions", "labels", "full", "without"}
    assert "Without each study" in call("influence", "--input", data.path, "--cluster", "study")


def test_influence_of_one_and_two_studies(call, tmp_path: Path) -> None:
    for rows in ([(0.2, 0.1)], [(0.2, 0.1), (0.5, 0.1)]):
        path = write(tmp_path / "e.csv", ("yi", "vi"), *rows)
        found = call("influence", "--input", path, "--json")
        assert (found["k"], found["studies"]) == (len(rows), [])
        assert len(found["leave_one_out"]) == (2 if len(rows) == 2 else 0)
        assert "at least 3" in found["notes"][-1]


def test_cumulative(call, data: Data) -> None:
    by_year = call(
        "cumulative", "--input", data.path, "--by", "year", "--cluster", "study", "--json"
    )
    assert [row["by"] for row in by_year["steps"]] == sorted(1990.0 + i for i in range(12))
    assert [row["k"] for row in by_year["steps"]] == list(range(1, 13))
    one = aggregate(data.yi, data.vi, data.study)
    same(by_year["steps"][-1], pool(one.yi, one.vi), "estimate se tau2")
    precise = call("cumulative", "--input", data.path, "--json")
    assert precise["by"] == "precision"
    for row, expected in zip(precise["steps"], cumulative(data.yi, data.vi, data.vi), strict=True):
        same(row, expected, "position estimate se")
    assert "kind holds words, like 'single'" in call(
        "cumulative", "--input", data.path, "--by", "kind", code=1
    )


def test_the_base_answers_the_same_commands(call) -> None:
    question = ("--condition", "depression", "--json")
    simple = call("pool", *question)
    assert set(simple) >= POOL_FIELDS
    levels = call("pool", *question, "--model", "three-level", "--robust", "CR2")
    assert levels["k"] == levels["n_effects"] >= levels["n_studies"] == simple["k"]
    assert levels["favours"] == "IPT"
    mods = call("pool", *question, "--mods", "year")
    assert mods["coefficients"][1]["term"] == "year"
    assert mods["favours"] == "neither"
    groups = call("pool", *question, "--subgroup", "comparator_type")["subgroups"]["groups"]
    assert {group["group"] for group in groups} >= {"waitlist", "care_as_usual"}
    assert list(call("bias", *question)) == BIAS
    rows = call("influence", *question)["studies"]
    assert {row["label"] for row in rows} == {trial["label"] for trial in simple["trials"]}
    steps = call("cumulative", *question)["steps"]
    assert steps == sorted(steps, key=lambda row: row["by"])
    assert math.isclose(steps[-1]["estimate"], simple["estimate"], rel_tol=1e-9)


def test_a_question_without_effects(call) -> None:
    question = ("--condition", "anxiety", "--comparison", "maintenance", "--json")
    empty = call("pool", *question, "--model", "che")
    assert (empty["k"], empty["estimate"], empty["coefficients"]) == (0, None, [])
    for command in ("bias", "influence", "cumulative"):
        assert "No usable effect" in call(command, *question, code=1)


def test_an_unknown_column_is_named(call, data: Data) -> None:
    for option in ("--cluster", "--mods", "--subgroup", "--label"):
        assert "no column 'nope'" in call(
            "pool", "--input", data.path, option, "nope", "--json", code=1
        )
    assert "No column 'nope'" in call("pool", "--mods", "nope", "--json", code=2)
    assert "--cluster" in call("pool", "--cluster", "study_id", "--json", code=2)


@pytest.mark.parametrize(
    "rows",
    [
        [(1.0, 1e-16), (0.0, 1e16), (1.0, 1.0), (0.0, 1e-16), (2.0, 1.0)],
        [(-6.6e7, 8.7e10), (-0.0039, 5.3e-12), (2.3e5, 3.3e12), (2.3, 6.8e-13)],
        [(0.3, 1e-12)] * 4,
        [(1e8, 1e-16), (-1e8, 1e-16), (1e8, 1e16)],
        [(0.5, 0.1), (0.5, 0.1)],
        [(0.5, 0.1)],
    ],
)
def test_extreme_effects_give_a_number_or_a_reason(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rows: list[tuple[float, float]]
) -> None:
    table = [(*row, f"s{i // 2}", i) for i, row in enumerate(rows)]
    path = write(tmp_path / "e.csv", ("yi", "vi", "study", "x"), *table)
    for arguments in (
        ("pool",), ("pool", "--method", "DL"), ("pool", "--mods", "x"),
        ("pool", "--subgroup", "study"), ("bias",), ("influence",), ("cumulative",),
        ("pool", "--cluster", "study", "--model", "three-level", "--robust", "CR2"),
        ("pool", "--cluster", "study", "--model", "che"),
    ):  # fmt: skip
        for as_json in (("--json",), ()):
            with pytest.raises(SystemExit) as stopped:
                main([arguments[0], "--input", str(path), *arguments[1:], *as_json])
            captured = capsys.readouterr()
            assert stopped.value.code in (None, 0, 1)
            assert (len(captured.out) > 10) is not bool(stopped.value.code)
            assert "Traceback" not in captured.err


@pytest.mark.parametrize(("yi", "vi"), [("0.1", "0"), ("0.1", "-1"), ("nan", "1"), ("inf", "1")])
@pytest.mark.parametrize("command", ["pool", "bias", "influence", "cumulative"])
def test_an_unusable_effect_is_an_error_of_the_data(
    call, tmp_path: Path, command: str, yi: str, vi: str
) -> None:
    path = write(tmp_path / "e.csv", ("yi", "vi"), (0.2, 0.1), (yi, vi), (0.4, 0.2), (0.3, 0.1))
    message = call(command, "--input", path, "--json", code=1)
    assert "line 3" in message or "position 1" in message
