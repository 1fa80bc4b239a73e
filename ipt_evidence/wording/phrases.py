"""The words that sentences are made of: sizes, sides, comparisons, what was measured.

Words for sizes come from `ipt_evidence.evidence.magnitude`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ipt_evidence.evidence.magnitude import size_word
from ipt_evidence.wording import tables

__all__ = [
    "COMPARISON_WORDS",
    "ComparisonWords",
    "comparison_words",
    "counted",
    "favours",
    "first_of",
    "listed",
    "lower_first",
    "numbered",
    "reach",
    "size_word",
    "spell",
    "symptoms",
    "upper_first",
    "verdict",
]

NUMBER_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


@dataclass(frozen=True, slots=True)
class ComparisonWords:
    """How one comparison is spoken of: what was given, and what it was compared with."""

    treatment: str
    comparator: str


COMPARISON_WORDS = {
    "control": ComparisonWords("IPT", "control"),
    "other_psychotherapy": ComparisonWords("IPT", "other psychotherapies"),
    "pharmacotherapy": ComparisonWords("IPT", "medication"),
    "combined": ComparisonWords("IPT together with medication", "one treatment alone"),
    "prevention": ComparisonWords("IPT for people at risk", "usual care or another programme"),
    "maintenance": ComparisonWords(
        "IPT continued after recovery", "placebo, clinic visits or medication"
    ),
}


def comparison_words(comparison_id: str) -> ComparisonWords:
    """How a comparison is spoken of; one that has no words of its own in general terms."""
    general = ComparisonWords("IPT", "the comparison condition")
    return COMPARISON_WORDS.get(comparison_id, general)


# What is measured, where "symptoms of <label>" would be wrong or clumsy. In chronic illness IPT
# treats how people feel, not the illness.
SYMPTOM_WORDS = {
    "anxiety disorders": "anxiety",
    "eating disorders": "eating-disorder symptoms",
    "substance use": "substance use",
    "obesity": "obesity",
    "other conditions": "symptoms in other conditions",
    "other": "symptoms in other conditions",
}
PEOPLE_WITH = (
    "chronic illness",
    "cancer",
    "diabetes",
    "chronic pain",
    "hiv",
    "heart disease",
    "other chronic illness",
)
PREVENTION_OF = "prevention of "

VERDICT_WORDS = {
    "supports": "Supports the claim",
    "partly": "Supports part of it",
    "does_not_support": "Does not support it",
}


def spell(number: int) -> str:
    """Write a whole number in a sentence: words below ten, figures from ten on."""
    return NUMBER_WORDS[number] if 0 <= number < len(NUMBER_WORDS) else tables.count(number)


def counted(number: int, noun: str = "trial") -> str:
    """Write a number of things in a sentence: "one trial", "12 studies"."""
    return f"{spell(number)} {_in_number(number, noun)}"


def numbered(number: int, noun: str) -> str:
    """Write a number of things in figures, for lists and logs: "1 study", "1,200 studies"."""
    return f"{tables.count(number)} {_in_number(number, noun)}"


def _in_number(number: int, noun: str) -> str:
    if number == 1:
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") else f"{noun}s"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Join words as in a sentence: "a", "a and b", "a, b and c"; nothing for none."""
    return "".join(words) if len(words) < 2 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def first_of(items: Sequence[str], most: int) -> str:
    """Name the first of many things: "a, b and 3 more"; all of them when they are ``most``."""
    rest = len(items) - most
    return ", ".join(items[:most]) + (f" and {rest} more" if rest > 0 else "")


def upper_first(text: str) -> str:
    """Make the first letter of ``text`` upper case and leave the rest untouched."""
    return text[:1].upper() + text[1:]


def lower_first(label: str) -> str:
    """Write ``label`` as inside a sentence; an abbreviation such as PTSD stays as it is."""
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def symptoms(condition_label: str) -> str:
    """Name what a trial of this condition measures, in words that fit after "IPT reduced"."""
    label = lower_first(condition_label.strip())
    # What prevention trials count is the illness that is to be prevented.
    label = label.removeprefix(PREVENTION_OF)
    plain = label.lower()
    if plain in SYMPTOM_WORDS:
        return SYMPTOM_WORDS[plain]
    if plain in PEOPLE_WITH:
        return f"symptoms in people with {label}"
    if plain.startswith("depression") or plain.endswith(("depression", "anxiety")):
        return label
    return f"symptoms of {label}"


def favours(estimate: float) -> str:
    """Name the side on which an estimate lies as printed; this says not how sure that is."""
    shown = round(estimate, 2)
    if math.isnan(shown):
        return "Not reported"
    if shown == 0:
        return "No difference"
    return "Favours IPT" if shown > 0 else "Favours comparison"


def reach(end: float, comparator: str) -> str:
    """Put one end of an interval in words: "a small effect in favour of IPT"."""
    if round(end, 2) == 0:
        return "no effect"
    return f"a {size_word(end)} effect in favour of {'IPT' if end > 0 else comparator}"


def verdict(verdict_id: str) -> str:
    """Put a verdict of the claim audit in words; an unknown id is "Not yet judged"."""
    return VERDICT_WORDS.get(verdict_id, "Not yet judged")
