"""The summary of findings: rows, assumed rates, and words that say no more than the certainty."""

from __future__ import annotations

from dataclasses import replace

import pytest
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.certainty.panel import (
    CIRCLES,
    DOMAIN_WORDS,
    certainty_sentence,
    domains_table,
    findings_table,
    rate_sentence,
)
from ipt_evidence.analyses.certainty.result import LEVELS, Override, assess, findings
from ipt_evidence.analyses.clinical_units.result import assumed_rate
from ipt_evidence.errors import QuestionError

DEPRESSION = Question("depression", "control")


def test_the_assumed_rate_is_the_median_of_counts_one_a_trial(base: EvidenceBase) -> None:
    rate = assumed_rate(base, DEPRESSION)
    rows = base.joined
    counted = rows.loc[
        (rows["comparison"] == "control")
        & (rows["direction"] == "event_good")
        & (rows["time"] == "post")
        & rows["conditions_all"].map(lambda tags: "depression" in tags)
    ]
    assert rate.scope == "condition"
    assert 3 <= rate.trials <= counted["study_id"].nunique()
    assert rate.lowest < rate.value < rate.highest < 1


def test_with_few_counts_other_conditions_lend_theirs_and_the_words_say_so(base) -> None:
    rate = assumed_rate(base, Question("eating_disorders", "control"))
    assert rate.scope == "comparison"
    assert "all conditions together" in rate_sentence(rate)
    assert assumed_rate(base, Question("depression", "maintenance")) is None
    assert "not known here" in rate_sentence(None)


def test_each_comparison_has_a_row_also_without_a_number(base) -> None:
    found = findings(base, "depression")
    table = findings_table(base, found)
    order = [c.id for c in base.taxonomy.comparisons]
    assert [f.comparison for f in found] == [c for c in order if c in {f.comparison for f in found}]
    assert len(table) == len(found)
    empty = [f.estimate.pooled is None for f in found]
    assert any(empty)
    assert (table["Certainty"] == "–").tolist() == empty


def test_absolute_effects_follow_furukawa_and_the_assumed_rate(base) -> None:
    (control,) = (f for f in findings(base, "depression", rate=0.3) if f.comparison == "control")
    table = findings_table(base, [control])
    row = table.iloc[0]
    assert row["Do well with the comparison, of 100"] == "30"
    change = control.units.nnt_furukawa.per_100
    assert row["Difference of 100"].startswith(f"+{change.estimate:.0f} (")
    assert row["Do well with IPT, of 100"].startswith(f"{30 + change.estimate:.0f} (")
    assert "as you set it" in rate_sentence(control.rate)
    assert_allclose(control.units.nnt_furukawa.nnt, 100 / change.estimate)


def test_filters_apply_to_every_row(base) -> None:
    few = findings(base, "depression", filters=Question(rob=("low",)))
    assert few[0].estimate.k < findings(base, "depression")[0].estimate.k


@pytest.mark.parametrize("rate", [0.0, 1.0, -0.1])
def test_a_rate_is_a_share(base, rate) -> None:
    with pytest.raises(QuestionError, match="share"):
        findings(base, "depression", rate=rate)


@pytest.mark.parametrize(
    ("level", "said"),
    [
        ("high", "High certainty: IPT reduces depression more than control."),
        ("moderate", "Moderate certainty: IPT probably reduces depression more than control."),
        ("low", "Low certainty: IPT may reduce depression more than control."),
    ],
)
def test_the_verb_carries_the_certainty(base, level, said) -> None:
    answer = estimate(base, DEPRESSION)
    found = replace(assess(base, answer), level=level)
    assert certainty_sentence(base, answer, found) == said


def test_very_low_certainty_names_no_direction(base) -> None:
    answer = estimate(base, DEPRESSION)
    found = replace(assess(base, answer), level="very_low")
    assert "more or less than control" in certainty_sentence(base, answer, found)


def test_small_effects_and_effects_against_ipt_are_said_as_such(base) -> None:
    answer = estimate(base, DEPRESSION)
    found = replace(assess(base, answer), level="low")
    small = replace(answer, pooled=replace(answer.pooled, estimate=0.19))
    assert "may make little or no difference" in certainty_sentence(base, small, found)
    worse = replace(answer, pooled=replace(answer.pooled, estimate=-0.4))
    assert "may reduce depression less than control" in certainty_sentence(base, worse, found)


def test_nothing_pooled_has_no_level_and_says_so(base) -> None:
    answer = estimate(base, Question("eating_disorders", "control"))
    found = assess(base, answer)
    assert found.level is None
    assert certainty_sentence(base, answer, found).startswith("No trial can be pooled")
    assert domains_table(found).empty


def test_marks_are_filled_from_the_left() -> None:
    assert [CIRCLES[level] for level in LEVELS] == ["⊕◯◯◯", "⊕⊕◯◯", "⊕⊕⊕◯", "⊕⊕⊕⊕"]


def test_the_table_shows_the_rule_beside_a_readers_judgement(base) -> None:
    answer = estimate(base, DEPRESSION)
    own = {"risk_of_bias": Override(-2, "No trial was blind.")}
    table = domains_table(assess(base, answer, overrides=own))
    assert table["Domain"].tolist() == list(DOMAIN_WORDS.values())
    first = table.iloc[0]
    assert first["Judgement"] == "Very serious doubt (−2)"
    assert first["Reason"].startswith("Your judgement: No trial was blind. (the rule says: serious")
