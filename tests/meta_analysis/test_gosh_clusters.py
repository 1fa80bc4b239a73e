"""Clusters are found where a study splits the subsets, and not in ordinary scatter."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.meta_analysis.gosh import gosh, gosh_clusters


@pytest.mark.parametrize("method", ["EE", "REML"])
def test_one_large_dissenting_study_makes_two_clusters_and_is_named(method, rng):
    vi = np.r_[rng.uniform(0.03, 0.06, 9), 0.004]
    yi = np.r_[rng.normal(0.2, 0.1, 9), 1.4]
    found = gosh_clusters(gosh(yi, vi, method=method))
    assert found.separate
    assert found.drivers[0] == 9
    assert found.lower < 0.3 < found.upper
    assert found.shifts[9].shift > 0.2
    assert found.shifts[9].upper >= 50


def test_the_mirror_has_the_same_clusters_upside_down(rng):
    vi = np.r_[rng.uniform(0.03, 0.06, 9), 0.004]
    yi = np.r_[rng.normal(0.2, 0.1, 9), 1.4]
    one, other = gosh_clusters(gosh(yi, vi, method="EE")), gosh_clusters(gosh(-yi, vi, method="EE"))
    assert_allclose((other.lower, other.upper), (-one.upper, -one.lower))
    assert other.drivers == one.drivers
    assert_allclose(other.share, 100 - one.share)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("tau", [0.0, 0.3])
def test_ordinary_scatter_is_one_cluster(seed, tau):
    rng = np.random.default_rng(seed)
    vi = rng.uniform(0.03, 0.1, 14)
    yi = rng.normal(0.4, tau, 14) + rng.normal(size=14) * vi**0.5
    found = gosh_clusters(gosh(yi, vi, method="DL"))
    assert not found.separate
    assert found.drivers == ()
    assert len(found.shifts) == 14


def test_shifts_are_differences_of_means(rng):
    yi, vi = rng.normal(size=6), rng.uniform(0.05, 0.3, 6)
    found = gosh(yi, vi, method="REML")
    clusters = gosh_clusters(found)
    several = found.k >= 3
    assert (several == found.several).all()
    assert len(clusters.shifts) == 6
    for pull in clusters.shifts:
        there = found.present[:, pull.position]
        gap = found.estimate[several & there].mean() - found.estimate[several & ~there].mean()
        assert_allclose(pull.shift, gap)


def test_equal_effects_and_few_studies_have_no_heaps():
    for yi in ([0.5, 0.5], [0.2] * 7):
        found = gosh_clusters(gosh(yi, [0.1] * len(yi)))
        assert not found.separate
        assert len(found.shifts) == len(yi)


def test_a_sample_is_split_the_same_way_every_time(rng):
    yi, vi = np.r_[rng.normal(0.2, 0.1, 23), 2.0], np.r_[np.full(23, 0.05), 0.002]
    found = gosh(yi, vi, method="EE", max_subsets=40_000)
    assert gosh_clusters(found) == gosh_clusters(found)
    assert gosh_clusters(found).drivers == (23,)
