"""What the page about a reader's own table says: the answer, what was read, what became of rows."""

from __future__ import annotations

import pandas as pd

from ipt_evidence.analyses.answer import INTERVAL_NAMES
from ipt_evidence.evidence.estimation import TOO_FEW, Estimate
from ipt_evidence.evidence.magnitude import size_word
from ipt_evidence.evidence.names import Names
from ipt_evidence.exchange.own_data.base import OwnNames
from ipt_evidence.exchange.own_data.effects import Effects
from ipt_evidence.meta_analysis.escalc import MEASURES
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import counted, upper_first

__all__ = [
    "BIBLIOGRAPHY",
    "HOW_TO_FILL",
    "LEAD",
    "MIXED_SIGNS",
    "PRIVACY",
    "answer",
    "basis",
    "in_full",
    "recognised_sentence",
    "rows_table",
]

LEAD = (
    "Bring a table of trials, with means, counts or ready effects, as CSV or Excel. It is read, "
    "checked and pooled with the same methods, figures and cautions as the evidence for IPT."
)
PRIVACY = (
    "Your table stays in this session. It is not written to a disk, sent to others or added to the "
    "evidence; when you close the page it is gone. The address holds your choices, never your data."
)
BIBLIOGRAPHY = (
    "Bibliography of the studies, if you have one (BibTeX, RIS, nbib, CSL-JSON, …): joined by DOI, "
    "title, or first author and year"
)
HOW_TO_FILL = (
    "One row a comparison (or an outcome), with the names that you use: m1i sd1i n1i m2i sd2i n2i "
    "as in metafor, “Mean (treatment)”, “Events 1”, “.g”, “yi” and “vi”, t, p, intervals and more."
)
MIXED_SIGNS = (
    "Effects are the treatment minus the comparison. Where lower scores are better, turn the sign, "
    "so that positive means better with the treatment."
)
_BOTH_ARMS = frozenset(
    ("SMD", "SMDH", "SMD1", "PPC", "SMCR", "MD", "ROM", "OR", "RR", "RD", "PETO", "IRR", "GEN")
)


def answer(estimate: Estimate, effects: Effects, names: OwnNames) -> str:
    """The pooled effect in words, by fixed rules: direction from the interval, never the point."""
    pooled, kind = estimate.pooled, MEASURES[effects.measure]
    if pooled is None:
        return "No trial is left to pool."
    if pooled.k == TOO_FEW:
        values = [f"{kind.label} {tables.effect(value)}" for value in estimate.trials["yi"]]
        return f"Two trials: {values[0]} and {values[1]}. {sentences.WHY_NOT_TWO}."
    people = estimate.people
    known = people.complete and people.value
    who = f"{counted(pooled.k)}{f' with {tables.count(people.value)} people' if known else ''}"
    head = "In" if pooled.k == 1 else "Across"
    shown = tables.pooled_effect(pooled)
    parts = [f"{head} {who}, {_sides(effects, names, pooled.ci_lower, pooled.ci_upper)}"]
    label = kind.label if kind.label.isupper() else kind.label[0].upper() + kind.label[1:]
    size = f", {size_word(pooled.estimate)} by Cohen's words" if kind.standardised else ""
    parts.append(f"{label} {shown}{size}.")
    if kind.back is not None:
        low, centre, high = (
            kind.back(value) for value in (pooled.ci_lower, pooled.estimate, pooled.ci_upper)
        )
        plain = tables.estimate_with_interval(centre, low, high, pooled.level)
        parts.append(f"As a plain number: {kind.natural.lower()} {plain}.")
    parts.append(sentences.heterogeneity(pooled))
    return " ".join(part for part in parts if part)


def _sides(effects: Effects, names: OwnNames, lower: float, upper: float) -> str:
    if effects.measure not in _BOTH_ARMS:
        return "the effects pool to:"
    if lower > 0:
        return f"the interval lies wholly on the side of {names.treatment}."
    if upper < 0:
        return f"the interval lies wholly on the side of {names.comparison}."
    return f"the interval does not tell {names.treatment} from {names.comparison}."


def basis(estimate: Estimate, effects: Effects) -> str:
    """What stands behind the answer."""
    pooled, model = estimate.pooled, estimate.model
    if pooled is None:
        return effects.table.name
    several = len(effects.rows) - estimate.k
    interval = INTERVAL_NAMES.get(pooled.test, pooled.test)
    parts = [f"k = {estimate.k}", f"{len(effects.rows)} effects"]
    parts.append(
        f"{pooled.method}, {interval} interval" if estimate.shown else sentences.TOO_FEW_TO_POOL
    )
    if several:
        parts.append(f"ρ = {model.rho:g} within studies")
    return " · ".join([*parts, effects.table.name])


def recognised_sentence(effects: Effects) -> str:
    """What the table was taken for."""
    kind = MEASURES[effects.measure].label
    ways = effects.rows["read_as"].value_counts()
    read = ", ".join(f"{way} ({count})" for way, count in ways.items())
    total = len(effects.table.cells)
    lost = (
        f"; {len(effects.left_out)} make none and are listed below" if len(effects.left_out) else ""
    )
    return f"{len(effects.rows)} of {total} rows make an effect{lost}. {kind}, from {read}."


def rows_table(effects: Effects) -> pd.DataFrame:
    """Each row of the table: its effect, what it was read as, what was done, or why it has none."""
    used = pd.DataFrame(
        {
            "Line": effects.rows["line"],
            "Study": effects.rows["label"],
            "Effect": [tables.effect(value, 3) for value in effects.rows["yi"]],
            "Variance": [f"{value:.4g}" for value in effects.rows["vi"]],
            "Read as": effects.rows["read_as"].map(upper_first),
            "Done to it": effects.rows["done"].map(upper_first),
        }
    )
    if effects.references is not None:
        used["Reference"] = effects.rows["reference"].map(_cited(effects.references)).fillna("")
    lost = pd.DataFrame(
        {
            "Line": effects.left_out["line"],
            "Study": effects.left_out["study"],
            "Effect": "",
            "Variance": "",
            "Read as": "Left out: " + effects.left_out["reason"].astype(str),
            "Done to it": "",
        }
    )
    both = pd.concat([used, lost]).sort_values("Line", kind="stable").reset_index(drop=True)
    return both.fillna("")


def _cited(references: pd.DataFrame) -> dict[str, str]:
    """Each reference in a line, by its key: title, journal and DOI as far as they are known."""
    names = ["key", "title", "container_title", "doi"]
    rows = references[names].fillna("").astype(str).to_dict("records")
    return {
        row["key"]: ". ".join(filter(None, (row[name] for name in names[1:]))) or row["key"]
        for row in rows
    }


def in_full(estimate: Estimate, effects: Effects, names: Names) -> pd.DataFrame:
    """The estimate with all its numbers, also on its plain scale; empty for two trials or none."""
    pooled, kind = estimate.shown, MEASURES[effects.measure]
    if pooled is None:
        return pd.DataFrame()
    table = tables.pooled_table(pooled)
    table["Quantity"] = table["Quantity"].map(names.said)
    if kind.back is not None:
        centre, low, high = map(kind.back, (pooled.estimate, pooled.ci_lower, pooled.ci_upper))
        shown = tables.estimate_with_interval(centre, low, high, pooled.level)
        plain = pd.DataFrame([{"Quantity": kind.natural, "Value": shown}])
        table = pd.concat([table.head(2), plain, table.iloc[2:]], ignore_index=True)
    return table
