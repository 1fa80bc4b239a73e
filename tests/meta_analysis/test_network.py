"""Network meta-analysis equals R netmeta, and behaves as a network must."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from ipt_evidence.errors import PoolingError
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.network import consistency, from_arms, from_contrasts, network

# The log odds ratios of trials of several arms in Linde 2016 have six decimals, so that they
# contradict each other in the seventh; netmeta and we resolve that differently.
ROUNDED = 1e-6
NUMBERS = (
    "estimate", "se", "pi_lower", "pi_upper", "share_direct", "direct", "direct_se", "indirect",
    "indirect_se",
)  # fmt: skip
SEEDS = st.integers(0, 2**32 - 1)


def loaded(table):
    sei = table["sei"]
    return from_contrasts(table["yi"], sei**2, table["treat1"], table["treat2"], table["study"])


def in_our_order(rows, comparisons):
    """R's comparisons as ours: it sorts names by the words of a language, we by characters."""
    turned = {(one["treat1"], one["treat2"]): one for one in rows}
    for one in rows:
        other = {**one, "pi_lower": one["pi_upper"], "pi_upper": one["pi_lower"]}
        signed = ("estimate", "common", "direct", "indirect", "pi_lower", "pi_upper")
        other |= {name: None if other[name] is None else -other[name] for name in signed}
        turned[one["treat2"], one["treat1"]] = other
    return [turned[one.treat1, one.treat2] for one in comparisons]


def numbers(rows, names):
    return np.array([[np.nan if row[n] is None else row[n] for n in names] for row in rows], float)


def test_network_equals_netmeta(network_case, dataset):
    expected = network_case["expected"]
    found = network(loaded(dataset(network_case["dataset"])), method=network_case["method"])
    for name in ("k", "m", "n", "designs", "q_df"):
        assert getattr(found, name) == expected[name], name
    rtol = ROUNDED
    for name in ("tau2", "i2", "q", "q_p"):
        assert_allclose(getattr(found, name), expected[name], rtol=rtol, err_msg=name)
    ours = [{name: getattr(one, name) for name in ("k", *NUMBERS)} for one in found.comparisons]
    theirs = in_our_order(expected["comparisons"], found.comparisons)
    assert [one["k"] for one in ours] == [one["k"] for one in theirs]
    assert_allclose(numbers(ours, NUMBERS[:5]), numbers(theirs, NUMBERS[:5]), rtol=rtol, atol=2e-6)
    known = np.array([one["k"] > 0 for one in ours])
    assert known.sum() > 10
    for names in (NUMBERS[5:7], NUMBERS[7:]):
        a, b = numbers(ours, names)[known], numbers(theirs, names)[known]
        both = ~np.isnan(a) & ~np.isnan(b)
        assert_allclose(a[both], b[both], rtol=10 * rtol, atol=1e-5)
    scores = {one.treatment: one.p_score for one in found.ranking}
    assert_allclose(
        [scores[name] for name in expected["p_scores"]], list(expected["p_scores"].values()),
        rtol=rtol, atol=1e-6,
    )  # fmt: skip


def test_reml_equals_metafor(network_reml_case, dataset):
    expected = network_reml_case["expected"]
    found = network(loaded(dataset(network_reml_case["dataset"])), method="REML")
    assert_allclose([found.tau2, found.q], [expected["tau2"], expected["q"]], rtol=2e-5)
    against = dict((name, effect) for name, effect, *_ in found.against(expected["reference"]))
    ours = [against[name] for name in expected["treatments"]]
    assert_allclose(ours, expected["estimate"], rtol=1e-4, atol=2e-6)


def test_common_effect_equals_netmeta(network_case, dataset):
    found = network(loaded(dataset(network_case["dataset"])), method="common")
    ours = [[one.estimate, one.se] for one in found.comparisons]
    rows = in_our_order(network_case["expected"]["comparisons"], found.comparisons)
    theirs = [[one["common"], one["common_se"]] for one in rows]
    assert_allclose(ours, theirs, rtol=ROUNDED, atol=1e-7)
    assert all(one.pi_lower is None for one in found.comparisons)


