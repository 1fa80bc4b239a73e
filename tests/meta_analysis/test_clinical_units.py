"""Effects restated for people: known values, intervals carried through, harm told apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence.errors import EffectSizeError
from ipt_evidence.meta_analysis import clinical_units as hu

# g, U3, overlap, superiority: normal table values; NNT by Kraemer & Kupfer (2006), table 1.
KNOWN = [
    (0.0, 50.0, 100.0, 50.0, math.inf),
    (0.2, 57.9, 92.0, 55.6, 8.9),
    (0.5, 69.1, 80.3, 63.8, 3.6),
    (0.8, 78.8, 68.9, 71.4, 2.3),
]


@pytest.mark.parametrize(("g", "u3", "overlap", "superiority", "nnt"), KNOWN)
def test_known_values(g, u3, overlap, superiority, nnt):
    assert_allclose(hu.u3(g), u3, atol=0.05)
    assert_allclose(hu.overlap(g), overlap, atol=0.05)
    assert_allclose(hu.probability_of_superiority(g), superiority, atol=0.05)
    assert hu.nnt_kraemer_kupfer(g) is None if nnt == math.inf else True
    if nnt < math.inf:
        assert_allclose(hu.nnt_kraemer_kupfer(g), nnt, atol=0.05)


def test_nnt_from_the_response_in_the_comparison_arm():
    # With 20 % responding, g = 0.5 lifts the share to Phi(0.5 - 0.8416) = 36.63 %.
    assert_allclose(hu.nnt_furukawa(0.5, 0.2), 1 / (0.36634 - 0.2), rtol=1e-3)
    assert hu.nnt_furukawa(0.0, 0.2) is None


def test_an_interval_above_zero_gives_a_plain_nnt_interval():
    found = hu.clinical_units(0.5, 0.3, 0.7, control_event_rate=0.2, instrument_sd=9.0)
    nnt = found.nnt_furukawa
    assert not nnt.through_infinity
    assert nnt.nnt_at_upper < nnt.nnt < nnt.nnt_at_lower
    assert_allclose([found.points.estimate, found.points.lower], [4.5, 2.7])
    assert found.overlap.lower < found.overlap.estimate < found.overlap.upper


def test_an_interval_across_zero_runs_through_infinity_to_harm():
    found = hu.clinical_units(0.1, -0.1, 0.3)
    nnt = found.nnt_kraemer_kupfer
    assert nnt.through_infinity
    assert nnt.nnt_at_lower < 0 < nnt.nnt_at_upper
    assert nnt.per_100.lower < 0 < nnt.per_100.upper
    assert found.overlap.upper == 100.0
    assert found.nnt_furukawa is found.points is None


@given(st.floats(0.001, 3), st.floats(0.02, 0.98))
def test_harm_mirrors_benefit(g, rate):
    assert_allclose(hu.nnt_kraemer_kupfer(-g), -hu.nnt_kraemer_kupfer(g), rtol=1e-9)
    assert_allclose(hu.u3(-g), 100 - hu.u3(g), rtol=1e-9, atol=1e-9)
    assert_allclose(hu.nnt_furukawa(-g, 1 - rate), -hu.nnt_furukawa(g, rate), rtol=1e-6)


@given(st.floats(-2, 2), st.floats(0, 1), st.floats(0, 1))
def test_every_interval_holds_its_estimate(g, below, above):
    found = hu.clinical_units(g, g - below, g + above, control_event_rate=0.3, instrument_sd=7.0)
    for carried in (found.u3, found.overlap, found.superiority, found.points):
        assert carried.lower - 1e-9 <= carried.estimate <= carried.upper + 1e-9


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: hu.clinical_units(0.5, 0.6, 0.7), "does not hold"),
        (lambda: hu.clinical_units(0.5, math.nan, 0.7), "does not hold"),
        (lambda: hu.clinical_units(0.5, 0.4, 0.7, control_event_rate=20), "a share"),
        (lambda: hu.clinical_units(0.5, 0.4, 0.7, instrument_sd=0), "reference SD"),
        (lambda: hu.nnt_furukawa(0.5, 0.0), "a share"),
    ],
)
def test_refusals(call, words):
    with pytest.raises(EffectSizeError, match=words):
        call()
