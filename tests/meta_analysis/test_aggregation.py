"""Effects of one study combined as metafor's aggregate() combines them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.dependent_effects import aggregate


def test_combined_effects_equal_metafor(aggregation_case, dataset):
    data, expected = dataset(aggregation_case["dataset"]), aggregation_case["expected"]
    result = aggregate(
        data["yi"],
        data["vi"],
        data["study"],
        aggregation_case["rho"],
        weighted=aggregation_case["weighted"],
    )
    assert list(result.study) == expected["study"]
    assert_allclose(result.yi, expected["yi"], rtol=1e-9, atol=1e-12)
    assert_allclose(result.vi, expected["vi"], rtol=1e-9)
    assert result.n_effects.sum() == data["yi"].size


def test_reference_grid_is_complete(reference):
    have = {(case["rho"], case["weighted"]) for case in reference("aggregation")}
    assert have == {(rho, weighted) for rho in (0, 0.3, 0.6, 0.9) for weighted in (True, False)}


def test_single_effects_pass_through_untouched_in_order_of_first_appearance():
    result = aggregate([0.1, 0.2, 0.3], [0.11, 0.22, 0.33], ["b", "c", "a"])
    assert result.study == ("b", "c", "a")
    assert result.yi.tolist() == [0.1, 0.2, 0.3]
    assert result.vi.tolist() == [0.11, 0.22, 0.33]


def test_equal_variances_average_and_keep_what_correlation_leaves():
    result = aggregate([0.2, 0.6], [0.1, 0.1], ["a", "a"], 0.6)
    assert_allclose([result.yi[0], result.vi[0]], [0.4, 0.08])


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 6), st.floats(0, 0.95), st.integers(0, 2**32 - 1))
def test_equals_generalised_least_squares_written_out(n, rho, seed):
    rng = np.random.default_rng(seed)
    yi, vi = rng.normal(size=n), rng.uniform(0.02, 0.3, n)
    v = rho * np.sqrt(np.outer(vi, vi))
    np.fill_diagonal(v, vi)
    precision = np.linalg.solve(v, np.ones(n))
    result = aggregate(yi, vi, ["x"] * n, rho)
    assert_allclose(result.vi[0], 1 / precision.sum(), rtol=1e-9)
    assert_allclose(result.yi[0], precision @ yi / precision.sum(), rtol=1e-9, atol=1e-12)
    assert result.vi[0] <= vi.min() * (1 + 1e-12)


def test_perfect_correlation_needs_the_plain_mean():
    with pytest.raises(PoolingError, match="weighted=False"):
        aggregate([0.1, 0.2], [0.1, 0.1], ["a", "a"], 1.0)
    assert_allclose(aggregate([0.1, 0.2], [0.1, 0.1], ["a", "a"], 1.0, weighted=False).vi, 0.1)
    assert aggregate([0.1, 0.2], [0.1, 0.1], ["a", "b"], 1.0).vi.tolist() == [0.1, 0.1]


@pytest.mark.parametrize(
    ("study", "rho", "words"),
    [
        (["a"], 0.5, "study has 1 values for 2 effects"),
        (["a", None], 0.5, "study is missing at position 1"),
        (["a", "b"], 1.2, "rho 1.2 is not a correlation"),
        (["a", "b"], float("nan"), "rho nan"),
    ],
)
def test_refusals(study, rho, words):
    with pytest.raises(PoolingError, match=words):
        aggregate([0.1, 0.2], [0.1, 0.1], study, rho)
