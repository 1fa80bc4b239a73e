"""The main result of a study, and the study in two sentences: who got what, what was found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import estimate
from ipt_evidence.evidence.schema import RANDOMISED
from ipt_evidence.evidence.selection import Question
from ipt_evidence.evidence.time_points import TIME_POINTS
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import PREVENTION_OF, listed, lower_first, upper_first

__all__ = ["MainResult", "main_results", "main_words", "no_result", "result_level", "summary"]

AGES = {"adults": "adults", "adolescents": "adolescents", "older_adults": "older adults",
        "mixed": "people of mixed ages"}  # fmt: skip
AGE_WORDS = {"adolescents": " in adolescents", "older_adults": " in later life"}
TREATMENTS = {
    "ipt_adapted": "adapted IPT",
    "interpersonal_counselling": "interpersonal counselling",
    "ipt_based": "a programme based on IPT",
    "not_ipt": "another treatment than IPT",
}
FORMATS = {"individual": "in individual sessions", "group": "in a group",
           "telephone": "by telephone", "internet": "on the internet",
           "couple_or_family": "with partner or family"}  # fmt: skip
SHORT = 60  # characters of a reason in a cell


@dataclass(frozen=True, slots=True)
class MainResult:
    """The headline outcome of one study against one comparison; positive favours IPT.

    Several effects are combined as in an estimate. ``time`` is ``post``, or ``follow_up`` where
    nothing was measured at the end of treatment.
    """

    comparison: str
    comparator: str
    time: str
    yi: float
    ci_lower: float
    ci_upper: float

    @property
    def level(self) -> str:
        """The level of `facets.RESULTS`: what the interval allows."""
        return "ipt" if self.ci_lower > 0 else "comparison" if self.ci_upper < 0 else "unclear"


@cached
def main_results(base: EvidenceBase) -> Mapping[str, MainResult]:
    """The main result of each study that has one, by its id.

    Of several comparisons the first of the taxonomy counts, after treatment before follow-up.
    """
    found: dict[str, MainResult] = {}
    for time in ("post", "follow_up"):
        for comparison in base.taxonomy.comparisons:
            question = Question(None, comparison.id, time=time)
            # Of studies with the same people one is used at a time: ask again without those found.
            while True:
                trials = estimate(base, question.without(*found)).trials
                if trials.empty:
                    break
                for trial in trials.to_dict("records"):
                    found[str(trial["study_id"])] = MainResult(
                        comparison.id,
                        str(trial["comparator"] or ""),
                        time,
                        float(trial["yi"]),
                        float(trial["ci_lower"]),
                        float(trial["ci_upper"]),
                    )
    return found


def result_level(base: EvidenceBase, study_id: str) -> str:
    """The level of `facets.RESULTS` of a study."""
    main = main_results(base).get(study_id)
    return "none" if main is None else main.level


def summary(base: EvidenceBase, study_id: str) -> str:
    """Two sentences: who and how many, what against what; what was found, or why nothing is known.

    Raises KeyError when the base does not hold the study.
    """
    study = base.study(study_id)
    return f"{_who(base, study)} {_found(base, study)}"


def _who(base: EvidenceBase, study: pd.Series[Any]) -> str:
    effects = base.effects.loc[base.effects["study_id"] == study["study_id"]]
    people = "people" if tables.is_missing(study["age_group"]) else AGES[str(study["age_group"])]
    number = study["n_randomised"]
    if not tables.is_missing(number):
        people = f"{tables.count(number)} {people}"
    link = "at risk of" if set(study["comparisons"]) == {"prevention"} else "with"
    treatment = TREATMENTS.get(str(study["ipt_variant"]), "IPT")
    given = FORMATS.get(str(study["format"]), "")
    # A row of several arms together names them with a semicolon; each has rows of its own.
    named = [str(arm) for arm in effects["comparator"].dropna() if ";" not in str(arm)]
    arms = list(dict.fromkeys(_arm(arm) for arm in named))
    if not arms:
        arms = [lower_first(base.taxonomy.comparison(c).label) for c in study["comparisons"]]
    verb = "were randomised to" if study["design"] in RANDOMISED and arms else "received"
    where = "" if tables.is_missing(study["country"]) else f" in {_place(str(study['country']))}"
    groups = listed([f"{treatment} {given}".strip(), *arms], "or")
    said = f"{people} {link} {_conditions(base, study)} {verb} {groups}{where}."
    return upper_first(said)


def _conditions(base: EvidenceBase, study: pd.Series[Any]) -> str:
    """The conditions of a study, but for those that another of them says already."""
    labels = [lower_first(base.taxonomy.condition(one).label) for one in study["conditions"]]
    labels = [label.removeprefix(PREVENTION_OF) for label in labels]
    if not tables.is_missing(study["age_group"]):  # which the people are called by
        age = AGE_WORDS.get(str(study["age_group"]), "\n")
        labels = [label.removesuffix(age) for label in labels]
    labels = list(dict.fromkeys(labels))
    return listed([
        label for label in labels
        if not any(label in other for other in labels if other != label)
    ])  # fmt: skip


def _arm(comparator: str) -> str:
    """An arm in a sentence: without what stands in brackets."""
    plain = re.sub(r"\s*\([^)]*\)", "", comparator).strip()
    return f"a {plain}" if plain.startswith("waiting list") else plain


def _place(country: str) -> str:
    the = ("USA", "United Kingdom", "Netherlands", "Philippines", "United Arab Emirates", "UK")
    return f"the {country}" if country in the else country


def _found(base: EvidenceBase, study: pd.Series[Any]) -> str:
    main = main_results(base).get(str(study["study_id"]))
    if main is None:
        return f"{no_result(base, study).rstrip('.')}."
    numbers = tables.estimate_with_interval(main.yi, main.ci_lower, main.ci_upper)
    verdict = {
        "ipt": f"IPT did better than {_against(base, main)}",
        "comparison": f"IPT did worse than {_against(base, main)}",
        "unclear": f"There was no clear difference between IPT and {_against(base, main)}",
    }[main.level]
    return f"{verdict} {TIME_POINTS[main.time]}: g {numbers}."


def _against(base: EvidenceBase, main: MainResult) -> str:
    if main.comparator:
        arms = dict.fromkeys(_arm(part) for part in main.comparator.split("; "))
        return listed([arm for arm in arms if arm])
    return lower_first(base.taxonomy.comparison(main.comparison).label)


def main_words(base: EvidenceBase, study: pd.Series[Any]) -> str:
    """The main result for a cell: g with its interval, against what, when; or why there is none."""
    main = main_results(base).get(str(study["study_id"]))
    if main is None:
        reason = no_result(base, study).partition(": ")[2] or "no number that can be pooled"
        cut = reason if len(reason) <= SHORT else f"{reason[:SHORT].rsplit(' ', 1)[0]} …"
        return f"None: {lower_first(cut)}"
    numbers = f"{tables.effect(main.yi)} ({tables.interval(main.ci_lower, main.ci_upper)})"
    when = "" if main.time == "post" else f", {TIME_POINTS[main.time]}"
    return f"{numbers}\nagainst {_against(base, main)}{when}"


def no_result(base: EvidenceBase, study: pd.Series[Any]) -> str:
    """Why a study has no result that can be pooled, in one sentence."""
    lead = "It has no number that can be pooled"
    reason = study["no_effect_reason"]
    if tables.is_missing(reason):
        own = base.effects.loc[base.effects["study_id"] == study["study_id"]]
        shut = own.loc[~own["include"].astype(bool), "include_reason"]
        if len(own) > len(shut):
            return f"{lead} as its main result: what can be pooled is of another outcome"
        reason = shut.iloc[0] if len(shut) else ""
    first = str(reason or "").partition(". ")[0].rstrip(".")
    return f"{lead}: {lower_first(first)}" if first else f"{lead}: nothing was seen that gives one"
