"""Studies and their effects in words: labels, facts, warnings and what became of each number."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.evidence.facets import FACETS
from ipt_evidence.evidence.time_points import TIME_POINTS
from ipt_evidence.wording import tables
from ipt_evidence.wording.phrases import numbered

__all__ = [
    "FLAG_WORDS",
    "NO_REFERENCE",
    "Flag",
    "checked",
    "effect_inputs",
    "effect_title",
    "effect_use",
    "effects_in_words",
    "flag_words",
    "level_label",
    "study_facts",
    "warnings",
]

NO_REFERENCE = "No reference known"
"""In the place of a study's report when no source names it well enough to cite it."""


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
    if not tables.is_missing(study["treatment"]) and study["treatment"] not in words:
        words.append(str(study["treatment"]))
    if not tables.is_missing(study["n_sessions"]):
        words.append(f"{study['n_sessions']:g} sessions")
    return "; ".join(words)


def _people(study: pd.Series[Any]) -> str:
    words = ["number not reported"]
    if not tables.is_missing(study["n_randomised"]):
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
    return f"{numbered(len(effects), 'result')}, {usable} of which may be pooled"


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
        ("Share with the event (%)", "share"),
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


@dataclass(frozen=True, slots=True)
class Flag:
    """A warning: a few words for a list, and a sentence for the study's page."""

    short: str
    sentence: str


FLAG_WORDS = {
    "retracted": Flag(
        "retracted",
        "A report of this study was retracted. Leave the study out to see what changes, and do "
        "not rest anything on it.",
    ),
    "expression_of_concern": Flag(
        "expression of concern",
        "The journal published an expression of concern about a report of this study: it has "
        "doubts that are not resolved. Leave the study out to see what changes.",
    ),
    "corrected": Flag(
        "corrected since",
        "A correction to a report of this study was published. Whether it touches the numbers "
        "here has to be read in the notice.",
    ),
    "se_for_sd": Flag(
        "standard errors for standard deviations?",
        "The standard deviations look like standard errors: if so, the effect is far too precise "
        "or too large. It is kept as printed; leave it out to see what changes.",
    ),
    "coded_perinatal": Flag(
        "coded as perinatal",
        "The database codes this trial as perinatal, but it studied mothers of four-year-olds "
        "and randomised sites, not women.",
    ),
    "not_ipt_delivery": Flag(
        "doubtful whether this is IPT",
        "The treatment was an online discussion board led by therapists; nothing in its abstract "
        "names IPT. It is counted as the database codes it.",
    ),
    "not_ipt": Flag("not IPT", "The treatment is not interpersonal psychotherapy: never pooled."),
    "not_randomised": Flag("not randomised", "Not randomised: never pooled with trials."),
    "quasi_randomised": Flag(
        "quasi-randomised", "The assignment could be foreseen: never pooled with randomised trials."
    ),
    "randomisation_unverified": Flag(
        "randomisation unverified",
        "The texts that were seen do not say that people were randomised: not pooled.",
    ),
    "randomisation_doubtful": Flag(
        "randomisation doubtful",
        "The report calls the trial randomised, its registry entry does not: not pooled.",
    ),
    "contrast_not_randomised": Flag(
        "IPT was not randomised", "Something other than IPT was randomised in this trial."
    ),
    "cluster_not_accounted": Flag(
        "clusters ignored",
        "Groups rather than people were randomised, and the result does not allow for that: it "
        "looks more precise than it is.",
    ),
    "percent_without_denominator": Flag(
        "percentages without numbers",
        "The source gives percentages without the number of people behind them, so counts cannot "
        "be rebuilt.",
    ),
    "n_disagrees": Flag(
        "sources disagree on numbers",
        "Sources disagree on how many people took part; see the note.",
    ),
    "high_attrition": Flag("many dropped out", "Many people left before the end."),
    "differential_completion": Flag(
        "uneven dropout", "Many more people left one arm than the other."
    ),
    "baseline_imbalance": Flag(
        "unequal at the start", "The groups differed before treatment began."
    ),
    "after_miscarriage": Flag("after miscarriage", "The participants had lost a pregnancy."),
    "universal_prevention": Flag(
        "not selected for risk", "Prevention was offered to everybody, not only to people at risk."
    ),
    "combined_treatment": Flag(
        "IPT with a drug", "Both arms received a drug: the result is what IPT adds to it."
    ),
    "secondary_report": Flag("secondary report", "The numbers come from a secondary report."),
    "calculated_response": Flag(
        "response calculated",
        "The response rate was calculated by a database, often from means and standard "
        "deviations; it is not the trial's own count.",
    ),
    "vi_from_n": Flag(
        "precision from group sizes",
        "The source gives the effect without an interval; its precision was worked out from the "
        "group sizes.",
    ),
    "low_trust": Flag(
        "too much assumed",
        "To derive this number, group sizes or the kind of test had to be assumed: shown, never "
        "pooled.",
    ),
    "sign_inferred": Flag(
        "sign inferred", "The source does not say whom a positive number favours; see the note."
    ),
    "group_sizes_assumed": Flag(
        "group sizes assumed",
        "The source gives the number of people in all; the note says how they were divided.",
    ),
    "adjusted_test": Flag(
        "from an adjusted test",
        "Derived from a test that allowed for scores before treatment: the size is approximate.",
    ),
    "counts_back_calculated": Flag(
        "counts rebuilt", "The counts were rebuilt from percentages that fit one whole number each."
    ),
    "followed_up_only": Flag(
        "only those followed up", "Only the people who could be followed up are counted."
    ),
    "n_randomised_used": Flag(
        "numbers randomised", "Group sizes are the numbers randomised, not those analysed."
    ),
    "model_based_d": Flag(
        "effect from a model",
        "The effect comes from a model of all time points, so its precision cannot be worked out.",
    ),
    "authors_and_year_not_seen": Flag(
        "authors not known", "Authors and year of this report could not be seen."
    ),
    "year_not_seen": Flag("year not known", "The year of this report could not be seen."),
}


def flag_words(flag: str) -> Flag:
    """The words for a flag; one that this module does not know is shown as it is written."""
    written = flag.replace("_", " ")
    return FLAG_WORDS.get(flag, Flag(written, f"{written.capitalize()}."))
