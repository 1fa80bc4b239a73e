"""Published reviews by trial: which lists count, ours on their trials, and what is said of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose

from ipt_evidence import EvidenceBase, Question, estimate
from ipt_evidence.analyses.published.result import overlaps, published_effects
from ipt_evidence.analyses.registry import analysis
from ipt_evidence.analyses.shared_trials.figure import review_matrix
from ipt_evidence.analyses.shared_trials.result import SharedTrials, shared_trials
from ipt_evidence.evidence.estimation import Model
from ipt_evidence.evidence.magnitude import OVERLAP_WORDS, overlap_word
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.figures.look import Look

SHOWN = analysis("shared-trials")


def view(condition: str | None = "depression", comparison: str = "control", **more: object) -> View:
    return View(Question(condition, comparison, **more), Model())


@pytest.fixture
def found(base: EvidenceBase) -> SharedTrials:
    return shared_trials(base, view())


def test_only_complete_lists_count(found: SharedTrials) -> None:
    """Three lists of 6, 5 and 2 trials hold ten: (13 - 10) / (30 - 10); the fourth broke off."""
    assert [(one.label, one.complete) for one in found.reviews] == [
        ("Invented A 2011", True), ("Invented B 2021", True),
        ("Invented D 2008", True), ("Invented C 2016", False),
    ]  # fmt: skip
    assert (found.area.reviews, found.area.studies, found.area.included) == (3, 10, 13)
    assert found.area.corrected == 3 / 20
    # Swartz 2008 and Dennis 2020 are younger than the search of A, Dennis 2020 than that of D.
    assert (found.dated.impossible, found.dated.corrected) == (2, 3 / 18)
    assert_allclose(found.pairs[0], [1, 2 / 9, 1 / 7])


def test_each_cell_says_what_is_known(found: SharedTrials) -> None:
    rows = dict(zip(found.trials["label"], range(len(found.trials)), strict=True))
    states = [found.state(rows["Dennis 2020"], column) for column in range(4)]
    assert states == ["too_young", "included", "too_young", "too_young"]
    assert found.state(rows["Weissman 1979"], 3) == "unknown"
    assert found.state(rows["Weissman 1979"], 1) == "left_out"
    nobody = found.trials.set_index("label").loc["Nobody 1990"]
    assert (nobody["year"], bool(nobody["held"]), bool(nobody["used"])) == (1990, False, False)


def test_ours_on_their_trials_is_the_estimate_of_those_alone(
    base: EvidenceBase, found: SharedTrials
) -> None:
    one = found.reviews[0]
    assert one.theirs == (0.63, 0.36, 0.9)
    assert (len(one.trials), len(one.held), len(one.used)) == (6, 5, 5)
    others = set(estimate_of(base, view()).trials["study_id"]) - set(one.used)
    alone = estimate(base, Question("depression", "control", excluded=tuple(sorted(others))))
    assert one.ours is not None and alone.pooled is not None
    assert_allclose(
        [one.ours.estimate, one.ours.ci_lower, one.ours.tau2],
        [alone.pooled.estimate, alone.pooled.ci_lower, alone.pooled.tau2], rtol=1e-9,
    )  # fmt: skip
    part = found.reviews[3]
    assert (part.used, part.ours) == (("grote2009", "talbot2011"), None)  # the list broke off


def test_two_trials_are_never_pooled(base: EvidenceBase) -> None:
    used = ("elkin1989", "ohara2000")
    others = set(estimate_of(base, view()).trials["study_id"]) - set(used)
    here = view(excluded=tuple(sorted(others)))
    one = shared_trials(base, here).reviews[0]
    assert (set(one.used), one.ours) == (set(used), None)
    rows = SHOWN.panel(base, here).details[0].table.set_index("Review")
    assert rows.loc["Invented A 2011", "Ours on their trials"] == "two trials: not pooled"


def test_what_is_said_of_an_overlap(base: EvidenceBase) -> None:
    panel = SHOWN.panel(base, view())
    assert panel.sentences[0] == (
        "For three published reviews on depression every trial of IPT is known: 10 trials, "
        "included 13 times. The corrected covered area is 15%, a high overlap."
    )
    assert "the same trials counted again" in panel.sentences[1]
    assert "the area is 17% (very high)" in panel.sentences[2]
    assert panel.sentences[3] == (
        "Invented C 2016 (2 of 9 trials) is known only in part, and counts for no overlap."
    )
    assert "(Bian 2023, Liang 2020, Duffy 2019) the list of trials is not yet" in panel.sentences[4]
    assert list(panel.table.columns)[2:] == [
        one.label for one in shared_trials(base, view()).reviews
    ]
    cells = panel.table.set_index("Trial")
    assert cells.loc["Nobody 1990"].tolist() == ["not in this base", "yes", "no", "no", "not known"]
    assert cells.loc["Lespérance 2007", "In this estimate"] == "no"
    assert "Invented D 2008 includes two trials, one of them in this estimate" in (
        panel.text_alternative
    )
    pairs = panel.details[-1].table.set_index("Reviews")
    assert pairs.loc["Invented A 2011 and Invented B 2021"].tolist() == [
        "2 of 9", "22%", "very high",
    ]  # fmt: skip


def test_one_list_or_none_says_that_nothing_can_be_said(base: EvidenceBase) -> None:
    alone = SHOWN.panel(base, view("social_anxiety"))
    assert alone.drawn and "only that of Invented E 2014 is known" in alone.sentences[0]
    none = SHOWN.panel(base, view("postpartum"))
    assert not none.drawn and "are the trials recorded" in none.sentences[0]
    assert (
        "For two reviews with a published result on this question (Bian 2023, Bright 2020)"
        in (none.sentences[1])
    )
    every = shared_trials(base, view(None))
    assert len(every.reviews) == len(base.reviews)


def test_the_figure_marks_what_the_table_says(found: SharedTrials) -> None:
    for look in (Look(), Look("depression", dark=True), Look("depression", compact=True)):
        figure = review_matrix(found, look)
        marks = {trace.name: len(trace.x) for trace in figure.data}
        states = [
            found.state(row, column)
            for row in range(len(found.trials))
            for column in range(len(found.reviews))
        ]
        assert marks["in estimate"] + marks["included"] == states.count("included") == 15
        assert marks["published later"] == states.count("too_young")
        assert marks["not known"] == states.count("unknown")
        assert len(figure.layout.yaxis.ticktext) == len(found.trials)
        heads = [one.text for one in figure.layout.annotations if one.name == "heading"]
        assert len(heads) == len(found.reviews) and "(6)" in heads[0]


def test_a_complete_list_names_the_trials_of_a_published_result(base: EvidenceBase) -> None:
    question = Question("depression", "control")
    answer, rows = estimate(base, question), published_effects(base, question)
    whole = base.reviews.assign(ipt_trials=base.reviews["included"].str.len().astype("Int64"))
    known = overlaps(replace(base, reviews=whole), answer, rows)
    assert set(known["cuijpers2011-control"].named) == {
        "elkin1989", "ohara2000", "schulberg1996", "weissman1979", "mossey1996",
    }  # fmt: skip
    part = overlaps(base, answer, rows)  # one trial of the list is not in the base
    assert not part["cuijpers2011-control"].named


@pytest.mark.parametrize(
    ("percent", "word"),
    [(0, "slight"), (5.4, "slight"), (5.6, "moderate"), (10.4, "moderate"), (10.6, "high"),
     (15.4, "high"), (15.6, "very high"), (100, "very high")],
)  # fmt: skip
def test_words_are_piepers(percent: float, word: str) -> None:
    assert overlap_word(percent / 100) == word
    assert [limit for limit, _ in OVERLAP_WORDS] == [5, 10, 15, 100]


def test_a_base_without_lists_still_answers(base: EvidenceBase) -> None:
    bare = replace(base, reviews=base.reviews.iloc[:0])
    found = shared_trials(bare, view())
    assert (found.reviews, found.area.corrected) == ((), None)
    assert np.size(found.included) == 0
    assert not SHOWN.panel(bare, view()).drawn
