"""An import held against an evidence base that holds the same database: every difference."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.derivation import derive_effects
from ipt_evidence.evidence.schema import EFFECTS
from ipt_evidence.exchange.metapsy.importing import Imported

__all__ = ["Agreement", "Difference", "agreement"]

_TOLERANCE = 1e-6
_INPUTS = ("mean_ipt", "sd_ipt", "n_ipt", "mean_comparator", "sd_comparator", "n_comparator",
           "events_ipt", "events_comparator")  # fmt: skip
_COMPARED = ("study_id", "comparison", "comparator_type", "instrument", "outcome_domain", "rater",
             "direction", "time", "include", "yi", "vi")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One cell in which the base and the import differ."""

    effect_id: str
    column: str
    base: Any
    imported: Any


@dataclass(frozen=True)
class Agreement:
    """Effects that both hold, and where they differ; effects that only one of them holds."""

    shared: tuple[tuple[str, str], ...]  # (id in the base, id in the import)
    differences: tuple[Difference, ...]
    only_imported: tuple[str, ...]
    only_base: tuple[str, ...]


def agreement(imported: Imported, base: EvidenceBase) -> Agreement:
    """Compare the effects of an import with those of ``base`` from the same source.

    Two effects are the same when they have the same inputs (arms, events, or published g) of a
    study of that key, whatever else is coded differently.
    """
    ours = base.effects.loc[base.effects["source_id"] == imported.source_id]
    mine = {str(row["effect_id"]): row for row in ours.to_dict("records")}
    theirs = _derived(imported)
    shared, differences = [], []
    left = dict(mine)
    for key, row in theirs.items():
        match = _match(row, left)
        if match is None:
            continue
        shared.append((match, key))
        differences += [
            Difference(match, name, _plain(left[match][name]), _plain(row[name]))
            for name in _COMPARED
            if not _same(left[match][name], row[name])
        ]
        del left[match]
    found = {key for _, key in shared}
    return Agreement(
        tuple(shared),
        tuple(differences),
        tuple(key for key in theirs if key not in found),
        tuple(left),
    )


def _derived(imported: Imported) -> dict[str, dict[str, Any]]:
    """The import's effects with yi and vi, computed as for any base."""
    frame = pd.DataFrame(list(imported.effects), columns=list(EFFECTS.column_names))
    numeric = [column.name for column in EFFECTS.columns if column.type == "number"]
    frame[numeric] = frame[numeric].astype("float64")
    for name in ("reported_positive_favours", "direction", "input_type"):
        frame[name] = frame[name].astype("str")
    derived = derive_effects(frame)
    frame[["yi", "vi"]] = derived[["yi", "vi"]]
    return {str(row["effect_id"]): {str(k): v for k, v in row.items()}
            for row in frame.to_dict("records")}  # fmt: skip


def _match(row: Mapping[str, Any], left: Mapping[str, Mapping[Any, Any]]) -> str | None:
    names = _INPUTS if _known(row, "n_ipt") else ("reported_value", "reported_se")
    for key, other in left.items():
        same_numbers = all(_same(row[name], other[name]) for name in names)
        if same_numbers and _same_study(row, other) and _same_kind(row, other):
            return key
    return None


def _same_study(row: Mapping[str, Any], other: Mapping[Any, Any]) -> bool:
    """The same key, or the same first author: reports of one trial may carry several years."""
    return str(row["study_id"])[:-4] == str(other["study_id"])[:-4]


def _same_kind(row: Mapping[str, Any], other: Mapping[Any, Any]) -> bool:
    scale = row["instrument"] == other["instrument"] or not _known(row, "mean_ipt")
    return bool(row["time"] == other["time"] and scale)


def _known(row: Mapping[str, Any], name: str) -> bool:
    return not _missing(row[name])


def _missing(value: Any) -> bool:
    return value is None or value == "" or (not isinstance(value, tuple) and bool(pd.isna(value)))


def _plain(value: Any) -> Any:
    return None if _missing(value) else value.item() if hasattr(value, "item") else value


def _same(one: Any, two: Any) -> bool:
    if _missing(one) or _missing(two):
        return _missing(one) and _missing(two)
    if isinstance(one, float) or isinstance(two, float):
        return math.isclose(one, two, rel_tol=_TOLERANCE, abs_tol=_TOLERANCE)
    return bool(one == two)
