"""Corrections of many meta-analyses are those of each alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.small_study_effects.limit import limit_many, limit_meta_analysis
from ipt_evidence.meta_analysis.small_study_effects.pet_peese import pet_peese, pet_peese_many
from ipt_evidence.meta_analysis.small_study_effects.trim_and_fill import (
    trim_and_fill,
    trim_and_fill_many,
)


@pytest.fixture
def block(rng):
    """Sixty meta-analyses of 3 to 20 studies, some with a trend over precision."""
    present = rng.random((60, 20)) < rng.uniform(0.25, 1.0, (60, 1))
    present[:, :3] = True
    vi = rng.uniform(0.01, 0.4, (60, 20))
    trend = rng.choice([0.0, 1.5], (60, 1))
    yi = rng.normal(0.3, 0.2, (60, 20)) + trend * np.sqrt(vi) + rng.normal(size=(60, 20)) * vi**0.5
    return yi, vi, present


def columns(found, row):
    return found.estimate[row], found.ci_lower[row], found.ci_upper[row]


def test_pet_peese_of_each_row(block):
    yi, vi, present = block
    many = pet_peese_many(yi, vi, present)
    chosen = set()
    for row, there in enumerate(present):
        one = pet_peese(yi[row, there], vi[row, there])
        chosen.add(one.selected)
        adjusted = one.adjusted
        expected = (adjusted.estimate, adjusted.ci_lower, adjusted.ci_upper)
        assert_allclose(columns(many, row), expected, rtol=1e-9, atol=1e-12)
    assert chosen == {"PET", "PEESE"}


def test_limit_of_each_row(block):
    yi, vi, present = block
    tau2 = np.array([pool(yi[r, p], vi[r, p]).tau2 for r, p in enumerate(present)])
    many = limit_many(yi, vi, present, tau2)
    assert len(present) > 1
    for row, there in enumerate(present):
        one = limit_meta_analysis(yi[row, there], vi[row, there])
        assert_allclose(
            columns(many, row), (one.adjusted, one.ci_lower, one.ci_upper), rtol=1e-7, atol=1e-9
        )


def test_trim_and_fill_of_each_row(block):
    yi, vi, present = block
    many = trim_and_fill_many(yi, vi, present)
    filled = 0
    for row, there in enumerate(present):
        try:
            one = trim_and_fill(yi[row, there], vi[row, there], side="left")
        except PoolingError:
            assert np.isnan(many.estimate[row])
            continue
        filled += one.k0 > 0
        fit = one.adjusted
        assert_allclose(
            columns(many, row), (fit.estimate, fit.ci_lower, fit.ci_upper), rtol=1e-7, atol=1e-9
        )
    assert filled > 10


def test_two_studies_and_equal_precision_have_no_correction(rng):
    yi, vi = rng.normal(size=(2, 5)), np.full((2, 5), 0.1)
    present = np.array([[True, True, False, False, False], [True] * 5])
    for found in (
        pet_peese_many(yi, vi, present),
        limit_many(yi, vi, present, np.zeros(2)),
    ):
        assert np.isnan(found.estimate).all()
    assert np.isnan(trim_and_fill_many(yi, vi, present).estimate).tolist() == [True, False]
