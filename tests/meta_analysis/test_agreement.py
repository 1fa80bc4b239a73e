"""The table of `docs/methods.md` that says how closely each method agrees with R is true.

A row of the table is a method, the function of R, and the largest difference over all stored
values, relative to the larger of the value and 0.01. The test measures it again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ipt_evidence.meta_analysis.coefficients import Formula
from ipt_evidence.meta_analysis.counts import mantel_haenszel, peto
from ipt_evidence.meta_analysis.dependent_effects import (
    cluster_robust,
    multilevel,
    variance_intervals,
)
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.moderators import meta_regression
from ipt_evidence.meta_analysis.network import consistency, from_contrasts, network
from ipt_evidence.meta_analysis.proportions import double_arcsine, logit_normal
from ipt_evidence.meta_analysis.shrinkage import true_effects
from ipt_evidence.meta_analysis.small_study_effects.henmi_copas import henmi_copas

METHODS = Path(__file__).parents[2] / "docs" / "methods.md"
ROW = re.compile(r"^\| ([^|]+?) \| ([^|]+?) \| (\d+) \| ([0-9.e-]+) \|$", re.MULTILINE)
SMALL = 0.01  # values below are compared as if they were this large
ROOM = 1.5  # by which another processor's rounding may exceed what stands in the table

Case = dict[str, Any]
Pairs = Iterator[tuple[float | None, float | None]]


def fields(found: Any, expected: Case, names: str) -> Pairs:
    for name in names.split():
        yield getattr(found, name), expected[name]


def columns(rows: Any, expected: Case, names: str, prefix: str = "") -> Pairs:
    for name in names.split():
        values = np.atleast_1d(expected[prefix + name]).tolist()
        for row, value in zip(rows, values, strict=True):
            yield getattr(row, name), value


def moderators(case: Case, data: Case) -> Case:
    return {} if case["moderators"] == "1" else {case["moderators"]: data[case["moderators"]]}


def of_pool(case: Case, data: Case) -> Pairs:
    choice = {name: case[name] for name in ("method", "test", "level") if name in case}
    found = pool(data["yi"], data["vi"], **choice)
    yield from fields(found, case["expected"], "estimate se ci_lower ci_upper tau2 q")


def of_multilevel(case: Case, data: Case) -> Pairs:
    found = multilevel(
        data["yi"], data["vi"], data["study"], rho=case["rho"], method=case["method"],
        moderators=moderators(case, data),
    )  # fmt: skip
    expected = case["expected"]
    yield from columns(found.coefficients, expected, "estimate se")
    yield from columns(found.robust_coefficients, expected, "se df p", "robust_")
    yield from fields(found, expected, "tau2_between tau2_within")


def of_robust(case: Case, data: Case) -> Pairs:
    found = cluster_robust(
        data["yi"], data["vi"], data["study"], tau2=case["expected"]["tau2"],
        moderators=moderators(case, data),
    )  # fmt: skip
    yield from columns(found.coefficients, case["expected"], "estimate se df p")


def of_joint(case: Case, data: Case) -> Pairs:
    product = [("rater", "year")] if "*" in case["mods"] else []
    values = {"rater": data["rater"], "year": data["year"] - 2005}
    found = multilevel(
        data["yi"], data["vi"], data["study"], smooth=case["smooth"], robust=case["kind"],
        moderators=Formula(values, product, {"rater": "self"}),
    )  # fmt: skip
    tests = {one.about: one for one in found.robust_joint}
    yield from fields(tests["rater"], case["expected"]["rater"], "f df2 p")
    yield from fields(tests["all moderators"], case["expected"]["all"], "f df2 p")


def of_profiles(case: Case, data: Case) -> Pairs:
    choice = {name: case[name] for name in ("rho", "method", "level")}
    for one in variance_intervals(data["yi"], data["vi"], data["study"], **choice):
        yield from fields(one, case["expected"][one.of], "variance ci_lower ci_upper stat p")


def of_true_effects(case: Case, data: Case) -> Pairs:
    choice = {name: case[name] for name in ("method", "test")}
    found = true_effects(data["yi"], data["vi"], moderators(case, data), **choice)
    yield from columns(found, case["expected"], "estimate se pi_lower pi_upper")


def of_henmi_copas(case: Case, data: Case) -> Pairs:
    found = henmi_copas(data["yi"], data["vi"], level=case["level"])
    yield from fields(found, case["expected"], "adjusted se ci_lower ci_upper tau2")


def of_counts(case: Case, data: Case) -> Pairs:
    arms = [data[name] for name in ("events1", "n1", "events2", "n2")]
    found = peto(*arms) if case["method"] == "Peto" else mantel_haenszel(
        *arms, measure=case["measure"]
    )  # fmt: skip
    yield from fields(found, case["expected"], "estimate se ci_lower ci_upper p q q_p")


def of_proportions(case: Case, data: Case) -> Pairs:
    method = logit_normal if case["method"] == "GLMM" else double_arcsine
    found = method(data[f"events{case['arm']}"], data[f"n{case['arm']}"])
    yield from fields(found, case["expected"], "proportion ci_lower ci_upper tau2 q")


def studies_of(data: Case) -> Any:
    names = [data[name] for name in ("treat1", "treat2", "study")]
    return from_contrasts(data["yi"], data["sei"] ** 2, *names)


def of_network(case: Case, data: Case) -> Pairs:
    expected, studies = case["expected"], studies_of(data)
    found, parts = network(studies), consistency(studies)
    rows = {frozenset((one["treat1"], one["treat2"])): one for one in expected["comparisons"]}
    for one in found.comparisons:
        theirs = rows[frozenset((one.treat1, one.treat2))]
        yield abs(one.estimate), abs(theirs["estimate"])
        yield from fields(one, theirs, "se share_direct")
    yield from fields(found, expected, "tau2 q q_p")
    for name in ("within", "between", "between_random"):
        yield from fields(getattr(parts, name), expected[name], "q p")


def of_network_reml(case: Case, data: Case) -> Pairs:
    found = network(studies_of(data), method="REML")
    yield from fields(found, case["expected"], "tau2 q")


def of_regression(case: Case, data: Case) -> Pairs:
    choice = {name: case[name] for name in ("method", "test", "level") if name in case}
    named = case["moderators"]
    chosen = {name: data[name] for name in ([named] if isinstance(named, str) else named)}
    found = meta_regression(data["yi"], data["vi"], chosen, **choice)
    yield from columns(found.coefficients, case["expected"], "estimate se")
    yield from fields(found, case["expected"], "tau2")


TOPICS: dict[str, tuple[str, Callable[[Case, Case], Pairs], str | None]] = {
    "Pooling, ten estimators of τ²": ("pooling", of_pool, None),
    "Meta-regression": ("regression", of_regression, None),
    "Three-level and CHE models, CR2": ("multilevel", of_multilevel, None),
    "CR2 of a simple model": ("robust", of_robust, None),
    "Joint robust tests, CR1, smoothed variances": ("joint", of_joint, None),
    "Profile intervals and tests of variances": ("profiles", of_profiles, None),
    "True effects": ("true_effects", of_true_effects, None),
    "Henmi and Copas": ("henmi_copas", of_henmi_copas, None),
    "Mantel-Haenszel and Peto": ("counts", of_counts, None),
    "Proportions, logit-normal model": ("proportions", of_proportions, "GLMM"),
    "Proportions, double arcsines": ("proportions", of_proportions, "PFT"),
    "Networks": ("network", of_network, None),
    "Networks, REML": ("network_reml", of_network_reml, None),
}


def measured(topic: str, pairs: Callable[[Case, Case], Pairs], method: str | None,
             reference: Any, dataset: Any) -> tuple[int, float]:  # fmt: skip
    """Values compared, and their largest difference."""
    found = [
        abs(ours - theirs) / max(abs(theirs), SMALL)
        for case in reference(topic)
        if method is None or case["method"] == method
        for ours, theirs in pairs(case, dataset(case["dataset"]))
        if ours is not None and theirs is not None
    ]
    return len(found), max(found)


def test_the_table_of_agreement_is_what_is_measured(reference, dataset) -> None:
    rows = {
        name: (int(n), float(top)) for name, _, n, top in ROW.findall(METHODS.read_text("utf-8"))
    }
    assert list(rows) == list(TOPICS)
    for name, (topic, pairs, method) in TOPICS.items():
        count, largest = measured(topic, pairs, method, reference, dataset)
        assert rows[name][0] == count, f"{name}: {count} values, largest difference {largest:.1e}"
        assert largest <= ROOM * rows[name][1], f"{name}: {count} values, {largest:.1e}"
