"""Many meta-analyses at once are the same as one at a time."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.estimators import METHODS
from ipt_evidence.meta_analysis.models import TESTS, PooledEffects, pool, pool_many

COLUMNS = tuple(PooledEffects.__slots__)


def number(value):
    return np.nan if value is None else value


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("test", TESTS)
def test_each_row_equals_pool_on_it(method, test, rng):
    yi = rng.normal(0.4, 0.5, (30, 9))
    vi = rng.uniform(0.02, 0.5, (30, 9))
    present = rng.random((30, 9)) < 0.6
    present[:4, :] = [False] * 9, [True] + [False] * 8, [True] * 2 + [False] * 7, [True] * 9
    yi[~present] = np.nan
    many = pool_many(yi, vi, present, method=method, test=test, level=90)
    assert many.k[0] == 0
    assert np.isnan(many.estimate[0])
    for row in range(1, 30):
        there = present[row]
        one = pool(yi[row, there], vi[row, there], method=method, test=test, level=90)
        for name in COLUMNS:
            assert_allclose(
                getattr(many, name)[row],
                number(getattr(one, name)),
                rtol=1e-9,
                atol=1e-12,
                err_msg=f"{name} of row {row}",
            )


def test_one_set_of_effects_is_shared_by_all_subsets():
    many = pool_many([0.1, 0.5, 0.9], [0.1, 0.2, 0.1], [[1, 1, 0], [0, 1, 1]], method="DL")
    assert many.k.tolist() == [2, 2]
    assert many.estimate[0] < many.estimate[1]


def test_a_row_of_any_size_of_unit_is_solved_on_its_own(rng):
    yi, vi = rng.normal(size=8), rng.uniform(0.1, 0.4, 8)
    scale = np.array([1e-8, 1.0, 1e8])[:, None]
    many = pool_many(yi * scale, vi * scale**2)
    assert_allclose(many.estimate / scale[:, 0], many.estimate[1], rtol=1e-10)
    assert_allclose(many.i2, many.i2[1], rtol=1e-9)


def test_blocks_do_not_show(rng):
    yi, vi = rng.normal(size=(5000, 4)), rng.uniform(0.1, 0.4, (5000, 4))
    assert_allclose(pool_many(yi, vi).tau2[4500:], pool_many(yi[4500:], vi[4500:]).tau2, rtol=1e-12)


@pytest.mark.parametrize(
    ("yi", "vi", "present", "words"),
    [
        ([[0.1, np.nan]], [[1, 1]], None, "row 0, position 1"),
        ([[0.1, 0.2]], [[1, 0]], [[1, 1]], "row 0, position 1"),
        ([[0.1, 0.2]], [[1, 1, 1]], None, "do not fit"),
    ],
)
def test_refusals(yi, vi, present, words):
    with pytest.raises(PoolingError, match=words):
        pool_many(yi, vi, present)
