"""The same question answered in other ways gives what each way gives by itself."""

from __future__ import annotations

import pytest
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase, Model, Question, estimate, pool
from ipt_evidence.analyses.clinical_units.panel import (
    curves_panel,
    people_panel,
    points_sentence,
)
from ipt_evidence.analyses.clinical_units.result import instruments_for, restated
from ipt_evidence.analyses.sensitivity.panel import ALTERNATIVES
from ipt_evidence.analyses.sensitivity.panel import panel as alternatives_panel
from ipt_evidence.analyses.sensitivity.result import alternatives
from ipt_evidence.analyses.small_studies.panel import asymmetry_sentence
from ipt_evidence.analyses.small_studies.result import corrected, funnel
from ipt_evidence.evidence.estimation import OUTLIER_REASON
from ipt_evidence.evidence.view import View
from ipt_evidence.meta_analysis.dependent_effects import multilevel

DEPRESSION = Question("depression", "control")


def by_id(base: EvidenceBase, question: Question):
    answer = estimate(base, question)
    return answer, {other.id: other for other in alternatives(base, View(question))}


def test_every_alternative_has_words(base: EvidenceBase) -> None:
    _, others = by_id(base, DEPRESSION)
    assert set(others) == set(ALTERNATIVES)


def test_che_models_all_effects_with_robust_errors(base: EvidenceBase) -> None:
    answer, others = by_id(base, DEPRESSION)
    rows = answer.selection.effects
    fit = multilevel(rows["yi"], rows["vi"], rows["study_id"].tolist(), rho=0.6)
    robust = fit.robust_coefficients[0]
    assert others["che"].estimate == robust.estimate
    assert (others["che"].ci_lower, others["che"].ci_upper) == (robust.ci_lower, robust.ci_upper)
    page = estimate(base, DEPRESSION, Model(dependence="che")).pooled
    assert page.estimate == robust.estimate
    assert page.k == answer.k
    assert (page.method, page.test) == ("CHE", "CR2")


def test_che_falls_back_with_a_note_where_no_trial_has_two_effects(base: EvidenceBase) -> None:
    question = Question("eating_disorders", "other_psychotherapy")
    simple = estimate(base, question).pooled
    che = estimate(base, question, Model(dependence="che")).pooled
    assert che.estimate == simple.estimate
    assert any("CHE was not fitted" in note for note in che.notes)


def test_one_true_effect_is_the_common_effect_model(base: EvidenceBase) -> None:
    answer, others = by_id(base, DEPRESSION)
    trials = answer.trials
    fit = pool(trials["yi"], trials["vi"], method="EE", test="z")
    assert_allclose(others["common"].estimate, fit.estimate)


def test_outliers_are_left_out_in_sight(base: EvidenceBase) -> None:
    answer, others = by_id(base, DEPRESSION)
    without = estimate(base, DEPRESSION, Model(without_outliers=True))
    assert without.k == others["outliers"].k < answer.k
    assert_allclose(without.pooled.estimate, others["outliers"].estimate)
    reasons = without.selection.left_out
    gone = set(reasons.loc[reasons["reason"] == OUTLIER_REASON, "study_id"])
    assert gone == set(answer.trials["study_id"]) - set(without.trials["study_id"])


def test_corrections_for_small_studies_need_ten_trials(base: EvidenceBase) -> None:
    answer, others = by_id(base, Question("anxiety", "control"))
    assert answer.k < 10
    for name in ("trim_and_fill", "pet_peese", "selection"):
        assert others[name].estimate is None
        assert "10 trials" in others[name].note
    assert "nobody can tell" in asymmetry_sentence(funnel(answer))


def test_the_limit_meta_analysis_of_depression_is_that_of_metasens(base: EvidenceBase) -> None:
    # metasens 1.5-2, limitmeta() with metafor's tau²: 0.4138 [0.1143, 0.7133]; before 1.0-1 its
    # interval was [0.19, 0.64].
    (found,) = corrected(estimate(base, DEPRESSION), ["limit"])
    assert_allclose(
        [found.estimate, found.ci_lower, found.ci_upper], [0.4138, 0.1143, 0.7133], atol=5e-5
    )