def test_consistency_equals_decomp_design(network_case, dataset):
    expected = network_case["expected"]
    found = consistency(loaded(dataset(network_case["dataset"])))
    for name in ("within", "between", "between_random"):
        test, wanted = getattr(found, name), expected[name]
        assert test.df == wanted["df"]
        assert_allclose([test.q, test.p], [wanted["q"], wanted["p"]], rtol=1e-5, err_msg=name)
    assert_allclose(found.tau2_within, expected["tau2_within"], rtol=1e-5)
    detached = {frozenset(d.treatments): d.detached for d in found.designs if d.detached}
    theirs = {frozenset(one["design"].split(":")): one for one in expected["detached"]}
    assert set(theirs) <= set(detached)
    ours = [(detached[design].q, detached[design].df, detached[design].p) for design in theirs]
    assert_allclose(ours, [(d["q"], d["df"], d["p"]) for d in theirs.values()], rtol=1e-5)
    assert_allclose(sum(d.between for d in found.designs), found.between.q, rtol=1e-8)
    assert_allclose(found.within.q + found.between.q, found.total.q, rtol=1e-10)
    assert found.heat[0].change == max(one.change for one in found.heat)


def test_two_treatments_are_a_pairwise_meta_analysis(dataset):
    data = dataset("mixed")
    names = ["A"] * data["yi"].size, ["B"] * data["yi"].size
    studies = from_contrasts(data["yi"], data["vi"], *names, data["study"])
    for method in ("DL", "REML"):
        found = network(studies, method=method)
        alone = pool(data["yi"], data["vi"], method=method, test="z")
        one = found.comparisons[0]
        assert_allclose(
            [one.estimate, one.se, found.tau2, found.q],
            [alone.estimate, alone.se, alone.tau2, alone.q], rtol=1e-8,
        )  # fmt: skip
        assert one.share_direct == pytest.approx(1.0)
        assert one.indirect is None


def invented(rng, trials=20, treatments=5):
    """Trials of two to four arms, the first of which chain all treatments."""
    names = [f"T{i}" for i in range(treatments)]
    rows = []
    for trial in range(trials):
        size = 2 if trial < treatments - 1 else int(rng.integers(2, 5))
        arms = (
            [names[trial], names[trial + 1]] if trial < treatments - 1
            else list(rng.choice(names, size, replace=False))
        )  # fmt: skip
        n = rng.integers(10, 80, len(arms))
        rows += [(f"S{trial}", arm, rng.normal(10, 1), rng.uniform(2, 5), int(k))
                 for arm, k in zip(arms, n, strict=True)]  # fmt: skip
    return [list(column) for column in zip(*rows, strict=True)]


def pairs_of(study, treatment, mean, sd, n):
    rows = []
    trials = {}
    for row in zip(study, treatment, mean, sd, n, strict=True):
        trials.setdefault(row[0], []).append(row)
    for trial, arms in trials.items():
        for a, b in itertools.combinations(arms, 2):
            rows.append((a[2] - b[2], a[3] ** 2 / a[4] + b[3] ** 2 / b[4], a[1], b[1], trial))
    return zip(*rows, strict=True)


