"""Studies and their effects in words: labels, facts, warnings and what became of each number."""

from __future__ import annotations

from typing import Any

import pandas as pd

from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.evidence.facets import FACETS
from ipt_evidence.evidence.time_points import TIME_POINTS
from ipt_evidence.wording import tables
from ipt_evidence.wording.flags import flag_words

__all__ = [
    "checked",
    "effect_inputs",
    "effect_title",
    "effect_use",
    "effects_in_words",
    "level_label",
    "study_facts",
    "warnings",
]


def level_label(facet: str, level: object) -> str:
    """The label of a level of a facet, like "Randomised trial" for ``rct`` of ``design``."""
    if tables.is_missing(level):
        return tables.NOT_REPORTED
    return FACETS[facet].levels.get(str(level), str(level))


def study_facts(study: pd.Series[Any], taxonomy: Taxonomy) -> list[tuple[str, str]]:
    """Name and value of each fact of a study; what nobody reports is said to be so."""
    country = tables.text(study["country"])
    if study["country_basis"] == "general_knowledge":
        country += " (general knowledge, not seen in the source)"
    return [
        ("Design", level_label("design", study["design"])),
        ("Conditions", ", ".join(taxonomy.condition(c).label for c in study["conditions"])),
        ("Treatment", _treatment(study)),
        ("Format", level_label("format", study["format"])),
        ("People", _people(study)),
        ("Who", tables.text(study["population"])),
        ("Country", country),
        ("Risk of bias", _risk(study)),
    ]


def _treatment(study: pd.Series[Any]) -> str:
    words = [level_label("variant", study["ipt_variant"])]
    if not tables.is_missing(study["treatment"]):
        words.append(str(study["treatment"]))
    if not tables.is_missing(study["n_sessions"]):
        words.append(f"{study['n_sessions']:g} sessions")
    return "; ".join(words)


def _people(study: pd.Series[Any]) -> str:
    words = [f"{tables.count(study['n_randomised'])} randomised"]
    if not tables.is_missing(study["age_group"]):
        words.append(level_label("age", study["age_group"]).lower())
    if not tables.is_missing(study["mean_age"]):
        words.append(f"mean age {study['mean_age']:.0f}")
    if not tables.is_missing(study["percent_women"]):
        words.append(f"{tables.percent(study['percent_women'])} women")
    return ", ".join(words)


def _risk(study: pd.Series[Any]) -> str:
    if tables.is_missing(study["rob"]):
        return "not rated by the sources we hold"
    detail = "" if tables.is_missing(study["rob_detail"]) else f" ({study['rob_detail']})"
    return f"{tables.risk_of_bias(study['rob'])}{detail}"


def warnings(study: pd.Series[Any], effects: pd.DataFrame) -> list[str]:
    """What a reader must know before using this study, in whole sentences.

    Warnings of the study, and of those of its ``effects`` that may be pooled.
    """
    pooled = effects.loc[effects["include"], "flags"]
    flags = dict.fromkeys([*study["flags"], *(flag for flags in pooled for flag in flags)])
    return [flag_words(flag).sentence for flag in flags]


def effects_in_words(effects: pd.DataFrame) -> str:
    """How many effects there are and how many may be pooled."""
    if effects.empty:
        return "no number that could be used was found"
    usable = int(effects["include"].sum())
    number = tables.count(len(effects))
    return f"{number} result{'' if len(effects) == 1 else 's'}, {usable} of which may be pooled"


def effect_title(effect: pd.Series[Any], instruments: pd.DataFrame) -> str:
    """One line that names an effect: comparison, outcome, instrument, rater, time and g."""
    about = [tables.text(effect["outcome"])]
    if not tables.is_missing(effect["comparator"]):
        about.insert(0, f"Against {effect['comparator']}")
    labels = dict(zip(instruments["instrument_id"], instruments["label"], strict=True))
    if not tables.is_missing(effect["instrument"]):
        about.append(str(labels.get(effect["instrument"], effect["instrument"])))
    if not tables.is_missing(effect["rater"]):
        about.append(level_label("rater", effect["rater"]).lower())
    about.append(TIME_POINTS[effect["time"]])
    if tables.is_missing(effect["yi"]):
        return f"{', '.join(about)}: no usable number"
    shown = tables.estimate_with_interval(effect["yi"], effect["ci_lower"], effect["ci_upper"])
    return f"{', '.join(about)}: g {shown}"


def effect_use(effect: pd.Series[Any]) -> str:
    """Whether an effect may be pooled, and why."""
    verdict = "May be pooled" if effect["include"] else "Shown, not pooled"
    against = tables.text(effect["comparator"])
    return f"IPT compared with {against}. {verdict}: {effect['include_reason']}"


def effect_inputs(effect: pd.Series[Any]) -> list[tuple[str, str, str]]:
    """The numbers that the source gives, arm by arm."""
    rows = []
    for label, name in (
        ("Mean", "mean"),
        ("Standard deviation", "sd"),
        ("People with the event", "events"),
        ("People", "n"),
    ):
        ipt, comparator = effect[f"{name}_ipt"], effect[f"{name}_comparator"]
        if not (tables.is_missing(ipt) and tables.is_missing(comparator)):
            rows.append((label, _plain(ipt), _plain(comparator)))
    if not tables.is_missing(effect["reported_value"]):
        metric = tables.text(effect["reported_metric"])
        rows.append((f"Reported by the source: {metric}", _plain(effect["reported_value"]), ""))
    return rows


def _plain(value: object) -> str:
    if tables.is_missing(value):
        return tables.NOT_REPORTED
    return f"{float(value):g}".replace("-", tables.MINUS)  # type: ignore[arg-type]


def checked(effect: pd.Series[Any]) -> str:
    """How often the number was read, and what the second reading said."""
    reading = "read twice" if effect["extraction"] == "double" else "read once"
    verdict = {
        "confirmed": "confirmed by a second reader",
        "corrected": "corrected by a second reader",
        "doubtful": "called doubtful by a second reader",
        "not_found": "not found again by a second reader",
        "none": "not checked by a second reader",
    }[str(effect["check"])]
    return f"{reading}, {verdict}"
