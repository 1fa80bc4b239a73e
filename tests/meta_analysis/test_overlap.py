"""The corrected covered area: against ccaR, and what must hold of any table."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.overlap import covered_area, pairwise_overlap

TABLES = arrays(bool, st.tuples(st.integers(1, 9), st.integers(2, 5)))


def test_equals_ccar(overlap_case):
    cells = np.array(overlap_case["cm"], dtype=float)  # null: not possible
    held, can = np.nan_to_num(cells).astype(bool), ~np.isnan(cells)
    expected = overlap_case["expected"]
    found = covered_area(held, can)
    assert (found.included, found.studies, found.reviews) == (
        expected["included"], expected["studies"], expected["reviews"],
    )  # fmt: skip
    assert_allclose(found.corrected, expected["corrected"], rtol=1e-12)
    pairs = pairwise_overlap(held, can)
    places = list(combinations(range(found.reviews), 2))
    assert_allclose([pairs[place] for place in places], expected["pairs"], rtol=1e-12)


def test_the_definition_by_hand():
    """Three reviews of 2, 2 and 1 of 3 studies: N = 5, r = 3, c = 3: 5/9 and (5 - 3)/(9 - 3)."""
    found = covered_area([[1, 1, 0], [1, 0, 0], [0, 1, 1]])
    assert (found.share, found.corrected) == (5 / 9, 2 / 6)


@given(held=TABLES, data=st.data())
def test_the_order_does_not_matter_and_the_value_is_a_share(held, data):
    found = covered_area(held)
    rows = data.draw(st.permutations(range(held.shape[0])))
    columns = data.draw(st.permutations(range(held.shape[1])))
    assert covered_area(held[np.ix_(rows, columns)]) == found
    if found.corrected is not None:
        assert 0.0 <= found.corrected <= 1.0
    held_by_none = np.zeros((2, held.shape[1]), dtype=bool)
    assert covered_area(np.vstack([held, held_by_none])) == found


@given(column=arrays(bool, st.integers(1, 9)).filter(np.any), reviews=st.integers(2, 6))
def test_identical_reviews_overlap_wholly(column, reviews):
    assert covered_area(np.column_stack([column] * reviews)).corrected == 1.0


@given(owner=st.lists(st.integers(0, 3), min_size=1, max_size=12))
def test_disjoint_reviews_do_not_overlap(owner):
    assert covered_area(np.eye(4, dtype=bool)[owner]).corrected == 0.0


@given(held=TABLES)
def test_two_reviews_share_the_cut_over_the_union(held):
    pairs = pairwise_overlap(held)
    assert_allclose(pairs, pairs.T)
    for a, b in combinations(range(held.shape[1]), 2):
        if held[:, a].any() and held[:, b].any():
            union = (held[:, a] | held[:, b]).sum()
            assert_allclose(pairs[a, b], (held[:, a] & held[:, b]).sum() / union)
        else:
            assert np.isnan(pairs[a, b])


@given(held=TABLES, data=st.data())
def test_what_is_impossible_raises_the_overlap(held, data):
    free = data.draw(arrays(bool, held.shape))
    whole, adjusted = covered_area(held), covered_area(held, held | free)
    if adjusted.corrected is not None:
        assert whole.corrected is not None
        assert adjusted.corrected >= whole.corrected


def test_nothing_to_compare_is_none():
    assert covered_area(np.zeros((0, 3))).corrected is None
    assert covered_area([[True], [True]]).corrected is None
    found = covered_area([[1, 0], [0, 1]], [[1, 0], [0, 1]])
    assert (found.share, found.corrected, found.impossible) == (1.0, None, 2)


def test_tables_that_cannot_be_are_refused():
    with pytest.raises(PoolingError, match=r"shape \(3,\)"):
        covered_area([1, 0, 1])
    with pytest.raises(PoolingError, match=r"possible has shape \(1, 2\)"):
        covered_area([[1, 0], [0, 1]], [[1, 1]])
    with pytest.raises(PoolingError, match="review 1 holds study 0"):
        covered_area([[1, 1], [0, 1]], [[1, 0], [1, 1]])
