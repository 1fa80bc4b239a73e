"""Every specification is the estimate that its choices give, and is labelled with its reason."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase, Model, Question, estimate, pool
from ipt_evidence.analyses.multiverse.result import STANDINGS, importance, specifications
from ipt_evidence.evidence.selection import SERIOUS_FLAGS

MAJOR = Question("major_depression", "control")
DEPRESSION = Question("depression", "control")


@pytest.fixture(scope="module")
def major(base: EvidenceBase):
    return specifications(base, estimate(base, MAJOR))


@pytest.fixture(scope="module")
def depression(base: EvidenceBase):
    return specifications(base, estimate(base, DEPRESSION))


def place(curve, **choices):
    """The one specification with these choices, and the first option everywhere else."""
    wanted = {factor.id: factor.options[0].id for factor in curve.factors} | choices
    found = [
        i
        for i in range(len(curve))
        if all(option.id == wanted[name] for name, option in curve.chosen(i).items())
    ]
    assert len(found) == 1
    return found[0]


def test_the_page_itself_is_among_them(base, major) -> None:
    pooled = estimate(base, MAJOR).pooled
    assert_allclose(major.estimate[major.own], pooled.estimate)
    assert_allclose(major.ci_lower[major.own], pooled.ci_lower)
    assert STANDINGS[major.standing[major.own]] == "equivalent"
    assert major.reasons(major.own) == ()


@pytest.mark.parametrize(
    "model", [Model(method="DL", test="z", rho=0.4), Model(method="PM", without_outliers=True)]
)
def test_the_page_is_marked_where_its_model_is(base, model) -> None:
    answer = estimate(base, MAJOR, model)
    curve = specifications(base, answer)
    assert_allclose(curve.estimate[curve.own], answer.pooled.estimate, rtol=1e-7)
    assert_allclose(curve.ci_upper[curve.own], answer.pooled.ci_upper, rtol=1e-6)


@pytest.mark.parametrize("model", [Model(method="ML"), Model(test="t"), Model(dependence="che")])
def test_a_model_that_is_not_among_them_is_not_marked(base, model) -> None:
    assert specifications(base, estimate(base, MAJOR, model)).own is None


@pytest.mark.parametrize(
    ("choices", "question", "model"),
    [
        ({"rater": "clinician"}, {"raters": ("clinician",)}, {}),
        ({"risk_of_bias": "not_high"}, {"rob": ("low", "some_concerns", "unclear")}, {}),
        ({"warnings": "none"}, {"without_flags": SERIOUS_FLAGS}, {}),
        ({"outliers": "out"}, {}, {"without_outliers": True}),
        (
            {"rho": "0.8", "estimator": "DL", "interval": "z"},
            {},
            {"rho": 0.8, "method": "DL", "test": "z"},
        ),
        (
            {"comparator": "usual_care", "estimator": "PM"},
            {"comparator_types": ("care_as_usual",)},
            {"method": "PM"},
        ),
    ],
)
def test_a_specification_is_what_the_page_gives_for_it(
    base, major, choices, question, model
) -> None:
    answer = estimate(base, replace(MAJOR, **question), Model(**model))
    found = place(major, **choices)
    assert major.k[found] == answer.k
    assert_allclose(major.estimate[found], answer.pooled.estimate, rtol=1e-7)
    assert_allclose(
        (major.ci_lower[found], major.ci_upper[found]),
        (answer.pooled.ci_lower, answer.pooled.ci_upper),
        rtol=1e-6,
        atol=1e-9,
    )


def test_without_outliers_differs_where_there_are_some(base, depression) -> None:
    answer = estimate(base, DEPRESSION, Model(without_outliers=True))
    names = [factor.id for factor in depression.factors]
    codes = np.zeros(len(names), dtype=int)
    codes[names.index("outliers")] = 1
    (found,) = np.flatnonzero((depression.codes == codes).all(axis=1))
    assert depression.k[found] == answer.k < 34
    assert_allclose(depression.estimate[found], answer.pooled.estimate, rtol=1e-7)


def test_one_outcome_a_trial_by_its_scale_or_by_its_result(base, major) -> None:
    rows = estimate(base, MAJOR).selection.effects
    for outcome, chosen in (
        ("largest", rows.loc[rows.groupby("study_id")["yi"].idxmax()]),
        ("bdi", _by_scale(rows, "bdi", "self_report")),
        ("hdrs", _by_scale(rows, "hdrs", "clinician")),
    ):
        fit = pool(chosen["yi"], chosen["vi"])
        assert_allclose(major.estimate[place(major, outcome=outcome)], fit.estimate, rtol=1e-7)


def _by_scale(rows, family, rater):
    """The scale, else the rater, else what is listed first."""
    tier = np.where(
        rows["instrument"].fillna("").str.startswith(family),
        0,
        np.where(rows["rater"] == rater, 1, 2),
    )
    ordered = rows.assign(tier=tier).sort_values("tier", kind="stable")
    return ordered.drop_duplicates("study_id")


def test_ways_to_pick_an_outcome_that_come_to_the_same_count_once(major) -> None:
    (factor,) = (factor for factor in major.factors if factor.id == "outcome")
    everything = [major.estimate[place(major, outcome=option.id)] for option in factor.options]
    assert len(set(everything)) == len(everything)


def test_the_curve_ascends_and_is_the_same_every_time(base, major) -> None:
    assert (np.diff(major.estimate) >= 0).all()
    again = specifications(base, estimate(base, MAJOR))
    assert (again.codes == major.codes).all()
    assert (again.estimate == major.estimate).all()


def test_labels_are_those_of_the_worst_choice_and_carry_reasons(major) -> None:
    picked = place(major, outcome="largest", rater="clinician")
    assert STANDINGS[major.standing[picked]] == "non_equivalent"
    assert major.reasons(picked) == ("Picks the outcome by its result: the largest of each trial",)
    rated = place(major, rater="clinician")
    assert STANDINGS[major.standing[rated]] == "uncertain"
    assert len(major.reasons(rated)) == 1
    pet = place(major, correction="pet_peese")
    assert STANDINGS[major.standing[pet]] == "non_equivalent"  # ten trials are too few for it
    assert any("Stanley" in reason for reason in major.reasons(pet))
    assert all(major.reasons(i) for i in range(0, len(major), 97) if major.standing[i])


def test_fewer_than_three_trials_are_counted_and_left_out(base) -> None:
    pair = specifications(base, estimate(base, Question("depression", "pharmacotherapy")))
    assert (len(pair), pair.too_few > 0) == (0, True)
    four = specifications(base, estimate(base, Question("anxiety", "control")))
    assert four.too_few > 0
    assert four.k.min() > 2


def test_corrections_need_ten_trials(base, depression) -> None:
    anxiety = specifications(base, estimate(base, Question("anxiety", "control")))
    assert "correction" not in [factor.id for factor in anxiety.factors]
    column = [factor.id for factor in depression.factors].index("correction")
    assert depression.k[depression.codes[:, column] > 0].min() == 10


def test_shares_count_and_name_their_denominator(major) -> None:
    share = major.share(major.among(("equivalent",)))
    assert share.count == int((major.standing == 0).sum())
    assert share.above + share.below <= share.count
    assert share.samples <= share.count
    assert share.lowest <= share.median <= share.highest
    everything = sum(major.share(major.among((name,))).count for name in STANDINGS)
    assert everything == len(major)


@pytest.mark.parametrize(
    ("question", "single"),
    [
        (Question("eating_disorders", "control"), False),
        (Question("bulimia", "other_psychotherapy"), True),
    ],
)
def test_nothing_and_a_single_trial(base, question, single) -> None:
    curve = specifications(base, estimate(base, question))
    assert (len(curve), curve.too_few > 0) == (0, single)
    assert curve.share(curve.among(("equivalent",))).median is None
    assert importance(curve) == ()


def test_filters_of_the_page_hold_in_all_of_them(base) -> None:
    asked = replace(DEPRESSION, age_groups=("adults",), raters=("self_report",))
    curve = specifications(base, estimate(base, asked, Model(rho=0.3)))
    names = {factor.id: factor for factor in curve.factors}
    assert "rater" not in names
    assert curve.k.max() == estimate(base, asked).k
    assert curve.chosen(curve.own)["rho"].id == "0.3"


def test_importance_is_the_variance_between_options(major) -> None:
    mask = major.among(("equivalent", "uncertain"))
    found = {one.factor: one for one in importance(major, mask)}
    table = pd.DataFrame(
        {name: option.id for name, option in major.chosen(i).items()}
        | {"estimate": major.estimate[i]}
        for i in np.flatnonzero(mask)
    )
    plain = table.loc[table["correction"] == "none"]
    total = ((plain["estimate"] - plain["estimate"].mean()) ** 2).sum()
    means = plain.groupby("rater")["estimate"].transform("mean")
    between = ((means - plain["estimate"].mean()) ** 2).sum()
    assert_allclose(found["rater"].share, 100 * between / total)
    assert found["interval"].share < 1e-9  # an interval moves no estimate
    assert [one.share for one in found.values()] == sorted(
        (one.share for one in found.values()), reverse=True
    )
    assert sum(share.count for _, share in found["rater"].options) == len(plain)
