"""Groups, regressions, accumulation, funnels and overlaps of an estimate on the project's data."""

from __future__ import annotations

import pandas as pd
import pytest

from ipt_evidence import EvidenceBase, Model, Question, estimate
from ipt_evidence.analyses.clinical_units.result import instruments_for, restated
from ipt_evidence.analyses.differences.grouping import GROUPINGS, SEVERAL, UNKNOWN, grouped
from ipt_evidence.analyses.differences.result import MODERATORS, explanation
from ipt_evidence.analyses.forest.result import confidence_curves
from ipt_evidence.analyses.influence.result import all_trials, leave_one_out, over_time
from ipt_evidence.analyses.published.result import overlaps, published_effects
from ipt_evidence.analyses.small_studies.result import funnel
from ipt_evidence.evidence.estimation import Estimate, taken_out
from ipt_evidence.evidence.selection import select, usable_studies
from ipt_evidence.evidence.view import View
from ipt_evidence.meta_analysis.models import pool
from ipt_evidence.meta_analysis.moderators import meta_regression

NONE = Question("depression", "maintenance")
ONE = Question("borderline", "control")
TWO = Question("depression", "pharmacotherapy")
MANY = Question("depression", "control")


@pytest.fixture(scope="module")
def many(base: EvidenceBase) -> Estimate:
    return estimate(base, MANY)


@pytest.mark.parametrize("question", [NONE, ONE, TWO, MANY])
@pytest.mark.parametrize("by", GROUPINGS)
def test_every_trial_is_in_exactly_one_group(
    base: EvidenceBase, question: Question, by: str
) -> None:
    answer = estimate(base, question)
    groups = grouped(base, answer, by)
    assert groups.level.index.tolist() == answer.trials["study_id"].tolist()
    assert set(groups.level) == set(groups.order)
    assert UNKNOWN not in groups.order[:-1]
    if groups.result is None:
        assert groups.reason or answer.k == 0
    else:
        assert sum(one.k for one in groups.result.groups) == answer.k


def test_a_group_is_pooled_from_its_own_trials(base: EvidenceBase, many: Estimate) -> None:
    groups = grouped(base, many, "people")
    assert groups.order == ("up to 50", "51 to 100", "more than 100")
    assert groups.result is not None
    assert not groups.result.common_tau2
    small = many.trials.loc[many.trials["n"] <= 50]
    alone = pool(small["yi"].to_numpy(float), small["vi"].to_numpy(float))
    shown = next(one for one in groups.result.groups if one.group == "up to 50")
    assert (shown.k, shown.estimate) == (len(small), pytest.approx(alone.estimate))


def test_groups_with_few_trials_share_a_tau2(base: EvidenceBase, many: Estimate) -> None:
    groups = grouped(base, many, "age")
    assert groups.result is not None
    assert groups.result.common_tau2
    assert groups.few == ("adolescents", "older_adults")


def test_conditions_beside_the_question_count_before_narrower_ones(
    base: EvidenceBase, many: Estimate
) -> None:
    groups = grouped(base, many, "condition")
    rows = many.selection.effects.drop_duplicates("study_id").set_index("study_id")
    tags = {study_id: set(rows.loc[study_id, "conditions"]) for study_id in groups.level.index}
    for level, those in (
        ("Major depression", [key for key in tags if tags[key] == {"major_depression"}]),
        (
            base.taxonomy.condition("postpartum").label,
            [key for key in tags if "perinatal_depression" in tags[key]],
        ),
        (UNKNOWN, [key for key in tags if tags[key] == {"depression"}]),
    ):
        assert those, f"no trial of this kind: {level}"
        assert set(groups.level[those]) == {level}


def test_several_raters_are_a_group_of_their_own(base: EvidenceBase, many: Estimate) -> None:
    groups = grouped(base, many, "rater")
    raters = many.selection.effects.groupby("study_id")["rater"].nunique()
    both = set(raters.index[raters > 1])
    assert both
    assert set(groups.level.index[groups.level == SEVERAL]) == both


def test_a_regression_is_that_of_the_trials_that_tell_the_number(many: Estimate) -> None:
    found = explanation(many, "mean_age")
    assert len(found.trials) + len(found.unknown) == many.k
    assert found.trials["x"].notna().all()
    ages = many.selection.effects.groupby("study_id")["mean_age"].first()
    assert found.trials["x"].tolist() == ages.loc[found.trials["study_id"]].tolist()
    fit = meta_regression(
        found.trials["yi"].to_numpy(float),
        found.trials["vi"].to_numpy(float),
        {"mean_age": found.trials["x"].to_numpy(float)},
    )
    assert found.fit is not None
    assert found.fit.coefficients[1].estimate == pytest.approx(fit.coefficients[1].estimate)
    assert found.line[0].estimate == pytest.approx(
        fit.coefficients[0].estimate + fit.coefficients[1].estimate * found.grid[0]
    )
    assert (found.grid[0], found.grid[-1]) == (found.trials["x"].min(), found.trials["x"].max())


