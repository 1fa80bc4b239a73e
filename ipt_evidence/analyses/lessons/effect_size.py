"""Lesson 1: what a standardised mean difference is, and an effect in numbers people count in."""

from __future__ import annotations

from dataclasses import dataclass

from ipt_evidence.analyses.clinical_units.result import Instrument
from ipt_evidence.analyses.lessons.lesson import Check, Lesson, cite
from ipt_evidence.meta_analysis.clinical_units import (
    Carried,
    ClinicalUnits,
    NumberNeeded,
    clinical_units,
)
from ipt_evidence.meta_analysis.models import PooledEffect
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import lower_first, size_word

__all__ = [
    "HIGHEST",
    "LESSON",
    "LOWEST",
    "OWN",
    "STEP",
    "Shown",
    "Unit",
    "on_slider",
    "shown",
    "units",
]

HOW_TO_READ = (
    "Each curve is a group of people after treatment: the higher the curve, the more people have "
    "that result. The distance between the two peaks is g, counted in standard deviations.\n\n"
    "- The curves overlap even where the effect is large: many people of the comparison group do "
    "better than many with IPT.\n"
    "- The shaded band shows the interval: the true distance may be smaller or larger."
)
LOWEST, HIGHEST, STEP = -1.5, 1.5, 0.01  # ends and step of the slider, standard deviations
OWN = "own"  # the reader's own number instead of a live estimate

