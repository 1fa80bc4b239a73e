"""What the sections of the Condition page say follows from their numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses import answer as words
from ipt_evidence.analyses.clinical_units import panel as human
from ipt_evidence.analyses.clinical_units.result import (
    AssumedRate,
    assumed_rate,
    instruments_for,
    restated,
)
from ipt_evidence.analyses.differences import panel as differences
from ipt_evidence.analyses.differences.grouping import GROUPINGS, grouped
from ipt_evidence.analyses.differences.result import MODERATORS, explanation
from ipt_evidence.analyses.forest import panel as trials
from ipt_evidence.analyses.forest.figure import figure as forest_figure
from ipt_evidence.analyses.forest.result import trials_in_order
from ipt_evidence.analyses.influence import panel as influence
from ipt_evidence.analyses.influence.result import all_trials, leave_one_out, over_time
from ipt_evidence.analyses.published import panel as published_words
from ipt_evidence.analyses.published.result import Overlap
from ipt_evidence.analyses.small_studies import panel as small_studies
from ipt_evidence.analyses.small_studies.result import funnel
from ipt_evidence.cache import clear
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View
from ipt_evidence.figures.look import Look

MANY = Question("depression", "control")
FEW = Question("social_anxiety", "other_psychotherapy")
QUESTIONS = {
    0: Question("depression", "maintenance"),
    1: Question("borderline", "control"),
    2: Question("depression", "pharmacotherapy"),
    3: FEW,
    34: MANY,
}


@pytest.fixture(scope="module")
def many(base: EvidenceBase) -> Estimate:
    return estimate(base, MANY)


# --- trials ------------------------------------------------------------------------------------


def test_the_plot_has_groups_in_order_and_what_was_left_out_last(base: EvidenceBase) -> None:
    answer = estimate(base, MANY.without("lenze2017"))
    groups = grouped(base, answer, "rob")
    rows = trials_in_order(answer, "year", groups)
    assert list(dict.fromkeys(rows["group"].dropna())) == [
        "Low",
        "Some concerns",
        "High",
        "Unclear",
    ]
    within = rows.loc[rows["group"] == "Some concerns", "year"]
    assert within.is_monotonic_decreasing
    assert rows["excluded"].tolist() == [False] * answer.k + [True]
    assert rows["study_id"].iloc[-1] == "lenze2017"


def test_arms_are_shown_as_their_source_gives_them(base: EvidenceBase, many: Estimate) -> None:
    rows = trials_in_order(many, "label").set_index("study_id")
    assert rows.loc["heckman2017", ["ipt_data", "comparison_data"]].tolist() == ["15/70", "2/62"]
    bolton = rows.loc["bolton2003"]
    effect = many.selection.effects.set_index("study_id").loc["bolton2003"]
    assert bolton["ipt_data"] == (
        f"{effect['mean_ipt']:.1f} ({effect['sd_ipt']:.1f}), n {effect['n_ipt']:.0f}"
    )
    several = many.trials.loc[many.trials["n_effects"] > 1, "study_id"]
    assert all("results" in rows.loc[study, "ipt_data"] for study in several)


def test_the_note_under_the_groups_holds_the_test(base: EvidenceBase, many: Estimate) -> None:
    groups = grouped(base, many, "people")
    assert groups.result is not None
    note = differences.group_note(groups)
    assert note.startswith("Difference between groups: χ² ")
    assert "each group its own τ²" in note
    shared = differences.group_note(grouped(base, many, "rob"))
    assert "F " in shared
    assert "one τ² for all groups" in shared
    sentence = differences.group_sentence(groups)
    assert sentence.startswith("Chance alone can explain")
    assert "does not show that they are alike" in sentence


def test_a_clear_difference_is_a_question_and_not_an_answer(
    base: EvidenceBase, many: Estimate
) -> None:
    groups = grouped(base, many, "people")
    assert groups.result is not None
    clear = replace(groups, result=replace(groups.result, p=0.004))
    sentence = differences.group_sentence(clear)
    assert "differ between these groups more than chance" in sentence
    assert "not randomised to a group" in sentence
    assert "as a question" in sentence


def test_groups_that_cannot_be_compared_say_why(base: EvidenceBase) -> None:
    answer = estimate(base, QUESTIONS[1])
    groups = grouped(base, answer, "rob")
    assert differences.group_sentence(groups) == (
        "Groups cannot be compared here. All trials are in one group."
    )
    figure = forest_figure(base, View(QUESTIONS[1]), Look(), group="rob")
    assert "pooled effect of a group" not in {trace.name for trace in figure.data}
    assert differences.group_table(groups)["g"].tolist() == ["not reported"]


def test_the_alternative_names_groups_and_what_was_left_out(base: EvidenceBase) -> None:
    answer = estimate(base, MANY.without("lenze2017"))
    groups = grouped(base, answer, "people")
    rows = trials_in_order(answer, "year", groups)
    said = trials.forest_alternative(rows, answer, groups)
    assert said.startswith("Forest plot of 33 trials.")
    assert "Left out by you, below the others: Lenze 2017." in said
    assert "By size of the trial: Up to 50 people g " in said
    table = trials.forest_table(rows)
    assert {"Group", "IPT arm", "Comparison arm", "In the estimate"} <= set(table.columns)
    assert table["In the estimate"].iloc[-1] == "left out by you"


def test_leaving_out_says_what_it_changed(base: EvidenceBase, many: Estimate) -> None:
    answer = estimate(base, MANY.without("lenze2017", "vigod2021"))
    said = words.excluded_sentence(answer, many)
    assert said.startswith(
        "You left out two trials. With them: g 0.50 (95% CI 0.34 to 0.65), 34 trials"
    )
    assert "say so when you use this number" in said
    assert words.excluded_sentence(many, many) == ""


# --- small studies -----------------------------------------------------------------------------


def test_a_funnel_of_few_trials_allows_nothing(base: EvidenceBase) -> None:
    view = View(FEW)
    assert small_studies.options(base, view) == ()
    said = small_studies.panel(base, view, ("egger", "filled")).sentences
    assert said[0].startswith("With three trials a funnel cannot be read")
    assert "even picture would prove nothing" in said[0]
    assert not any("Egger's line" in text or "Trim and fill" in text for text in said)


def test_a_funnel_of_many_tells_test_line_and_mirror_images(
    base: EvidenceBase, many: Estimate
) -> None:
    found = funnel(many)
    panel = small_studies.panel(base, View(MANY), ("egger", "filled"))
    said = " ".join(panel.sentences)
    assert "Egger's test" in said
    assert "does not prove that none are missing" in said
    assert f"{found.below_05} of 34 trials are significant alone" in said
    assert found.filled is not None
    assert "adds eight trials with low effects" in said
    assert "Nobody has seen these trials" in said
    assert len(panel.table) == 34 + found.filled.k0
    assert list(panel.table["Trial"]).count("added by trim and fill") == found.filled.k0
    assert "meets the top" in said
    assert "meets the top" not in " ".join(small_studies.panel(base, View(MANY)).sentences)


@pytest.mark.parametrize(
    ("below", "between", "shown"),
    [
        (0, 0, "None of 34 trials is significant alone (p below .05), none just misses it"),
        (1, 1, "One of 34 trials is significant alone (p below .05), one just misses it"),
        (6, 2, "Six of 34 trials are significant alone (p below .05), two just miss it"),
    ],
)
def test_significant_trials_are_counted_in_words(
    base: EvidenceBase,
    many: Estimate,
    monkeypatch: pytest.MonkeyPatch,
    below: int,
    between: int,
    shown: str,
) -> None:
    found = replace(funnel(many), below_05=below, from_05_to_10=between)
    monkeypatch.setattr(small_studies, "small_studies", lambda base, view: found)
    clear()
    assert shown in " ".join(small_studies.panel(base, View(MANY)).sentences)
    clear()


@pytest.mark.parametrize("k", QUESTIONS)
def test_every_section_has_words_for_every_number_of_trials(base: EvidenceBase, k: int) -> None:
    answer = estimate(base, QUESTIONS[k])
    assert answer.k == k
    view = View(QUESTIONS[k])
    panel = small_studies.panel(base, view)
    assert all(text.endswith(".") for text in panel.sentences)
    assert panel.text_alternative.endswith(".") or not k
    assert panel.drawn == bool(k)
    assert len(panel.table) == k
    for history in (influence.over_time_panel(base, view), influence.cumulative_panel(base, view)):
        assert history.sentences[0].endswith(".")
        assert len(history.table) == (k if k > 2 else 0)
        assert history.drawn == (k > 2)
    rest = influence.leave_one_out_panel(base, view)
    assert rest.sentences[0].endswith(".")
    assert len(rest.table) == (k if k > 3 else 0)  # of three, two are left: too few to pool
    assert rest.drawn == (k > 3)
    groups = [grouped(base, answer, by) for by in GROUPINGS]
    shown = differences.groups_panel(base, view)
    assert shown.sentences[0].endswith(".")
    assert len(shown.table) == sum(len(one.order) for one in groups if one.result is not None)
    for moderator in MODERATORS:
        regression = differences.panel(base, view, moderator)
        assert regression.text_alternative.endswith(".")
        assert len(regression.table) == len(explanation(answer, moderator).trials)
    drapery = trials.drapery_panel(base, view)
    assert drapery.drawn == bool(k)
    assert drapery.text_alternative.endswith(".")
    assert len(trials.panel(base, view).table) == k


# --- what explains differences -----------------------------------------------------------------


def test_a_regression_of_few_trials_is_a_sketch(base: EvidenceBase) -> None:
    answer = estimate(base, Question("postpartum", "control"))
    found = explanation(answer, "mean_age")
    assert found.few
    said = differences.regression_sentence(found)
    assert "at least ten are advised" in said
    assert "Not known for two:" in said
    note = differences.regression_note(found)
    assert "with ten years older on average" in note
    assert note.endswith("k = 8.")


def test_a_clear_association_is_not_called_a_cause(many: Estimate) -> None:
    found = explanation(many, "year")
    assert found.fit is not None
    clear = replace(found, fit=replace(found.fit, qm_p=0.01))
    said = differences.regression_sentence(clear)
    assert "more closely than chance explains (p = .01)" in said
    assert "association between trials" in said
    unclear = differences.regression_sentence(found)
    assert unclear.startswith("No clear association with year")


def test_several_tests_are_named_as_such(base: EvidenceBase, many: Estimate) -> None:
    groups = [grouped(base, many, by) for by in ("people", "rob")]
    assert "In none of them" in differences.groups_sentence(groups)
    first = groups[0]
    assert first.result is not None
    clear = [replace(first, result=replace(first.result, p=0.01)), groups[1]]
    said = differences.groups_sentence(clear)
    assert "size of the trial (p = .01)" in said
    assert "one may be clear by chance" in said


# --- over time ---------------------------------------------------------------------------------


def test_history_tells_half_way_end_and_since_when(many: Estimate) -> None:
    said = influence.history_sentence(over_time(many))
    assert said.startswith("After the first 17 trials, in 2011, the pooled effect was g ")
    assert "after all 34, in 2023, it is g 0.50 (95% CI 0.34 to 0.65)" in said
    assert "Since 1996 the interval has stayed clear of 0" in said


def test_one_less_names_the_ends(many: Estimate) -> None:
    rest, pooled = leave_one_out(many), all_trials(many)
    said = influence.leave_one_out_sentence(rest, pooled)
    assert "without Bolton 2003" in said
    assert "Each time the interval stays clear of 0" in said
    turned = rest.assign(turns=[True] + [False] * (len(rest) - 1))
    assert "reaches across 0" in influence.leave_one_out_sentence(turned, pooled)


# --- published ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Overlap("a", ("x",), ("x",), 3, 0), "names X 2000: in this estimate"),
        (Overlap("a", ("x",), (), 3, 0), "names X 2000: not in this estimate"),
        (Overlap("a", ("x", "y"), ("y",), 3, 0),
         "names X 2000, Y 2001; of these in this estimate: Y 2001"),
        (Overlap("a", (), (), 5, 7),
         "not known which; at most 5 of our 12; 7 were published later"),
        (Overlap("a", (), (), 12, 0), "not known which trials"),
        (Overlap("a", (), (), 0, 12), "none: all 12 of ours were published later"),
        (Overlap("a", (), (), None, None), "not known which trials"),
    ],
)  # fmt: skip
def test_overlap_is_said_and_never_guessed(found: Overlap, said: str) -> None:
    labels = {"x": "X 2000", "y": "Y 2001"}
    assert published_words.overlap_words(found, 12, labels) == said


def test_overlap_altogether() -> None:
    found = {
        "a": Overlap("a", ("x",), ("x",), 1, 0),
        "b": Overlap("b", (), (), 5, 7),
    }
    said = published_words.overlap_sentence(found, 12)
    assert said.startswith("One of 2 published results names the trials behind it")
    assert published_words.overlap_sentence({}, 12) == ""


# --- clinical units -------------------------------------------------------------------------------


def test_people_and_points_carry_the_interval(base: EvidenceBase, many: Estimate) -> None:
    instrument = instruments_for(base, View(MANY))["hdrs-17"]
    units = restated(many, 0.23, instrument)
    assert units is not None
    said = human.people_sentence(units, 0.23, "control")
    assert said == (
        "If 23 of 100 people do well with control, 40 do with IPT: 17 more (difference 11 to 24). "
        "About 6 people (4 to 9) have to be treated for one more to do well."
    )
    points = human.points_sentence(units, instrument)
    assert many.pooled is not None
    shown = f"{many.pooled.estimate * instrument.sd:.1f}"
    assert points.startswith(f"On the HDRS-17 the average person scores {shown} points lower")
    assert human.points_sentence(units, None) == ""
    table = human.units_table(many, units, instrument)
    assert table["Unit"].tolist()[:2] == ["Hedges g", "Points on the HDRS-17"]


def test_an_interval_across_zero_gives_no_number_needed(base: EvidenceBase) -> None:
    answer = estimate(base, FEW)
    units = restated(answer, 0.47, None)
    assert units is not None
    said = human.people_sentence(units, 0.47, "other_psychotherapy")
    assert "12 fewer (difference −37 to 23)" in said
    assert "no number needed to treat can be given" in said
    table = human.units_table(answer, units, None)
    assert "goes through infinity" in table["95% CI"].tolist()


def test_the_slider_says_where_it_starts(base: EvidenceBase) -> None:
    rate = assumed_rate(base, MANY)
    assert rate is not None
    assert "the median of the comparison arms" in human.rate_basis(rate)
    assert "of this condition" in human.rate_basis(rate)
    assert "only an example" in human.rate_basis(None)
    one = AssumedRate(0.4, 1, 0.4, 0.4, "comparison")
    assert "one trial of any condition." in human.rate_basis(one)