@pytest.mark.parametrize("moderator", MODERATORS)
@pytest.mark.parametrize("question", [NONE, ONE, TWO])
def test_few_trials_have_no_line_and_a_reason(
    base: EvidenceBase, question: Question, moderator: str
) -> None:
    found = explanation(estimate(base, question), moderator)
    assert found.fit is None
    assert "needs 5 trials" in found.reason
    assert found.few


def test_a_number_that_does_not_vary_has_no_line(base: EvidenceBase) -> None:
    found = explanation(estimate(base, Question("postpartum", "control")), "percent_women")
    assert found.fit is None
    assert found.reason == "all trials have the same number"


def test_an_unknown_moderator_is_refused(many: Estimate) -> None:
    with pytest.raises(KeyError):
        explanation(many, "shoe_size")


def test_the_last_step_over_time_is_the_estimate(many: Estimate) -> None:
    history = over_time(many)
    assert many.pooled is not None
    last = history.steps.iloc[-1]
    assert (last["k"], last["estimate"]) == (many.k, pytest.approx(many.pooled.estimate))
    assert last["ci_lower"] == pytest.approx(many.pooled.ci_lower)
    assert history.steps["year"].is_monotonic_increasing
    assert history.steps["k"].tolist() == list(range(1, many.k + 1))
    clear = history.steps.loc[history.steps["year"] > history.since, "ci_lower"]
    assert (clear > 0).all()


def test_over_time_names_trials_without_a_year(many: Estimate) -> None:
    trials = many.trials.assign(year=many.trials["year"].where(many.trials.index != 0))
    undated = Estimate(**{**vars(many), "trials": trials})
    history = over_time(undated)
    assert history.undated == (many.trials["label"].iloc[0],)
    assert len(history.steps) == many.k - 1


@pytest.mark.parametrize("question", [NONE, ONE, TWO])
def test_few_trials_over_time_and_one_less(base: EvidenceBase, question: Question) -> None:
    answer = estimate(base, question)
    assert len(over_time(answer).steps) == answer.k
    rest = leave_one_out(answer)
    assert len(rest) == (answer.k if answer.k > 1 else 0)
    assert sorted(rest["estimate"]) == pytest.approx(
        sorted(answer.trials["yi"]) if len(rest) else []
    )


def test_parts_are_compared_with_trials_pooled_as_they_are(base: EvidenceBase) -> None:
    answer = estimate(base, MANY, Model(dependence="che"))
    simple = estimate(base, MANY).pooled
    assert answer.pooled is not None
    assert simple is not None
    assert all_trials(answer).estimate == simple.estimate != answer.pooled.estimate
    rest = leave_one_out(answer)
    assert (rest["estimate"] - rest["change"]).tolist() == pytest.approx([simple.estimate] * 34)


def test_one_less_is_the_estimate_without_that_trial(base: EvidenceBase, many: Estimate) -> None:
    rest = leave_one_out(many)
    assert many.pooled is not None
    row = rest.set_index("study_id").loc["bolton2003"]
    without = estimate(base, MANY.without("bolton2003"))
    assert without.pooled is not None
    assert row["estimate"] == pytest.approx(without.pooled.estimate)
    assert row["ci_lower"] == pytest.approx(without.pooled.ci_lower)
    assert row["change"] == pytest.approx(without.pooled.estimate - many.pooled.estimate)
    assert not rest["turns"].any()


def test_a_trial_that_turns_the_verdict_is_marked(base: EvidenceBase) -> None:
    answer = estimate(base, Question("social_anxiety", "other_psychotherapy"))
    rest = leave_one_out(answer)
    now = answer.pooled.ci_lower > 0 or answer.pooled.ci_upper < 0
    assert len(rest) == answer.k > 1
    for _, row in rest.iterrows():
        without = estimate(base, answer.selection.question.without(str(row["study_id"]))).pooled
        assert row["turns"] == ((without.ci_lower > 0 or without.ci_upper < 0) != now)