@settings(max_examples=25)
@given(SEEDS)
def test_arms_and_contrasts_order_and_sign(seed):
    rng = np.random.default_rng(seed)
    study, treatment, mean, sd, n = invented(rng)
    arms = network(from_arms(study, treatment, measure="MD", mean=mean, sd=sd, n=n))
    yi, vi, first, second, trials = pairs_of(study, treatment, mean, sd, n)
    order = rng.permutation(len(yi))
    flipped = from_contrasts(
        [-yi[i] for i in order], [vi[i] for i in order], [second[i] for i in order],
        [first[i] for i in order], [trials[i] for i in order],
    )  # fmt: skip
    other = network(flipped, larger_is_better=False)
    a, b = ([(c.estimate, c.se) for c in one.comparisons] for one in (arms, other))
    assert_allclose(a, b, rtol=1e-7, atol=1e-9)
    assert_allclose([arms.tau2, arms.q], [other.tau2, other.q], rtol=1e-7, atol=1e-9)
    assert [one.treatment for one in arms.ranking] == [r.treatment for r in other.ranking[::-1]]
    assert_allclose(sum(one.p_score for one in arms.ranking), arms.n / 2, rtol=1e-9)


@settings(max_examples=25)
@given(SEEDS)
def test_direct_and_indirect_evidence_make_up_the_network(seed):
    study, treatment, mean, sd, n = invented(np.random.default_rng(seed))
    found = network(from_arms(study, treatment, measure="MD", mean=mean, sd=sd, n=n))
    mixed = [c for c in found.comparisons if c.difference is not None]
    assert mixed
    for c in mixed:
        whole = c.share_direct * c.direct + (1 - c.share_direct) * c.indirect
        assert_allclose(whole, c.estimate, rtol=1e-8, atol=1e-10)
        assert_allclose(1 / c.se**2, 1 / c.direct_se**2 + 1 / c.indirect_se**2, rtol=1e-8)
    by_name = {(c.treat1, c.treat2): c.estimate for c in found.comparisons}
    for a, b, c in itertools.combinations(found.treatments, 3):
        assert_allclose(by_name[a, c], by_name[a, b] + by_name[b, c], atol=1e-9)


def test_arms_of_events_leave_silent_trials_out():
    arms = {
        "study": list("aabbccdd"), "treatment": list("xyyzxzxy"),
        "events": [3, 5, 2, 9, 4, 0, 0, 0], "n": [20, 22, 30, 31, 18, 19, 10, 10],
    }  # fmt: skip
    found = network(from_arms(measure="OR", **arms))
    assert found.k == 3
    assert "no event in any arm of d" in found.notes[0]
    assert network(from_arms(measure="RD", **arms)).k == 4


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"treat2": list("bcd")}, "2 parts that no trial connects: a, b; c, d"),
        ({"treat1": list("bbc"), "treat2": list("bcd")}, "compares b with itself"),
        ({"study": list("112")}, "has 3 arms but no effect of a against c"),
        ({"vi": [0.1, 0.0, 0.1]}, "vi is not positive"),
    ],
)
def test_networks_that_are_none_are_refused(change, words):
    table = {
        "yi": [0.1, 0.2, 0.3], "vi": [0.1, 0.1, 0.1], "treat1": list("abc"), "treat2": list("bcd"),
        "study": list("123"),
    }  # fmt: skip
    if "treat2" in change and "treat1" not in change:
        table["treat1"] = list("acc")
        change = {"treat2": list("bdd")}
    with pytest.raises(PoolingError, match=words):
        network(from_contrasts(**(table | change)))


def test_contradicting_trials_are_refused():
    trial = {"treat1": list("aab"), "treat2": list("bcc"), "study": ["s"] * 3}
    with pytest.raises(PoolingError, match="contradict each other: A against C must be"):
        from_contrasts([0.1, 0.9, 0.1], [0.1] * 3, **trial)
    with pytest.raises(PoolingError, match="variances of s contradict"):
        from_contrasts([0.1, 0.2, 0.1], [0.1, 5.0, 0.1], **trial)
    with pytest.raises(PoolingError, match="unknown method"):
        network(from_contrasts([0.1], [0.1], ["a"], ["b"], ["s"]), method="PM")
    with pytest.raises(PoolingError, match="no treatment 'z'"):
        network(from_contrasts([0.1], [0.1], ["a"], ["b"], ["s"]), reference="z")
