"""Every combination of choices is pooled, as pool() on the effects it admits."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.dependent_effects import aggregate
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.multiverse import multiverse


@pytest.fixture
def clustered(dataset):
    data = dataset("clustered")
    eligible = {
        "rater": {
            "any": np.ones(50, dtype=bool),
            "self": data["rater"] == "self",
            "clinician": data["rater"] == "clinician",
        },
        "year": {"any": np.ones(50, dtype=bool), "since 2000": data["year"] >= 2000},
    }
    return data, eligible


def test_each_specification_is_pool_on_what_it_admits(clustered):
    data, eligible = clustered
    found = multiverse(
        data["yi"],
        data["vi"],
        data["study"],
        eligible,
        rhos=(0.3, 0.6),
        methods=("DL", "REML"),
        tests=("z", "knha"),
    )
    assert len(found.specifications) == 3 * 2 * 2 * 2 * 2
    assert len({s.choices for s in found.specifications}) == 48
    for spec in found.specifications:
        choice = dict(spec.choices)
        mask = eligible["rater"][choice["rater"]] & eligible["year"][choice["year"]]
        one = aggregate(
            data["yi"][mask], data["vi"][mask], data["study"][mask], float(choice["rho"])
        )
        fit = pool(one.yi, one.vi, method=choice["method"], test=choice["test"])
        assert (spec.k, spec.n_effects) == (fit.k, mask.sum())
        assert_allclose(
            [spec.estimate, spec.ci_lower, spec.p, spec.tau2],
            [fit.estimate, fit.ci_lower, fit.p, fit.tau2],
            rtol=1e-9,
            atol=1e-12,
        )


def test_the_curve_ascends_and_its_shares_count(clustered):
    data, eligible = clustered
    found = multiverse(data["yi"], data["vi"], data["study"], eligible, methods=("EE", "REML"))
    estimates = [s.estimate for s in found.specifications]
    assert estimates == sorted(estimates)
    assert (found.lowest, found.highest) == (estimates[0], estimates[-1])
    assert found.lowest <= found.median <= found.highest
    above = np.mean([s.ci_lower > 0 for s in found.specifications])
    assert_allclose(found.share_above, 100 * above)
    assert found.share_positive >= found.share_above


def test_a_combination_that_admits_nothing_is_kept_and_said_to_be_empty():
    whole, pair, none = [True] * 3, [True, True, False], [False] * 3
    eligible = {"a": {"pair": pair, "none": none, "any": whole}}
    found = multiverse([0.1, 0.3, 0.5], [0.1] * 3, ["s", "t", "u"], eligible)
    assert (found.pooled, found.too_few) == (1, 1)  # two are no estimate, and not in the summary
    assert [one.k for one in found.specifications] == [3, 2, 0]
    assert found.lowest == found.highest == found.specifications[0].estimate
    assert found.specifications[2].estimate is None
    nothing = multiverse([0.1], [0.1], ["s"], {"a": {"none": [False]}})
    assert nothing.pooled == 0
    assert nothing.median is nothing.share_positive is None


def test_no_choices_at_all_is_the_headline():
    found = multiverse([0.1, 0.3, 0.5], [0.1] * 3, ["s", "t", "u"])
    assert len(found.specifications) == 1
    assert_allclose(found.median, pool([0.1, 0.3, 0.5], [0.1] * 3).estimate)


@pytest.mark.parametrize(
    ("choice", "words"),
    [
        ({"eligible": {"a": {"x": [True]}}}, "a = x has 1 values for 2 effects"),
        ({"eligible": {"a": {}}}, "give each question an option"),
        ({"methods": ("XX",)}, "unknown method 'XX'"),
        ({"rhos": [0.1] * 200_000}, "200,000 specifications"),
    ],
)
def test_refusals(choice, words):
    with pytest.raises(PoolingError, match=words):
        multiverse([0.1, 0.2], [0.1, 0.1], ["s", "t"], **choice)
