"""The choices behind an estimate that somebody could reasonably have made otherwise.

Each option is labelled after Del Giudice & Gangestad (2021, Advances in Methods and Practices in
Psychological Science 4(1)): *equivalent* to the others as far as anybody can tell, *uncertain* (it
may answer another question, or be worse), or *non-equivalent* (known to be worse, or chosen by its
result). A specification is as good as its worst option. The labels are ours, with their reasons.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.evidence.derivation import FROM_ODDS
from ipt_evidence.evidence.facets import FACETS
from ipt_evidence.evidence.schema import COMPARATOR_TYPES
from ipt_evidence.evidence.selection import SERIOUS_FLAGS, flagged

__all__ = [
    "CORRECTIONS",
    "ESTIMATORS",
    "FILTERS",
    "INTERVALS",
    "OUTCOMES",
    "OUTLIERS",
    "RHOS",
    "STANDINGS",
    "WORDS",
    "Factor",
    "Option",
    "admitted",
]

STANDINGS = ("equivalent", "uncertain", "non_equivalent")
EQUIVALENT, UNCERTAIN, NON_EQUIVALENT = range(3)


@dataclass(frozen=True, slots=True)
class Option:
    """One way to make a choice: its standing (place in ``STANDINGS``) and the reason for it."""

    id: str
    standing: int
    reason: str


@dataclass(frozen=True, slots=True)
class Factor:
    """One choice with its options; the first is the one that the pages of the app make."""

    id: str
    options: tuple[Option, ...]


def _factor(name: str, *options: tuple[str, int, str]) -> Factor:
    return Factor(name, tuple(Option(*option) for option in options))


FILTERS = (
    _factor(
        "rater",
        ("any", EQUIVALENT, "Takes every headline outcome, whoever rated it"),
        ("clinician", UNCERTAIN, "Clinicians may know the treatment; questionnaires are left out"),
        ("self_report", UNCERTAIN, "Patients know the treatment; interviews are left out"),
    ),
    _factor(
        "risk_of_bias",
        ("any", EQUIVALENT, "Takes all trials, whatever their rating"),
        ("not_high", EQUIVALENT, "Leaves out trials at high risk of bias, as many reviews do"),
        ("rated_better", UNCERTAIN, "Leaves out trials that nobody rated, as if they were bad"),
    ),
    _factor(
        "comparator",
        ("any", EQUIVALENT, "Takes every arm of this comparison"),
        (
            "no_waitlist",
            UNCERTAIN,
            "Without waiting lists and no treatment: in part another question",
        ),
        ("usual_care", UNCERTAIN, "Only against usual care: in part another question"),
    ),
    _factor(
        "population",
        ("any", EQUIVALENT, "Takes everybody with the condition"),
        ("adults", UNCERTAIN, "Only adults: in part another question"),
        ("not_perinatal", UNCERTAIN, "Without women around birth: in part another question"),
    ),
    _factor(
        "treatment",
        ("any", EQUIVALENT, "Takes IPT and its close relatives"),
        ("ipt", UNCERTAIN, "Without counselling and treatments derived from IPT"),
    ),
    _factor(
        "converted",
        ("any", EQUIVALENT, "Takes effects converted from counts and odds ratios too"),
        ("not_converted", EQUIVALENT, "Leaves converted effects out: conversion assumes a curve"),
    ),
    _factor(
        "warnings",
        ("any", EQUIVALENT, "Takes trials with a warning about their numbers"),
        ("none", EQUIVALENT, "Leaves out trials whose size or meaning is in doubt"),
    ),
    _factor(
        "reading",
        ("any", EQUIVALENT, "Takes numbers that were read once or twice"),
        ("double", UNCERTAIN, "Only numbers read twice: what was read twice is no random pick"),
    ),
)

OUTCOMES = _factor(
    "outcome",
    ("combined", EQUIVALENT, "Combines all headline outcomes of a trial into one"),
    ("hdrs", EQUIVALENT, "Takes the Hamilton scale, else a clinician's rating, else the first"),
    ("bdi", EQUIVALENT, "Takes the Beck inventory, else a questionnaire, else the first"),
    ("first", UNCERTAIN, "Takes the outcome listed first, which need not be the primary one"),
    ("largest", NON_EQUIVALENT, "Picks the outcome by its result: the largest of each trial"),
    ("smallest", NON_EQUIVALENT, "Picks the outcome by its result: the smallest of each trial"),
)
RHOS = _factor(
    "rho",
    ("0.6", EQUIVALENT, "Outcomes of one trial correlate by 0.6, the customary assumption"),
    ("0.4", EQUIVALENT, "Outcomes of one trial correlate by 0.4: nobody knows"),
    ("0.8", EQUIVALENT, "Outcomes of one trial correlate by 0.8: nobody knows"),
)
OUTLIERS = _factor(
    "outliers",
    ("in", EQUIVALENT, "Keeps all trials"),
    ("out", NON_EQUIVALENT, "Leaves trials out because of their result, which flatters agreement"),
)
ESTIMATORS = _factor(
    "estimator",
    ("REML", EQUIVALENT, "The usual choice"),
    ("PM", EQUIVALENT, "As good as REML in simulations"),
    ("DL", UNCERTAIN, "Finds too little variation when trials are few or differ much"),
    ("EE", NON_EQUIVALENT, "Assumes one true effect for different trials"),
)
INTERVALS = _factor(
    "interval",
    ("knha", EQUIVALENT, "Hartung-Knapp: allows for few trials"),
    ("z", UNCERTAIN, "Normal: too narrow when trials are few"),
)
CORRECTIONS = _factor(
    "correction",
    ("none", EQUIVALENT, "Takes the trials as they were published"),
    ("trim_and_fill", UNCERTAIN, "Adds mirror images: asymmetry has other causes too"),
    ("pet_peese", UNCERTAIN, "Extends a trend over trial size; unstable when trials differ"),
    ("limit", UNCERTAIN, "Extends a trend over trial size; its interval is too narrow"),
)

# Options of the filters in the words of a view. What is not here has no such words: see `admitted`.
WORDS: dict[tuple[str, str], dict[str, tuple[str, ...]]] = {
    ("rater", "clinician"): {"rater": ("clinician",)},
    ("rater", "self_report"): {"rater": ("self_report",)},
    ("risk_of_bias", "not_high"): {"rob": ("low", "some_concerns", "unclear")},
    ("risk_of_bias", "rated_better"): {"rob": ("low", "some_concerns")},
    ("comparator", "no_waitlist"): {
        "against": tuple(
            kind for kind in COMPARATOR_TYPES if kind not in ("waitlist", "no_treatment")
        )
    },
    ("comparator", "usual_care"): {"against": ("care_as_usual",)},
    ("population", "adults"): {"age": ("adults",)},
    ("treatment", "ipt"): {"variant": ("ipt", "ipt_adapted")},
    ("warnings", "none"): {"without": SERIOUS_FLAGS},
    ("reading", "double"): {"double": ("1",)},
}

Mask = npt.NDArray[np.bool_]


def admitted(rows: pd.DataFrame, factor: str, option: str) -> Mask:
    """Which effects one option of a filter admits, (n,)."""
    if option == "any":
        return np.ones(len(rows), dtype=bool)
    if option == "not_perinatal":
        kept = ~rows["conditions_all"].map(lambda conditions: "postpartum" in conditions)
    elif option == "not_converted":
        kept = ~rows["formula"].isin(FROM_ODDS)
    else:
        ((word, values),) = WORDS[factor, option].items()
        if word == "without":
            kept = ~flagged(rows, values)
        elif word == "double":
            kept = rows["extraction"].eq("double")
        else:
            kept = FACETS[word].keeps(rows, values)
            if word == "against":  # an arm of no known kind is not known to be a waiting list
                kept |= rows["comparator_type"].isna() & (option == "no_waitlist")
    return kept.fillna(False).to_numpy(dtype=bool)
