"""Rules that one cell alone cannot break: keys resolve, signs agree, every number has a source.

Each rule takes a table and yields the faults that it found. A row with a fault is quarantined by
`EvidenceBase`: listed, and never pooled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from ipt_evidence.evidence.csv_tables import LINE, Problem
from ipt_evidence.evidence.derivation import derive_effects
from ipt_evidence.evidence.schema import EFFECTS, LOW_TRUST, RANDOMISED, Table
from ipt_evidence.meta_analysis.conversions import lopsided

__all__ = ["check_designs", "check_table"]

DERIVED_TOLERANCE = 1e-6  # stored yi and vi carry full precision; more than this is another number
_DERIVE = "run: python -m ipt_evidence derive"

_Fault = tuple[Any, str, object, str, str]  # index of the row, column, value, reason, remedy
_Rule = Callable[[pd.DataFrame], Iterator[_Fault]]


def check_table(
    table: Table, frame: pd.DataFrame, known: Mapping[str, Collection[str]]
) -> list[Problem]:
    """Every problem of the rows of ``frame``, in the order of the file.

    ``known`` holds the keys that cells may refer to, by the names used in ``Column.references``,
    such as ``references.bib`` or ``studies.study_id``.
    """
    faults = [*_unresolved(table, frame, known), *_bad_addresses(frame)]
    for rule in _RULES.get(table.name, ()):
        faults += rule(frame)
    problems = [_problem(table, frame, *fault) for fault in faults]
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.column))


def check_designs(effects: pd.DataFrame, studies: pd.DataFrame) -> list[Problem]:
    """Effects that may be pooled although their study is not a randomised trial of IPT."""
    facts = effects.merge(studies[["study_id", "design", "ipt_variant"]], on="study_id")
    wrong = facts.loc[
        facts["include"] & (~facts["design"].isin(RANDOMISED) | (facts["ipt_variant"] == "not_ipt"))
    ]
    remedy = "Set include to false: only randomised trials of IPT are pooled"
    reasons = {
        index: f"the study is {row['design']} and its treatment {row['ipt_variant']}"
        for index, row in wrong.iterrows()
    }
    return [
        _problem(EFFECTS, facts, index, "include", "true", reason, remedy)
        for index, reason in reasons.items()
    ]


def _problem(
    table: Table,
    frame: pd.DataFrame,
    index: Any,
    column: str,
    value: object,
    reason: str,
    remedy: str,
) -> Problem:
    line, key = int(frame[LINE][index]), str(frame[table.key][index])
    text = f"{value:g}" if isinstance(value, float) else str(value)[:200]
    return Problem(table.file, reason, remedy, line, column, key, text)


def _unresolved(
    table: Table, frame: pd.DataFrame, known: Mapping[str, Collection[str]]
) -> Iterator[_Fault]:
    for column in table.columns:
        if not column.references:
            continue
        allowed = known[column.references]
        for index, cell in frame[column.name].items():
            names = cell if isinstance(cell, tuple) else () if pd.isna(cell) else (cell,)
            for name in names:
                if name not in allowed:
                    reason = f"{name!r} is not in {column.references}"
                    remedy = f"Add it there, or correct the {column.name} of this row"
                    yield index, column.name, name, reason, remedy


def _bad_addresses(frame: pd.DataFrame) -> Iterator[_Fault]:
    for index, url in frame.get("source_url", pd.Series(dtype="str")).dropna().items():
        parts = urlsplit(str(url))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            reason = "this is not an address that can be opened"
            remedy = "Give the full http:// or https:// address of the source"
            yield index, "source_url", url, reason, remedy


def _derived_values_agree(effects: pd.DataFrame) -> Iterator[_Fault]:
    derived = derive_effects(effects)
    remedy = f"Check the inputs, then {_DERIVE}"
    for name in ("yi", "vi"):
        stored, expected = effects[name], derived[name]
        same = np.isclose(
            stored, expected, rtol=DERIVED_TOLERANCE, atol=DERIVED_TOLERANCE, equal_nan=True
        )
        for index in effects.index[~same]:
            was, now = float(stored[index]), float(expected[index])
            yield index, name, was, f"{name} is {was:.6g}, but the inputs give {now:.6g}", remedy
    for name in ("obtained", "formula"):
        differs = effects[name].fillna("") != derived[name].fillna("")
        for index in effects.index[differs]:
            word, expected_word = effects[name][index], derived[name][index]
            reason = f"{name} is {word}, but the inputs make it {expected_word}"
            yield index, name, word, reason, remedy


def _signs_agree(effects: pd.DataFrame) -> Iterator[_Fault]:
    """The arm means themselves show whom the result favours; yi must say the same."""
    means = effects.loc[
        effects["input_type"].isin(["means", "change"])
        & effects[["mean_ipt", "mean_comparator", "yi"]].notna().all(axis=1)
    ]
    for index, row in means.iterrows():
        better = row["mean_ipt"] - row["mean_comparator"]
        if row["direction"] == "lower_better":
            better = -better
        if np.sign(better) * np.sign(row["yi"]) < 0:
            reason = (
                "the sign of yi contradicts the arm means "
                f"({row['mean_ipt']:g} v {row['mean_comparator']:g}, {row['direction']})"
            )
            yield index, "yi", row["yi"], reason, f"Correct direction, or the means, then {_DERIVE}"


def _included_rows_can_be_pooled(effects: pd.DataFrame) -> Iterator[_Fault]:
    for index, row in effects.loc[effects["include"]].iterrows():
        if pd.isna(row["yi"]) or pd.isna(row["vi"]) or row["vi"] <= 0:
            reason = "the row may be pooled but has no effect with a variance above 0"
            remedy = "Set include to false, or complete the inputs and run derive"
            yield index, "include", "true", reason, remedy
        elif not row["verified"] or row["check"] in ("doubtful", "not_found"):
            reason = "the row may be pooled although its number is unverified or doubtful"
            remedy = "Set include to false and say why in include_reason"
            yield index, "include", "true", reason, remedy


def _low_trust_is_not_pooled(effects: pd.DataFrame) -> Iterator[_Fault]:
    reason = "the row may be pooled although too much was assumed to derive it"
    remedy = f"Set include to false, or take {LOW_TRUST} out of its flags and say why"
    for index in effects.index[effects["include"] & (effects["obtained"] == LOW_TRUST)]:
        yield index, "include", "true", reason, remedy


def _events_fit_groups(effects: pd.DataFrame) -> Iterator[_Fault]:
    remedy = "Correct the number of events or of people"
    for arm in ("ipt", "comparator"):
        column = f"events_{arm}"
        events, n = effects[column], effects[f"n_{arm}"]
        for index in effects.index[(events > n).fillna(False)]:
            reason = f"{events[index]:g} events among {n[index]:g} people"
            yield index, column, float(events[index]), reason, remedy
        for index in effects.index[(events % 1 > 0).fillna(False)]:
            reason = f"{events[index]:g} events: people are counted in whole numbers"
            yield index, column, float(events[index]), reason, remedy


_LOGGED = ("reported_odds_ratio",)
_REPORTED = ("reported_smd", "reported_d", "mean_difference", *_LOGGED)


def _reported_intervals_are_even(effects: pd.DataFrame) -> Iterator[_Fault]:
    """A reported effect stands in the middle of its interval, a ratio on the log scale."""
    remedy = "Compare the three numbers with the source: are ratios and their logs mixed?"
    rows = effects.loc[effects["input_type"].isin(_REPORTED)]
    names = ["reported_ci_lower", "reported_value", "reported_ci_upper"]
    low, value, high = (rows[name].to_numpy(float) for name in names)
    logged = rows["input_type"].isin(_LOGGED).to_numpy(bool)
    with np.errstate(invalid="ignore", divide="ignore"):
        scaled = [np.where(logged, np.log(one), one) for one in (value, low, high)]
        outside = (value < low) | (value > high)
        uneven = lopsided(*scaled) & np.all(np.isfinite(scaled), axis=0)
    for place in np.flatnonzero(outside | uneven).tolist():
        what = "lies outside" if outside[place] else "is far from the middle of"
        scale = " on the log scale" if logged[place] and not outside[place] else ""
        reason = f"reported_value {what} its interval{scale} ({low[place]:g} to {high[place]:g})"
        yield rows.index[place], "reported_value", float(value[place]), reason, remedy


def _intervals_hold_values(pooled: pd.DataFrame) -> Iterator[_Fault]:
    remedy = "Compare the three numbers with the source"
    for names in (("ci_lower", "value", "ci_upper"), ("yi_lower", "yi", "yi_upper")):
        known = pooled.loc[pooled[list(names)].notna().all(axis=1)]
        for index, row in known.iterrows():
            low, value, high = (row[name] for name in names)
            if not low <= value <= high:
                reason = f"{names[1]} lies outside its interval ({low:g} to {high:g})"
                yield index, names[1], value, reason, remedy


def _only_ipt_effects_have_yi(pooled: pd.DataFrame) -> Iterator[_Fault]:
    reason = "this is not an effect of interpersonal psychotherapy, yet it has a yi"
    remedy = "Write NA in yi, yi_lower and yi_upper"
    for index in pooled.index[~pooled["about_ipt"] & pooled["yi"].notna()]:
        yield index, "yi", float(pooled["yi"][index]), reason, remedy


def _lists_fit_their_number(reviews: pd.DataFrame) -> Iterator[_Fault]:
    for index, row in reviews.iterrows():
        named = [*row["included"], *row["others"]]
        twice = sorted({name for name in named if named.count(name) > 1})
        if twice:
            remedy = "Name each trial once, however many reports the review lists of it"
            yield index, "included", twice[0], f"{twice[0]} is named twice", remedy
        if not named:
            reason = "the row names no trial, neither in included nor in others"
            yield index, "included", "NA", reason, "Name those that were seen, or remove the row"
        if pd.notna(row["ipt_trials"]) and len(named) > row["ipt_trials"]:
            reason = f"{len(named)} trials are named of {row['ipt_trials']} that the review holds"
            remedy = "Compare the number and the names with the source"
            yield index, "ipt_trials", str(row["ipt_trials"]), reason, remedy


_RULES: dict[str, tuple[_Rule, ...]] = {
    "effects": (
        _derived_values_agree,
        _signs_agree,
        _included_rows_can_be_pooled,
        _low_trust_is_not_pooled,
        _events_fit_groups,
        _reported_intervals_are_even,
    ),
    "pooled": (_intervals_hold_values, _only_ipt_effects_have_yi),
    "reviews": (_lists_fit_their_number,),
}
