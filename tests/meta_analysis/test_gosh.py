"""Every subset is pooled, and each as pool() would pool it alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
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


def test_every_subset_is_that_of_metafor(gosh_case, dataset):
    data = dataset(gosh_case["dataset"])
    found = gosh(2 * data["yi"], data["vi"], method=gosh_case["method"])
    row = {"".join(str(int(one)) for one in there): i for i, there in enumerate(found.present)}
    expected = gosh_case["expected"]
    order = [row[present] for present in expected["present"]]
    assert len(order) == len(found.estimate) == 255
    tight = {"EE": 1e-12, "DL": 1e-12}.get(gosh_case["method"], 1e-7)
    assert_allclose(found.estimate[order], expected["estimate"], rtol=tight, atol=tight)
    assert_allclose(found.tau2[order], expected["tau2"], rtol=tight, atol=tight)
    assert_allclose(found.i2[order], expected["i2"], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("method", ["EE", "DL", "PM", "REML"])
def test_all_subsets_of_ten_are_within_1e8_of_single_fits(method, rng):
    vi = rng.uniform(0.02, 0.3, 10)
    yi = rng.normal(0.4, 0.3, 10) + rng.normal(size=10) * vi**0.5
    found = gosh(yi, vi, method=method)
    assert len(found.present) == 2**10 - 1
    for row, there in enumerate(found.present):
        one = pool(yi[there], vi[there], method=method, test="z")
        assert abs(found.estimate[row] - one.estimate) < 1e-8
        assert abs(found.tau2[row] - (one.tau2 or 0.0)) < 1e-8


@pytest.mark.parametrize("method", ["EE", "DL", "PM", "REML"])
def test_subsets_of_sixteen_are_within_1e8_of_single_fits(method, rng):
    vi = rng.uniform(0.02, 0.3, 16)
    yi = rng.normal(0.4, 0.3, 16) + rng.normal(size=16) * vi**0.5
    found = gosh(yi, vi, method=method)
    assert found.estimate.size == 2**16 - 1
    for row in rng.choice(found.estimate.size, 400, replace=False):
        there = found.present[row]
        one = pool(yi[there], vi[there], method=method, test="z")
        assert abs(found.estimate[row] - one.estimate) < 1e-8
        assert abs(found.tau2[row] - (one.tau2 or 0.0)) < 1e-8


@given(shift=st.floats(-3, 3), seed=st.integers(0, 999))
def test_mirror_shift_and_order(shift, seed):
    rng = np.random.default_rng(seed)
    yi, vi = rng.normal(0.3, 0.5, 6), rng.uniform(0.02, 0.4, 6)
    found = gosh(yi, vi, method="REML")
    mirrored = gosh(-yi, vi, method="REML")
    assert_allclose(mirrored.estimate, -found.estimate, atol=1e-7)
    assert_allclose(mirrored.tau2, found.tau2, atol=1e-7)
    moved = gosh(yi + shift, vi, method="REML")
    assert_allclose(moved.estimate, found.estimate + shift, atol=1e-6)
    turned = gosh(yi[::-1], vi[::-1], method="REML")
    assert_allclose(np.sort(turned.estimate), np.sort(found.estimate), atol=1e-7)


@pytest.mark.parametrize("method", ["EE", "REML"])
def test_progress_is_reported_and_can_break_off(method, rng):
    yi, vi = rng.normal(size=16), rng.uniform(0.05, 0.3, 16)
    shares: list[float] = []
    gosh(yi, vi, method=method, report=shares.append)
    assert shares == sorted(shares)
    assert (len(shares), shares[-1]) == (4, 1.0)

    class Stop(Exception):
        pass

    def stop(share: float) -> None:
        if share > 0.4:
            raise Stop

    with pytest.raises(Stop):
        gosh(yi, vi, method=method, report=stop)


@pytest.mark.parametrize("count", [0, 3_000_000])
def test_refusals(count):
    with pytest.raises(PoolingError, match="max_subsets"):
        gosh([0.1, 0.2], [0.1, 0.1], max_subsets=count)
