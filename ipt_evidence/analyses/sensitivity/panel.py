"""Other ways to answer, small-study effects and human units, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.analyses.alternative import Alternative
from ipt_evidence.analyses.sensitivity.result import Ruler
from ipt_evidence.meta_analysis.clinical_units import clinical_units
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.protocols import PooledLike

__all__ = ["ALTERNATIVES", "LEAD", "alternatives_table", "human_sentence"]

MIN_STUDIES_HUMAN = 3

LEAD = (
    "No single calculation is the truth. Here is the same question, answered in other defensible "
    "ways. If the answers agree, the choice does not matter much; if they do not, be careful."
)


@dataclass(frozen=True, slots=True)
class Words:
    """Name of an alternative, and what it does in one sentence."""

    name: str
    meaning: str


ALTERNATIVES = {
    "che": Words(
        "All outcomes together (CHE)",
        "Models every outcome of every trial, correlated within trials, with robust errors.",
    ),
    "three_level": Words(
        "Three-level model",
        "As above, with outcomes of one trial taken as independent measurements of it.",
    ),
    "common": Words(
        "One true effect",
        "Assumes that all trials share one effect: too narrow when results differ.",
    ),
    "outliers": Words(
        "Without outliers",
        "Leaves out trials whose interval lies wholly beside the pooled one; flatters agreement.",
    ),
    "lower_bias": Words(
        "Without high or unclear risk of bias", "Keeps trials rated low or some concerns."
    ),
    "double": Words("Numbers read twice", "Keeps numbers that two readers took from the source."),
    "unflagged": Words(
        "Without serious warnings",
        "Leaves out trials whose numbers, randomisation or treatment are in doubt.",
    ),
    "trim_and_fill": Words(
        "Trim and fill", "Adds the mirror images of small trials that seem to be missing."
    ),
    "pet_peese": Words(
        "PET-PEESE", "Predicts the effect of a very large trial from how effects shrink with size."
    ),
    "selection": Words(
        "Selection model", "Assumes that trials without a significant result are published less."
    ),
}


def alternatives_table(answer: PooledLike, others: Sequence[Alternative]) -> pd.DataFrame:
    """The estimate of the page on top, then each other way: g, interval, trials, meaning."""
    rows = [
        (
            "This page",
            answer.estimate,
            answer.ci_lower,
            answer.ci_upper,
            answer.k,
            "The estimate above.",
        )
    ]
    shown = [
        {
            "Analysis": name,
            "g": tables.effect(value),
            "95% CI": tables.interval(lower, upper),
            "Trials": tables.count(k),
            "What it does": meaning,
        }
        for name, value, lower, upper, k, meaning in rows
    ]
    for other in others:
        words = ALTERNATIVES[other.id]
        known = other.estimate is not None
        shown.append(
            {
                "Analysis": words.name,
                "g": tables.effect(other.estimate) if known else "–",
                "95% CI": tables.interval(other.ci_lower, other.ci_upper) if known else "–",
                "Trials": tables.count(other.k),
                "What it does": words.meaning if known else _sentence(other.note),
            }
        )
    return pd.DataFrame(shown)


def _sentence(note: str) -> str:
    return f"{note[:1].upper()}{note[1:]}." if note else ""


def human_sentence(
    pooled: PooledLike, comparison: str = "control", ruler: Ruler | None = None
) -> str:
    """The estimate in numbers that people count in, its interval carried through.

    With a ``ruler`` also in points of that instrument. Empty below three trials: two do not carry
    an interval that is worth restating.
    """
    if pooled.k < MIN_STUDIES_HUMAN:
        return ""
    treatment = sentences.COMPARISON_WORDS[comparison].treatment
    units = clinical_units(
        pooled.estimate,
        pooled.ci_lower,
        pooled.ci_upper,
        instrument_sd=None if ruler is None else ruler.sd,
    )
    chance, u3 = units.superiority, units.u3
    needed = units.nnt_kraemer_kupfer
    parts = [
        f"If one person from each group is picked at random, the one with {treatment} is better "
        f"off {_carried(chance.estimate, chance.lower, chance.upper)} of the time; 50% would be a "
        "coin toss.",
        f"The average person with {treatment} does better than "
        f"{_carried(u3.estimate, u3.lower, u3.upper)} of the comparison group.",
    ]
    if ruler is not None and units.points is not None:
        points = units.points
        parts.append(
            f"On the {ruler.label} that is a difference of {tables.effect(points.estimate, 1)} "
            f"points ({tables.interval(points.lower, points.upper, 1)}), taking an SD of "
            f"{tables.effect(ruler.sd, 1)} ({ruler.basis[0].lower()}{ruler.basis[1:]})."
        )
    favourable = needed.nnt is not None and needed.nnt > 0
    if favourable and not needed.through_infinity:
        parts.append(
            f"About {_people(needed.nnt)} people have to be treated for one more to do better "
            f"than in the comparison group ({_people(needed.nnt_at_upper)} to "
            f"{_people(needed.nnt_at_lower)}; number needed to treat by Kraemer & Kupfer 2006)."
        )
    elif needed.through_infinity:
        parts.append(
            "How many people have to be treated for one more to do better cannot be said: the "
            "interval holds no difference at all."
        )
    return " ".join(parts)


def _carried(value: float, lower: float, upper: float) -> str:
    return f"{tables.percent(value)} ({tables.percent(lower)} to {tables.percent(upper)})"


def _people(value: float | None) -> str:
    return tables.NOT_REPORTED if value is None else sentences.spell(round(value))
