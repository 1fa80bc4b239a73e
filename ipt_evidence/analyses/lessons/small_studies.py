"""Lesson 4: the funnel plot, small-study effects, and what Egger's test can and cannot say."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ipt_evidence.analyses.lessons.lesson import Check, Lesson, cite, example
from ipt_evidence.analyses.panel import Panel
from ipt_evidence.analyses.small_studies.panel import asymmetry_sentence
from ipt_evidence.analyses.small_studies.result import funnel
from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.meta_analysis.models import PooledEffect, pool
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import spell, upper_first

__all__ = ["LESSON", "Halves", "halves", "halves_sentence", "panel", "verdict"]

HOW_TO_READ = (
    "Each dot is a trial: its effect from left to right, its precision from bottom to top. Large "
    "trials stand at the top and close together, small ones below and scattered.\n\n"
    "- Without bias the cloud looks like a funnel, the same on both sides.\n"
    "- A missing corner, mostly below on the left, can mean that small trials with poor results "
    "were not published. It can also mean that small trials differ in other ways, or chance.\n"
    "- With fewer than ten trials no eye and no test can tell."
)

LESSON = Lesson(
    id="small-studies",
    label="Small studies",
    title="Small-study effects: are trials missing?",
    explanation=(
        "A trial that finds nothing new is easily left in a drawer. If mostly pleasing results are "
        "published, the average of the published ones is too good. This is **publication bias**. "
        "We cannot see trials that were never published, but we can look for traces.",
        "A **funnel plot** shows each trial by its effect (across) and its precision (upwards; the "
        "**standard error** is how much the result would vary by chance alone). Large trials stand "
        "at the top and close together, small ones at the bottom and far apart: an upside-down "
        "funnel. If small trials with poor results are missing, a lower corner is empty.",
        "**Egger's test** asks whether small trials show other effects than large ones "
        f"({cite('egger')}). With fewer than ten trials it cannot tell chance from a pattern "
        f"({cite('ten_trials')}), so this explorer does not use it there. And a lopsided funnel is "
        "called a **small-study effect**, not publication bias, because it has other causes: small "
        "trials may treat other people, more intensively, or be done less carefully. Where true "
        f"effects differ much, the funnel can mislead ({cite('differences')}).",
    ),
    try_it=(
        "Choose the trials of a condition. Filled dots are the more precise half of the trials, "
        "rings the less precise half; the dashed lines are where 95% of trials would lie if "
        "nothing but chance made them differ."
    ),
    summary=(
        "A funnel plot compares small with large trials. It cannot show what was never published.",
        "A lopsided funnel has several possible causes; publication bias is only one.",
        "With fewer than ten trials nobody can judge a funnel, by eye or by test.",
        "A test without a clear finding does not prove that nothing is missing.",
    ),
    checks=(
        Check(
            "Where do large trials stand in a funnel plot?",
            ("At the top.", "At the bottom.", "On the right."),
            0,
            "The axis of the standard error runs upside down: large trials have a small standard "
            "error and stand at the top.",
        ),
        Check(
            "Egger's test finds that small trials have larger effects. What is proven?",
            (
                "Negative trials were hidden.",
                "Somebody cheated.",
                "That small and large trials differ; why is open.",
            ),
            2,
            "Missing trials are one explanation. Other patients, more intensive treatment or "
            "poorer methods in small trials are others.",
        ),
        Check(
            "A meta-analysis has six trials, and its authors report that Egger's test found "
            "nothing. What do you make of it?",
            (
                "Good: no trials are missing.",
                "Little: with fewer than ten trials the test can hardly find anything.",
                "Bad: there must be bias.",
            ),
            1,
            "With so few trials chance makes any pattern. The test is silent in both directions.",
        ),
        Check(
            "Which of these best shows that a trial was done but never published?",
            (
                "A trial registry that lists it, without any report.",
                "A gap in the funnel plot.",
                "A small p value of Egger's test.",
            ),
            0,
            "Registries name trials before their results are known. Funnel and test only give "
            "hints.",
        ),
        Check(
            "True effects differ strongly between trials. What does this do to the funnel?",
            (
                "Nothing.",
                "It can look lopsided although nothing is missing.",
                "It makes Egger's test exact.",
            ),
            1,
            "If small trials happen to be those with, say, a waiting list as control, the funnel "
            "leans for a reason that has nothing to do with publication.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Halves:
    """The more and the less precise half of the trials, each pooled; ``precise`` marks the first.

    ``precise`` has one entry a trial, in the order of the estimate; with an odd number the middle
    trial counts as less precise.
    """

    precise: tuple[bool, ...]
    larger: PooledEffect
    smaller: PooledEffect


def halves(answer: Estimate) -> Halves | None:
    """Pool the more and the less precise half apart; None with fewer than four trials."""
    if answer.k < 4:
        return None
    yi, vi = answer.arrays
    order = np.argsort(vi, kind="stable")
    precise = np.zeros(answer.k, dtype=bool)
    precise[order[: answer.k // 2]] = True
    settings = answer.model.settings
    larger, smaller = (pool(yi[half], vi[half], **settings) for half in (precise, ~precise))
    return Halves(tuple(bool(one) for one in precise), larger, smaller)


def halves_sentence(found: Halves | None) -> str:
    """Compare both halves in words, without calling it a test."""
    if found is None:
        return "With fewer than four trials there are no halves to compare."
    larger, smaller = found.larger, found.smaller
    return (
        f"The more precise half ({spell(larger.k)} trials): g {tables.pooled_effect(larger)}. The "
        f"less precise half ({spell(smaller.k)} trials): g {tables.pooled_effect(smaller)}. This "
        "describes; it is not a test."
    )


def verdict(answer: Estimate) -> str:
    """What Egger's test allows to say about these trials, and what it does not."""
    result = funnel(answer)
    said = asymmetry_sentence(result)
    cautions = () if result.egger is None else result.egger.cautions
    if not result.enough or not cautions:
        return said
    notes = ". ".join(upper_first(note) for note in cautions)
    return f"{said} Caution: {notes}."


def _shape(answer: Estimate) -> str:
    """What the funnel plot shows, in words."""
    if answer.pooled is None or answer.trials.empty:
        return "Funnel plot without a trial."
    centre = answer.pooled.estimate
    right = int((answer.trials["yi"] > centre).sum())
    error = answer.trials["vi"].astype(float) ** 0.5
    side = "trial lies" if right == 1 else "trials lie"
    return (
        f"Funnel plot of {spell(answer.k)} trials: effect across, standard error upwards from "
        f"{tables.effect(error.max())} to {tables.effect(error.min())}. "
        f"{upper_first(spell(right))} {side} right of the pooled effect of "
        f"{tables.effect(centre)}, {spell(answer.k - right)} left of it."
    )


@cached
def panel(base: EvidenceBase, condition: str) -> Panel:
    """The funnel of an example: its shape, its two halves, and what Egger's test allows to say."""
    answer = example(base, condition)
    shape = _shape(answer)
    return Panel(
        (shape, halves_sentence(halves(answer)), verdict(answer)),
        tables.trials_table(answer.trials),
        shape,
        HOW_TO_READ,
    )
