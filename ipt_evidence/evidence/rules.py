"""Rules that one cell alone cannot break: keys resolve, signs agree, every number has a source.

Each rule takes the tables and gives back the problems that it found. A row with a problem is
quarantined by `EvidenceBase`: listed, and never pooled.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from ipt_evidence.evidence.derivation import derive_effects
from ipt_evidence.evidence.problems import Problem
from ipt_evidence.evidence.reading import LINE
from ipt_evidence.evidence.schema import Table

__all__ = ["RANDOMISED", "KnownKeys", "check_designs", "check_table"]

DERIVED_TOLERANCE = 1e-6  # stored yi and vi carry full precision; more than this is another number

RANDOMISED = ("rct", "cluster_rct")


@dataclass(frozen=True, slots=True)
class KnownKeys:
    """Keys that cells may refer to, by the name used in ``Column.references``."""

    keys: dict[str, Collection[str]]

    def of(self, target: str) -> Collection[str]:
        """Keys of ``target``, such as ``references.bib`` or ``studies.study_id``."""
        return self.keys[target]


def check_table(table: Table, frame: pd.DataFrame, known: KnownKeys) -> list[Problem]:
    """Every problem of the rows of ``frame``, in the order of the file."""
    problems = [*_unresolved(table, frame, known), *_bad_addresses(table, frame)]
    for rule in _RULES.get(table.name, ()):
        problems += [
            Problem(
                file=table.file,
                line=int(row[LINE]),
                column=column,
                key=str(row[table.key]),
                value=value,
                reason=reason,
                remedy=remedy,
            )
            for row, column, value, reason, remedy in rule(frame)
        ]
    return sorted(problems, key=lambda problem: (problem.line or 0, problem.column))


def check_designs(effects: pd.DataFrame, studies: pd.DataFrame) -> list[Problem]:
    """Effects that may be pooled although their study is not a randomised trial of IPT."""
    facts = effects.merge(studies[["study_id", "design", "ipt_variant"]], on="study_id")
    wrong = facts.loc[
        facts["include"] & (~facts["design"].isin(RANDOMISED) | (facts["ipt_variant"] == "not_ipt"))
    ]
    return [
        Problem(
            file="effects.csv",
            line=int(row[LINE]),
            column="include",
            key=str(row["effect_id"]),
            value="true",
            reason=f"the study is {row['design']} and its treatment {row['ipt_variant']}",
            remedy="Set include to false: only randomised trials of IPT are pooled",
        )
        for _, row in wrong.iterrows()
    ]


def _unresolved(table: Table, frame: pd.DataFrame, known: KnownKeys) -> Iterator[Problem]:
    for column in table.columns:
        if not column.references:
            continue
        allowed = known.of(column.references)
        for key, line, cell in zip(frame[table.key], frame[LINE], frame[column.name], strict=True):
            names = cell if isinstance(cell, tuple) else () if pd.isna(cell) else (cell,)
            for name in names:
                if name not in allowed:
                    yield Problem(
                        file=table.file,
                        line=int(line),
                        column=column.name,
                        key=str(key),
                        value=str(name),
                        reason=f"{name!r} is not in {column.references}",
                        remedy=f"Add it there, or correct the {column.name} of this row",
                    )


def _bad_addresses(table: Table, frame: pd.DataFrame) -> Iterator[Problem]:
    if "source_url" not in table.column_names:
        return
    for key, line, url in zip(frame[table.key], frame[LINE], frame["source_url"], strict=True):
        if pd.isna(url):
            continue
        parts = urlsplit(str(url))
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
            yield Problem(
                file=table.file,
                line=int(line),
                column="source_url",
                key=str(key),
                value=str(url)[:200],
                reason="this is not an address that can be opened",
                remedy="Give the full http:// or https:// address of the source",
            )


_Fault = tuple["pd.Series[Any]", str, str, str, str]
_Rule = Callable[[pd.DataFrame], Iterator[_Fault]]


def _derived_values_agree(effects: pd.DataFrame) -> Iterator[_Fault]:
    derived = derive_effects(effects)
    for name in ("yi", "vi"):
        stored, expected = effects[name].to_numpy(float), derived[name].to_numpy(float)
        differs = ~np.isclose(
            stored, expected, rtol=DERIVED_TOLERANCE, atol=DERIVED_TOLERANCE, equal_nan=True
        )
        for position in np.flatnonzero(differs):
            yield (
                effects.iloc[position],
                name,
                f"{stored[position]:g}",
                f"{name} is {stored[position]:.6g}, but the inputs give {expected[position]:.6g}",
                "Check the inputs, then run: python -m ipt_evidence derive",
            )
    for name in ("obtained", "formula"):
        differs = (effects[name].fillna("") != derived[name].fillna("")).to_numpy(bool)
        for position in np.flatnonzero(differs):
            row = effects.iloc[position]
            yield (
                row,
                name,
                str(row[name]),
                f"{name} is {row[name]}, but the inputs make it {derived[name].iloc[position]}",
                "Check the inputs, then run: python -m ipt_evidence derive",
            )


def _signs_agree(effects: pd.DataFrame) -> Iterator[_Fault]:
    """The arm means themselves show whom the result favours; yi must say the same."""
    means = effects.loc[
        effects["input_type"].isin(["means", "change"])
        & effects[["mean_ipt", "mean_comparator", "yi"]].notna().all(axis=1)
    ]
    for _, row in means.iterrows():
        better = row["mean_ipt"] - row["mean_comparator"]
        if row["direction"] == "lower_better":
            better = -better
        if np.sign(better) * np.sign(row["yi"]) < 0:
            yield (
                row,
                "yi",
                f"{row['yi']:g}",
                "the sign of yi contradicts the arm means "
                f"({row['mean_ipt']:g} v {row['mean_comparator']:g}, {row['direction']})",
                "Correct direction, or the means, then run: python -m ipt_evidence derive",
            )


def _included_rows_can_be_pooled(effects: pd.DataFrame) -> Iterator[_Fault]:
    for _, row in effects.loc[effects["include"]].iterrows():
        if pd.isna(row["yi"]) or pd.isna(row["vi"]) or row["vi"] <= 0:
            yield (
                row,
                "include",
                "true",
                "the row may be pooled but has no effect with a variance above 0",
                "Set include to false, or complete the inputs and run derive",
            )
        elif not row["verified"] or row["check"] in ("doubtful", "not_found"):
            yield (
                row,
                "include",
                "true",
                "the row may be pooled although its number is unverified or doubtful",
                "Set include to false and say why in include_reason",
            )


def _events_fit_groups(effects: pd.DataFrame) -> Iterator[_Fault]:
    for arm in ("ipt", "comparator"):
        events, n = effects[f"events_{arm}"], effects[f"n_{arm}"]
        for _, row in effects.loc[(events > n).fillna(False)].iterrows():
            yield (
                row,
                f"events_{arm}",
                f"{row[f'events_{arm}']:g}",
                f"{row[f'events_{arm}']:g} events among {row[f'n_{arm}']:g} people",
                "Correct the number of events or of people",
            )


def _intervals_hold_values(pooled: pd.DataFrame) -> Iterator[_Fault]:
    for low, value, high in (("ci_lower", "value", "ci_upper"), ("yi_lower", "yi", "yi_upper")):
        outside = ~(
            pooled[low].isna()
            | pooled[high].isna()
            | pooled[value].isna()
            | ((pooled[low] <= pooled[value]) & (pooled[value] <= pooled[high]))
        )
        for _, row in pooled.loc[outside].iterrows():
            yield (
                row,
                value,
                f"{row[value]:g}",
                f"{value} lies outside its interval ({row[low]:g} to {row[high]:g})",
                "Compare the three numbers with the source",
            )


def _only_ipt_effects_have_yi(pooled: pd.DataFrame) -> Iterator[_Fault]:
    for _, row in pooled.loc[~pooled["about_ipt"] & pooled["yi"].notna()].iterrows():
        yield (
            row,
            "yi",
            f"{row['yi']:g}",
            "this is not an effect of interpersonal psychotherapy, yet it has a yi",
            "Write NA in yi, yi_lower and yi_upper",
        )


_RULES: dict[str, tuple[_Rule, ...]] = {
    "effects": (
        _derived_values_agree,
        _signs_agree,
        _included_rows_can_be_pooled,
        _events_fit_groups,
    ),
    "pooled": (_intervals_hold_values, _only_ipt_effects_have_yi),
}
