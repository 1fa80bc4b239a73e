"""Every subset is pooled, and each as pool() would pool it alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.gosh import gosh
from ipt_evidence.meta_analysis.models import pool


@pytest.mark.parametrize("method", ["EE", "DL", "PM", "REML", "ML"])
def test_each_subset_is_pooled_as_alone(method, dataset):
    data = dataset("even")
    yi, vi = data["yi"] * 2, data["vi"]
    found = gosh(yi, vi, method=method)
    assert found.exhaustive
    assert found.k.tolist() == found.present.sum(axis=1).tolist()
    assert len({tuple(row) for row in found.present}) == 2**8 - 1
    for row in range(0, 255, 7):
        there = found.present[row]
        one = pool(yi[there], vi[there], method=method, test="z")
        assert_allclose(found.estimate[row], one.estimate, rtol=1e-9)
        assert_allclose(found.tau2[row], one.tau2 or 0.0, rtol=1e-8, atol=1e-12)
        if one.k > 1:
            assert_allclose(found.i2[row], one.i2, rtol=1e-8, atol=1e-9)


def test_a_sample_is_drawn_when_there_are_too_many(dataset):
    data = dataset("mixed")
    one = gosh(data["yi"], data["vi"], method="DL", max_subsets=500, seed=4)
    same = gosh(data["yi"], data["vi"], method="DL", max_subsets=500, seed=4)
    assert not one.exhaustive
    assert one.estimate.size == 500
    assert (one.estimate == same.estimate).all()
    assert one.k.min() >= 1
    assert_allclose(one.k.mean(), 12, atol=0.5)


def test_two_stories_show_as_two_heaps():
    yi = np.concatenate([np.full(7, 0.0), [2.0]])
    found = gosh(yi, np.full(8, 0.02), method="EE")
    with_it = found.present[:, 7]
    assert found.estimate[~with_it].max() == 0.0
    assert found.estimate[with_it].min() > 0.2


def test_blocks_do_not_show(rng):
    yi, vi = rng.normal(size=15), rng.uniform(0.05, 0.3, 15)
    found = gosh(yi, vi, method="DL")
    assert found.estimate.size == 2**15 - 1
    assert_allclose(found.estimate[-1], pool(yi, vi, method="DL").estimate, rtol=1e-12)


@pytest.mark.parametrize("count", [0, 3_000_000])
def test_refusals(count):
    with pytest.raises(PoolingError, match="max_subsets"):
        gosh([0.1, 0.2], [0.1, 0.1], max_subsets=count)