def test_a_funnel_counts_trials_by_their_own_p(many: Estimate) -> None:
    found = funnel(many)
    alone = (many.trials["ci_lower"] > 0) | (many.trials["ci_upper"] < 0)
    assert found.below_05 == int(alone.sum())
    assert found.enough
    assert found.egger is not None
    assert found.filled is not None


@pytest.mark.parametrize(("question", "k"), [(NONE, 0), (ONE, 1), (TWO, 2)])
def test_a_funnel_of_few_trials_has_no_test(base: EvidenceBase, question: Question, k: int) -> None:
    found = funnel(estimate(base, question))
    assert (found.k, found.enough, found.egger) == (k, False, None)
    assert found.reason


def test_curves_cover_the_trials_and_their_sum(many: Estimate) -> None:
    curves = confidence_curves(many, -1.0, 2.0)
    assert curves.trials.shape == (many.k, curves.effects.size)
    assert curves.pooled is not None
    assert curves.predicted is not None
    assert many.pooled is not None
    assert curves.effects[curves.pooled.argmax()] == pytest.approx(many.pooled.estimate, abs=0.01)
    assert (curves.predicted >= curves.pooled - 1e-12).all()


def test_curves_of_few_trials(base: EvidenceBase) -> None:
    assert confidence_curves(estimate(base, NONE), -1.0, 1.0).trials.shape[0] == 0
    one = confidence_curves(estimate(base, ONE), -1.0, 1.0)
    assert (one.pooled, one.predicted) == (None, None)
    two = confidence_curves(estimate(base, TWO), -1.0, 1.0)
    assert (two.pooled, two.predicted) == (None, None)


def test_trials_taken_out_by_hand_keep_their_numbers(base: EvidenceBase, many: Estimate) -> None:
    answer = estimate(base, MANY.without("lenze2017", "bolton2003"))
    removed = taken_out(answer).set_index("study_id")
    assert set(removed.index) == {"lenze2017", "bolton2003"}
    before = many.trials.set_index("study_id")
    assert removed["yi"].to_dict() == before.loc[removed.index, "yi"].to_dict()
    assert removed["weight"].isna().all()
    assert answer.k == many.k - 2
    assert taken_out(many).empty
    assert usable_studies(base, answer.selection.question) == usable_studies(base, MANY)


def test_usable_studies_are_those_of_the_selection_by_name(base: EvidenceBase) -> None:
    studies = usable_studies(base, MANY)
    assert set(studies) == set(select(base, MANY).effects["study_id"])
    labels = base.studies.set_index("study_id")["label"]
    assert [labels[one] for one in studies] == sorted(labels[one] for one in studies)


def test_overlap_is_named_or_bounded_by_the_year(base: EvidenceBase) -> None:
    question = Question("bulimia", "other_psychotherapy")
    answer = estimate(base, question)
    rows = published_effects(base, question)
    found = overlaps(base, answer, rows)
    assert set(found) == set(rows["pooled_id"])
    one = found["eatingguideline2009-nonremission-binge"]
    assert one.named == ("agras2000",)
    assert one.shared == ("agras2000",)


def test_overlap_counts_trials_by_the_year_of_the_review(
    base: EvidenceBase, many: Estimate
) -> None:
    rows = published_effects(base, MANY)
    found = overlaps(base, many, rows)
    review = found["cuijpers2011-control"]
    years = many.trials["year"].astype(int)
    assert review.later == int((years > 2011).sum())
    assert review.at_most == min(16, int((years <= 2011).sum()))
    assert review.named == ()
    undated = rows.assign(year=pd.NA)
    assert overlaps(base, many, undated)["cuijpers2011-control"].at_most is None


def test_instruments_are_those_of_the_outcome_the_most_used_first(
    base: EvidenceBase, many: Estimate
) -> None:
    instruments = instruments_for(base, View(MANY))
    assert next(iter(instruments)) == "hdrs-17"
    known = base.instruments.set_index("instrument_id")
    assert {known.loc[name, "outcome_domain"] for name in instruments} == {"depression"}
    assert instruments_for(base, View(NONE)) == {}


def test_restating_carries_the_interval(base: EvidenceBase, many: Estimate) -> None:
    instruments = instruments_for(base, View(MANY))
    units = restated(many, 0.2, instruments["hdrs-17"])
    assert units is not None
    assert units.points is not None
    assert many.pooled is not None
    assert units.points.lower == pytest.approx(many.pooled.ci_lower * instruments["hdrs-17"].sd)
    assert units.nnt_furukawa is not None
    assert restated(estimate(base, NONE), 0.2, None) is None