@pytest.mark.parametrize("condition", ["other", "eating_disorders"])
def test_one_and_two_trials_give_reasons_and_no_error(base: EvidenceBase, condition: str) -> None:
    assert base.taxonomy.comparisons
    for comparison in base.taxonomy.comparisons:
        question = Question(condition, comparison.id)
        answer = estimate(base, question)
        others = alternatives(base, View(question))
        assert bool(others) == (answer.pooled is not None)
        for other in others:
            assert (other.estimate is None) == bool(other.note)


def test_the_table_puts_the_page_first(base: EvidenceBase) -> None:
    table = alternatives_panel(base, View(DEPRESSION)).table
    assert table["Analysis"].iloc[0] == "This page"
    assert table["g"].iloc[0] == "0.50"
    assert len(table) == 1 + len(ALTERNATIVES)


def test_clinical_units_carry_the_interval(base: EvidenceBase) -> None:
    (detail,) = curves_panel(base, View(DEPRESSION)).details
    shown = detail.table.set_index("Unit")[["Estimate", "95% CI"]]
    # Φ(0.495/√2) = 0.637, Φ(0.495) = 0.690, 1 / (2Φ(0.495/√2) − 1) = 3.65;
    # for 0.34 and 0.65, the ends of the interval, 5.3 and 2.8
    assert shown.loc["Chance of doing better"].tolist() == ["64%", "59% to 68%"]
    u3 = shown.loc["Better than the average untreated (U3)"]
    assert u3.tolist() == ["69%", "63% to 74%"]
    needed = shown.loc["Number needed to treat, without a share"]
    assert needed.tolist() == ["3.7", "2.8 to 5.3"]


def test_points_come_from_the_spread_of_our_own_trials(base: EvidenceBase) -> None:
    answer = estimate(base, DEPRESSION)
    chosen = next(iter(instruments_for(base, View(DEPRESSION)).values()))
    assert chosen.label == "HDRS-17"
    rows = base.effects
    arms = rows.loc[
        (rows["instrument"] == "hdrs-17")
        & rows["include"]
        & (rows["input_type"] == "means")
        & (rows["time"] == "post"),
        "sd_comparator",
    ]
    assert_allclose(chosen.sd, arms.median())
    assert f"of {len(arms)} comparison arms" in chosen.basis
    points = answer.pooled.estimate * chosen.sd
    units = restated(answer, None, chosen)
    assert f"scores {points:.1f} points lower" in points_sentence(units, chosen)


def test_a_doubtful_spread_is_no_spread_to_count_in(base: EvidenceBase) -> None:
    epds = base.instruments.set_index("instrument_id").loc["epds", "reference_sd"]
    lenze = base.effects.set_index("effect_id").loc["lenze2017-epds", "sd_comparator"]
    assert epds > 2 * lenze


def test_no_number_needed_when_the_interval_holds_no_difference(base: EvidenceBase) -> None:
    view = View(Question("anxiety", "other_psychotherapy"))
    (said,) = people_panel(base, view).sentences
    assert "no number needed to treat can be given" in said


def test_two_trials_are_not_put_into_clinical_units(base: EvidenceBase) -> None:
    view = View(Question("depression", "pharmacotherapy"))
    for panel in (people_panel(base, view), curves_panel(base, view)):
        assert not panel.drawn
        assert "fewer than three is not turned into people" in panel.sentences[0]


def test_a_stricter_filter_is_never_widened(base: EvidenceBase) -> None:
    low = Question("depression", "control", rob=("low",))
    answer = estimate(base, low)
    others = {other.id: other for other in alternatives(base, View(low))}
    assert others["lower_bias"].k == answer.k
    high = View(Question("depression", "control", rob=("high",)))
    assert {o.id: o for o in alternatives(base, high)}["lower_bias"].note == "No trial is left"