LESSON = Lesson(
    id="effect",
    label="Effect size",
    title="What is a standardised mean difference?",
    explanation=(
        "Trials of the same treatment often use different questionnaires. Five points on one may "
        "be a lot, on another hardly anything. To lay trials side by side we need one common unit "
        "for all of them.",
        "That unit is how much people differ from one another. The **standard deviation (SD)** "
        "says how far a typical person is from the average of the group. A **standardised mean "
        "difference** says how far apart the averages of two groups are, counted in SDs. "
        f"**Hedges g** is such a difference, corrected for small groups ({cite('hedges')}).",
        "In this explorer a g above 0 always means that people with IPT did better, and a g below "
        "0 that the others did. As a rule of thumb, 0.2 is called small, 0.5 medium and 0.8 large "
        f"({cite('cohen')}). The rule knows nothing about a patient: a small effect on "
        "something that matters can be worthwhile.",
    ),
    try_it=(
        "Each curve is one group of people after treatment; the higher the curve, the more people "
        "are at that point. Choose a live estimate from this explorer, or move the slider, and "
        "watch the curves part."
    ),
    summary=(
        "g counts the difference between two averages in standard deviations, so that different "
        "questionnaires can be compared.",
        "Even with a large effect the two groups overlap a great deal: many people without IPT do "
        "better than many people with it.",
        "The interval is part of the result. Read both of its ends in the same units as g itself.",
        "Percentages and points restate g; they add no evidence, and they assume bell-shaped "
        "curves of equal width.",
    ),
    checks=(
        Check(
            "Two trials use different questionnaires. Why does g make them comparable?",
            (
                "It turns both results into points of one questionnaire.",
                "It counts each difference in standard deviations of its own questionnaire.",
                "It leaves out the trial with the worse questionnaire.",
            ),
            1,
            "Dividing by the spread between people takes the unit away, as when prices in two "
            "currencies are counted in loaves of bread.",
        ),
        Check(
            "In this explorer, a trial has a g below 0. What does that say?",
            (
                "The people in it got worse.",
                "The trial was badly done.",
                "After treatment, people in the comparison group were better off than those with "
                "IPT.",
            ),
            2,
            "g compares groups. Both groups may have improved; the sign only says which one was "
            "better off at the end.",
        ),
        Check(
            "The two curves lie exactly on each other. How large is g?",
            ("1", "0", "One cannot know without the questionnaire."),
            1,
            "Equal averages mean a difference of 0 standard deviations, and the overlap is whole.",
        ),
        Check(
            "An effect is called large. Did everybody with IPT do better than everybody without?",
            (
                "No. The curves still overlap: the averages differ, single people vary.",
                "Yes, that is what large means.",
                "Yes, if the trial was randomised.",
            ),
            0,
            "Move the slider to 0.8: a good part of the two curves is still shared.",
        ),
        Check(
            "What does a number needed to treat (NNT) of 5 mean?",
            (
                "Five sessions are needed until IPT works.",
                "One in five people with IPT gets well.",
                "Treating five people with IPT instead of the comparison lets one more do well.",
            ),
            2,
            "It counts additional people who do well. Some of the others would have done well "
            "anyway, so it is not the share of people who get well.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """The effect that the figure shows; without an interval when it is the reader's own number."""

    g: float
    lower: float | None
    upper: float | None
    words: str


@dataclass(frozen=True, slots=True)
class Unit:
    """An effect in one unit: a heading, the number, what it means, a link to the source."""

    name: str
    value: str
    meaning: str
    source: str = ""


def on_slider(pooled: PooledEffect | None) -> float:
    """Where the slider stands for a live estimate: two decimals, within its ends; else at 0."""
    if pooled is None:
        return 0.0
    return min(max(round(pooled.estimate, 2), LOWEST), HIGHEST)


def shown(g: float, live: PooledEffect | None, label: str) -> Shown:
    """What the figure shows: the live estimate named ``label``, or the reader's own ``g``.

    A live estimate is shown only while the slider stands on it; moved off, the number is the
    reader's own.
    """
    size = size_word(g)
    side = "in favour of IPT" if round(g, 2) > 0 else "in favour of the comparison"
    described = "no difference at all" if round(g, 2) == 0 else f"a {size} difference {side}"
    if live is None or g != on_slider(live):
        return Shown(g, None, None, f"Your own number: g {tables.effect(g)}, {described}.")
    found = tables.pooled_effect(live)
    words = (
        f"{label} against control, live: g {found}, {described}. The shaded band shows where the "
        "average of the IPT group may lie."
    )
    return Shown(live.estimate, live.ci_lower, live.ci_upper, words)


def units(effect: Shown, instrument: Instrument) -> tuple[Unit, ...]:
    """Restate an effect, its interval carried through, with the points of ``instrument``."""
    known = effect.lower is not None
    lower, upper = (effect.g if end is None else end for end in (effect.lower, effect.upper))
    found = clinical_units(effect.g, lower, upper, instrument_sd=instrument.sd)
    return (
        Unit(
            "Better than the others (U3)",
            _percent(found.u3, known),
            "The average person with IPT is better off than this share of the comparison group. "
            "At g 0 it is 50%.",
            cite("cohen"),
        ),
        Unit(
            "Overlap",
            _percent(found.overlap, known),
            "The part that the two curves share.",
            cite("overlap"),
        ),
        Unit(
            "Chance of doing better",
            _percent(found.superiority, known),
            "Pick one person from each group at random: how often the one with IPT is better off. "
            "50% would be a coin toss.",
            cite("superiority"),
        ),
        Unit(
            "Number needed to treat (NNT)",
            _needed(found, known),
            "People to treat with IPT instead of the comparison for one more to do well.",
            cite("nnt"),
        ),
        _points(found.points, instrument, known),
    )


def _points(points: Carried | None, instrument: Instrument, known: bool) -> Unit:
    assert points is not None  # noqa: S101 - clinical_units gives points wherever it has an SD
    ends = f" ({tables.interval(points.lower, points.upper, 1)})" if known else ""
    return Unit(
        f"Points on the {instrument.label}",
        f"{tables.effect(points.estimate, 1)}{ends}",
        f"g times a standard deviation of {tables.effect(instrument.sd, 1)} points "
        f"({lower_first(instrument.basis)}). Above 0: fewer symptoms with IPT.",
    )


def _percent(value: Carried, known: bool) -> str:
    ends = f" ({tables.percent(value.lower)} to {tables.percent(value.upper)})" if known else ""
    return f"{tables.percent(value.estimate)}{ends}"


def _needed(found: ClinicalUnits, known: bool) -> str:
    needed: NumberNeeded = found.nnt_kraemer_kupfer
    if needed.nnt is None:
        return "none: no difference"
    people = f"{tables.count(abs(needed.nnt))}" + (" to harm" if needed.nnt < 0 else "")
    if not known:
        return people
    if needed.through_infinity:
        return "open: the interval holds 0"
    ends = sorted(abs(end) for end in (needed.nnt_at_lower, needed.nnt_at_upper) if end is not None)
    return f"{people} ({tables.interval(ends[0], ends[-1], 0)})"
