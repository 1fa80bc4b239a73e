"""The fragility sentence follows its rules, and its figure shows every range."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ipt_evidence.analyses.alternative import Alternative
from ipt_evidence.analyses.fragility.figure import ranges_plot
from ipt_evidence.analyses.fragility.panel import (
    fragility_sentence,
    fragility_table,
    outlook,
    ranges_frame,
    text_alternative,
)
from ipt_evidence.analyses.fragility.result import (
    Fragility,
    LeaveOneOut,
    NextTrialSize,
    NullTrials,
    SubsetRange,
)
from ipt_evidence.analyses.multiverse.result import Share
from ipt_evidence.figures.look import Look


def share(count: int, above: int, below: int = 0) -> Share:
    return Share(count, above, below, min(count, 7), 0.4, 0.1, 0.7)


def corrected(*lowers: float) -> tuple[Alternative, ...]:
    names = ("trim_and_fill", "pet_peese", "selection", "limit")
    return tuple(
        Alternative(name, 12, low + 0.2, low, low + 0.4)
        for name, low in zip(names, lowers, strict=False)
    )


FIRM = Fragility(
    12, 0.5, 0.3, 0.7, 0.2,
    prediction=(0.1, 0.9),
    new_trial_of_interest=91.2,
    new_trial_of_interest_bayes=88.0,
    leave_one_out=LeaveOneOut(0.45, 0.55, "Early 1990", "Late 2010", ()),
    subsets=SubsetRange(4083, True, 0.35, 0.66),
    specifications=share(100, 100),
    equivalent=share(40, 40),
    corrections=corrected(0.1, 0.05, 0.2, 0.3),
    null_trials=NullTrials(31, 12, 60),
    next_trial=NextTrialSize(True, 0.0, 800),
)  # fmt: skip


def test_it_held_up_when_the_conclusion_stays_everywhere() -> None:
    assert fragility_sentence(FIRM) == (
        "The finding that IPT did better than control held up here: it stays so without any "
        "single trial, in all 40 equivalent analyses, in all 4 corrections for small-study effects "
        "and in all 60 uncertain ones."
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"equivalent": share(40, 39)}, "leans on choices"),
        ({"corrections": corrected(0.1, -0.1)}, "in 1 of 2 corrections"),
        ({"corrections": corrected(-0.1)}, "in none of 1 corrections"),
        ({"specifications": share(100, 40)}, "held up here"),
    ],
)
def test_uncertain_analyses_are_told_but_decide_nothing(change, words) -> None:
    assert words in fragility_sentence(replace(FIRM, **change))


def test_one_trial_that_changes_the_conclusion_is_named() -> None:
    left = LeaveOneOut(0.2, 0.6, "Early 1990", "Late 2010", ("Early 1990", "Big 2001"))
    said = fragility_sentence(replace(FIRM, leave_one_out=left))
    assert "depends on single trials: it is gone without Early 1990 or without Big 2001" in said
    many = replace(left, changing=("A", "B", "C", "D"))
    assert "any one of four of the trials" in fragility_sentence(replace(FIRM, leave_one_out=many))


def test_an_open_matter_never_held_up() -> None:
    open_ = replace(
        FIRM, estimate=0.1, ci_lower=-0.2, ci_upper=0.4, equivalent=share(40, 0),
        specifications=share(100, 0), corrections=(),
    )  # fmt: skip
    said = fragility_sentence(open_, "other_psychotherapy")
    assert said.startswith("Whether IPT does better or worse than other psychotherapies is open")
    assert "held up" not in said


def test_a_finding_against_ipt_is_told_as_such() -> None:
    worse = replace(
        FIRM, estimate=-0.5, ci_lower=-0.7, ci_upper=-0.3, equivalent=share(40, 0, 40),
        specifications=share(100, 0, 100), corrections=(),
    )  # fmt: skip
    said = fragility_sentence(worse, "pharmacotherapy")
    assert said.startswith("The finding that IPT did worse than medication held up here")


def test_almost_all_is_not_all() -> None:
    said = fragility_sentence(replace(FIRM, specifications=share(10_040, 10_039)))
    assert "in more than 99% of 10,000 uncertain ones" in said


@pytest.mark.parametrize(
    ("k", "words"),
    [
        (0, "Nothing was pooled"),
        (1, "the conclusion is that trial's"),
        (2, "depends on both"),
    ],
)
def test_few_trials_have_sentences_of_their_own(k, words) -> None:
    bare = Fragility(k, 0.5 if k else None, 0.3 if k else None, 0.7 if k else None, 0.2)
    assert words in fragility_sentence(bare)
    assert outlook(bare) == ""
    assert text_alternative(bare)
    assert len(ranges_frame(bare)) == (1 if k else 0)
    ranges_plot(ranges_frame(bare), 0.2)


def test_what_would_change_the_conclusion() -> None:
    said = outlook(FIRM)
    assert "about 91% by the prediction interval, and of 88% by a Bayesian model" in said
    assert "It would take 12 further trials of median size (60 people)" in said
    assert "From 31 such trials on, the interval would include 0." in said
    assert "One new trial of 800 people that finds no effect" in said


def test_what_no_trial_could_change_is_said_without_a_number() -> None:
    stuck = replace(
        FIRM, null_trials=NullTrials(1001, 1, None), next_trial=NextTrialSize(True, 0.0, None)
    )
    said = outlook(stuck)
    assert "one further trial of median size that finds exactly nothing" in said
    assert "Not even 1,000 such trials" in said
    assert "No single new trial that finds no effect, however large" in said


def test_every_range_is_a_line_and_a_row() -> None:
    frame = ranges_frame(FIRM)
    assert frame["id"].tolist() == [
        "page", "leave_one_out", "subsets", "equivalent", "specifications", "corrected", "new",
    ]  # fmt: skip
    figure = ranges_plot(frame, 0.2)
    lines = {trace.name: trace for trace in figure.data if trace.mode == "lines"}
    assert {name: tuple(lines[name].x[:2]) for name in ("page", "new")} == {
        "page": (0.3, 0.7),
        "new": (0.1, 0.9),
    }
    band = next(shape for shape in figure.layout.shapes if shape.name == "too small to matter")
    assert (band.x0, band.x1) == (-0.2, 0.2)
    assert "Without one trial: 0.45 to 0.55" in text_alternative(FIRM)


def test_the_table_holds_the_denominators() -> None:
    table = fragility_table(FIRM).set_index("Question")["Answer"]
    assert table["Equivalent analyses with an interval above 0, and below 0"] == "40, and 0, of 40"
    assert table["Trials without which the conclusion changes"] == "0 of 12"
    assert table["Size of a next trial that changes the conclusion"] == "800 people"


@pytest.mark.parametrize("compact", [False, True])
@pytest.mark.parametrize("dark", [False, True])
def test_the_figure_is_drawn_for_each_theme_and_screen(dark, compact) -> None:
    figure = ranges_plot(
        ranges_frame(FIRM), 0.2, look=Look(condition="depression", dark=dark, compact=compact)
    )
    assert figure.layout.height > 250
