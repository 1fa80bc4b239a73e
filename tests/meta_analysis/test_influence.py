"""Influence diagnostics, leave-one-out and cumulation equal metafor's."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.influence import cumulative, influence, leave_one_out, outliers
from ipt_evidence.meta_analysis.models import pool

SETS = ("mixed", "even", "skewed")


def test_influence_equals_metafor(influence_case, dataset):
    case, data = influence_case, dataset(influence_case["dataset"])
    yi, vi, expected = data["yi"], data["vi"], influence_case["expected"]
    match case["kind"]:
        case "influence":
            rows = influence(yi, vi, method=case["method"])
        case "leave_one_out":
            rows = leave_one_out(yi, vi, method=case["method"], test=case["test"])
        case "cumulative":
            rows = cumulative(yi, vi, vi, method=case["method"], test=case["test"])
    assert "estimate" in expected or "influential" in expected
    for name, values in expected.items():
        found = [getattr(row, name) for row in rows]
        if name == "influential":
            assert found == values
            continue
        start = 1 if case["kind"] == "cumulative" else 0  # one study alone: see below
        # metafor forgets the tight control in the refits of some functions.
        rtol = 1e-9 if case["method"] in ("FE", "DL") else 1e-4
        found, values = np.array(found[start:], dtype=float), np.array(values[start:], dtype=float)
        assert_allclose(found, values, rtol=rtol, atol=1e-7, err_msg=name)


def test_reference_grid_is_complete(reference):
    have = {(c["dataset"], c["kind"], c["method"], c.get("test")) for c in reference("influence")}
    need = set(itertools.product(SETS, ["influence"], ("FE", "DL", "REML"), [None]))
    need |= set(itertools.product(SETS, ["leave_one_out"], ["REML"], ("z", "knha")))
    need |= {(s, "cumulative", "REML", "z") for s in SETS}
    need |= {(s, "cumulative", "DL", "knha") for s in SETS}
    assert have == need


def test_cumulation_starts_with_one_study_and_ends_with_all(dataset):
    data = dataset("mixed")
    rows = cumulative(data["yi"], data["vi"], data["year"])
    assert [row.k for row in rows] == list(range(1, 25))
    assert rows[0].position == int(np.argmin(data["year"]))
    assert rows[0].tau2 is rows[0].pi_lower is None
    assert_allclose(rows[-1].estimate, pool(data["yi"], data["vi"]).estimate, rtol=1e-10)


def test_leaving_one_of_two_out_leaves_the_other():
    rows = leave_one_out([0.1, 0.9], [0.1, 0.2])
    assert_allclose([row.estimate for row in rows], [0.9, 0.1])
    assert rows[0].tau2 is None


def test_a_wild_study_is_influential_and_an_outlier(rng):
    yi = np.append(rng.normal(0.4, 0.05, 11), 3.0)
    vi = np.full(12, 0.01)
    rows = influence(yi, vi)
    assert [row.influential for row in rows] == [False] * 11 + [True]
    assert rows[11].rstudent > 5
    found = outliers(yi, vi)
    assert 11 in found.positions
    assert found.without.i2 < found.full.i2
    assert found.without.k == 12 - len(found.positions)


def test_one_study_is_no_outlier_of_itself():
    found = outliers([0.4], [0.04])
    assert found.positions == ()
    assert found.without == found.full


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: leave_one_out([0.1], [0.1]), "at least 2"),
        (lambda: influence([0.1, 0.2], [0.1, 0.1]), "at least 3"),
        (lambda: cumulative([0.1, 0.2], [0.1, 0.1], [2001]), "by has 1 values for 2"),
        (lambda: cumulative([0.1, 0.2], [0.1, 0.1], [2001, float("nan")]), "by is missing"),
        (lambda: cumulative([0.1, 0.2], [0.1, 0.1], ["a", "b"]), "not a number"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(PoolingError, match=words):
        call()
