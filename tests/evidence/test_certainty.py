"""Each rule of certainty, at the numbers where it turns."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.certainty.result import DOMAINS, LEVELS, Override, assess
from ipt_evidence.errors import QuestionError

DEPRESSION = Question("depression", "control")
MAJOR = Question("major_depression", "control")


def judged(base, answer, domain, **settings):
    found = assess(base, answer, **settings)
    return next(d for d in found.domains if d.id == domain)


def altered(answer, pooled=None, **columns):
    """The estimate with some numbers of its pooled effect or columns of its trials replaced."""
    return replace(
        answer,
        pooled=replace(answer.pooled, **(pooled or {})),
        trials=answer.trials.assign(**columns),
    )


@pytest.fixture
def answer(base: EvidenceBase):
    return estimate(base, DEPRESSION)


def test_no_trial_gives_no_level_rather_than_a_low_one(base: EvidenceBase) -> None:
    found = assess(base, estimate(base, Question("eating_disorders", "control")))
    assert (found.level, found.start, found.domains) == (None, None, ())


@pytest.mark.parametrize(
    ("condition", "comparison", "k"),
    [
        ("bulimia", "other_psychotherapy", 1),
        ("depression", "pharmacotherapy", 2),
        ("late_life_depression", "control", 3),
        ("depression", "control", 34),
    ],
)
def test_few_trials_and_many_have_all_five_domains(base, condition, comparison, k) -> None:
    answer = estimate(base, Question(condition, comparison))
    assert answer.k == k
    found = assess(base, answer)
    assert found.level in LEVELS
    assert tuple(d.id for d in found.domains) == DOMAINS
    assert all(d.judgement in (0, -1, -2) and d.reason and d.rule for d in found.domains)
    below = sum(d.judgement for d in found.domains)
    assert LEVELS.index(found.level) == max(0, LEVELS.index(found.start) + below)


def test_one_trial_never_disagrees_with_itself(base: EvidenceBase) -> None:
    answer = estimate(base, Question("bulimia", "other_psychotherapy"))
    assert judged(base, answer, "inconsistency").judgement == 0
    assert "nothing is known" in judged(base, answer, "inconsistency").reason


@pytest.mark.parametrize(
    ("rob", "expected"), [("low", 0), ("some_concerns", -1), ("unclear", -1), ("high", -2)]
)
def test_unknown_risk_of_bias_is_not_low(base, answer, rob, expected) -> None:
    assert judged(base, altered(answer, rob=rob), "risk_of_bias").judgement == expected


def test_half_of_the_weight_at_low_risk_is_enough(base, answer) -> None:
    rob = ["low", "high"] * (answer.k // 2)
    even = altered(answer, rob=rob, weight=100 / answer.k)
    assert judged(base, even, "risk_of_bias").judgement == 0
    less = altered(answer, rob=rob, weight=[2.9, 2.98235] * (answer.k // 2))
    assert judged(base, less, "risk_of_bias").judgement == -2


def test_trials_that_were_not_randomised_start_low_and_count_as_high_risk(base, answer) -> None:
    studies = base.studies.assign(design="non_randomised")
    found = assess(replace(base, studies=studies), altered(answer, rob="low"))
    assert found.start == "low"
    assert found.domains[0].judgement == -2


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"i2": 39.9, "pi_lower": -2.0, "pi_upper": 2.0}, 0),
        ({"i2": 40.0, "pi_lower": 0.25, "pi_upper": 1.0}, 0),
        ({"i2": 40.0, "pi_lower": 0.1, "pi_upper": 1.0}, -1),
        ({"i2": 40.0, "pi_lower": -0.3, "pi_upper": 1.0}, -1),
        ({"i2": 75.0, "pi_lower": 0.25, "pi_upper": 1.0}, -1),
        ({"i2": 50.0, "pi_lower": None, "pi_upper": None}, -1),
    ],
)
def test_inconsistency_matters_when_a_new_trial_could_tell_another_story(
    base, answer, numbers, expected
) -> None:
    assert judged(base, altered(answer, numbers), "inconsistency").judgement == expected


def test_trials_that_clearly_contradict_each_other_are_very_serious(base, answer) -> None:
    uppers = answer.trials["ci_upper"].to_list()
    torn = altered(
        answer, {"i2": 80.0, "pi_lower": -0.5, "pi_upper": 1.5}, ci_upper=[-0.1, *uppers[1:]]
    )
    assert judged(base, torn, "inconsistency").judgement == -2


def test_two_trials_disagree_when_their_intervals_do_not_touch(base) -> None:
    answer = estimate(base, Question("depression", "pharmacotherapy"))
    assert judged(base, answer, "inconsistency").judgement == 0
    apart = altered(answer, ci_lower=[-1.0, 0.2], ci_upper=[-0.5, 0.6])
    assert judged(base, apart, "inconsistency").judgement == -1


@pytest.mark.parametrize(
    ("interval", "people", "expected"),
    [
        ((0.25, 0.9), 400, 0),
        ((0.25, 0.9), 399, -1),
        ((0.23, 0.9), 400, -1),
        ((0.23, 0.9), 199, -2),
        ((-0.25, 0.9), 4000, -2),
        ((-0.1, 0.1), 4000, 0),
        ((-0.9, -0.25), 400, 0),
    ],
)
def test_imprecision_counts_bounds_crossed_and_people(
    base, answer, interval, people, expected
) -> None:
    changed = replace(
        altered(answer, {"ci_lower": interval[0], "ci_upper": interval[1]}),
        people=replace(answer.people, value=people),
    )
    assert judged(base, changed, "imprecision").judgement == expected


def test_the_smallest_effect_effect_can_be_moved(base, answer) -> None:
    assert judged(base, answer, "imprecision").judgement == 0
    assert judged(base, answer, "imprecision", smallest_effect=0.5).judgement == -1
    with pytest.raises(QuestionError, match="of interest"):
        assess(base, answer, smallest_effect=0.0)


def test_indirectness_weighs_derived_treatments_and_waiting_lists(base, answer) -> None:
    assert judged(base, answer, "indirectness").judgement == 0
    studies = base.studies.assign(ipt_variant="ipt_based")
    derived = replace(base, studies=studies)
    assert judged(derived, answer, "indirectness").judgement == -1
    effects = answer.selection.effects.assign(comparator_type="waitlist")
    waiting = replace(answer, selection=replace(answer.selection, effects=effects))
    assert judged(derived, waiting, "indirectness").judgement == -2


def test_small_studies_are_tested_from_ten_trials_on(base) -> None:
    few = estimate(base, Question("adolescent_depression", "control"))
    assert few.pooled.ci_lower > 0
    assert judged(base, few, "small_study_effects").judgement == -1  # one trial of 48 people
    large = replace(few, trials=few.trials.assign(n=100))
    assert judged(base, large, "small_study_effects").judgement == 0
    many = estimate(base, MAJOR)
    assert many.k >= 10
    assert "Egger" in judged(base, many, "small_study_effects").reason


def test_small_trials_with_better_results_raise_doubt(base, answer) -> None:
    steep = altered(answer, yi=0.1 + 3.0 * answer.trials["vi"] ** 0.5)
    assert judged(base, steep, "small_study_effects").judgement == -1
    worse = altered(answer, yi=1.0 - 2.0 * answer.trials["vi"] ** 0.5)
    assert judged(base, worse, "small_study_effects").judgement == 0


def test_a_reader_may_judge_otherwise_with_a_note(base, answer) -> None:
    plain = assess(base, answer)
    own = {"inconsistency": Override(-2, "They differ by country.")}
    changed = assess(base, answer, overrides=own)
    domain = next(d for d in changed.domains if d.id == "inconsistency")
    assert (domain.judgement, domain.suggested, domain.note) == (-2, -1, "They differ by country.")
    assert changed.overridden
    assert not plain.overridden
    assert LEVELS.index(changed.level) == LEVELS.index(plain.level) - 1


def test_a_judgement_without_a_reason_is_not_taken(base, answer) -> None:
    changed = assess(base, answer, overrides={"inconsistency": Override(0, "  ")})
    assert changed == assess(base, answer)


@pytest.mark.parametrize("own", [{"size": Override(0, "why")}, {"imprecision": Override(1, "why")}])
def test_unknown_domains_and_judgements_are_refused(base, answer, own) -> None:
    with pytest.raises(QuestionError, match="domains are"):
        assess(base, answer, overrides=own)
