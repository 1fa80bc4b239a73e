"""Exports of RevMan Web, which hold the rows of many analyses or outcomes in one file.

`data-rows` has a row for each study, analysis and subgroup; `study-results` one for each study,
outcome and arm. One analysis or outcome is read at a time, as one sheet of a workbook is.
"""

from __future__ import annotations

import pandas as pd

from ipt_evidence.exchange.own_data.columns import plain_name

__all__ = ["analyses_of", "plainly_named"]

_ROWS = frozenset("analysisgroup analysisnumber study".split())
_RESULTS = frozenset("study outcome datatype arm samplesize".split())
_RENAMED = {
    # What RevMan computed from the other columns, in the metric that its settings ask for.
    "weight": "RevMan weight",
    "mean": "RevMan effect",
    "cistart": "RevMan interval start",
    "ciend": "RevMan interval end",
    "variance": "O-E variance",
}
_OF_RESULTS = {
    "expmean": "Exponentiated effect",
    "expcistart": "Exponentiated interval start",
    "expciend": "Exponentiated interval end",
}
_OF_CONTRASTS = {"mean": "Effect estimate", "se": "Standard error"}
# Kinds of data of which an analysis has one: columns of the others are empty or full of zeros.
_MEANS = "experimentalsd controlsd experimentalmean controlmean".split()
_GIVEN = "givse givmean".split()
_LOG_RANK = "oevariance oe".split()
_CASES = "experimentalcases controlcases".split()


def _by_plain(cells: pd.DataFrame) -> dict[str, str]:
    return {plain_name(name): name for name in reversed(list(cells.columns))}


def analyses_of(cells: pd.DataFrame) -> pd.Series[str] | None:
    """The analysis or outcome of each row; None where the table is no export of RevMan Web."""
    names = _by_plain(cells)
    if names.keys() >= _ROWS:
        group, number = cells[names["analysisgroup"]], cells[names["analysisnumber"]]
        title = cells[names["analysisname"]] if "analysisname" in names else ""
        return (group + "." + number + " " + title).str.strip()
    return cells[names["outcome"]] if names.keys() >= _RESULTS else None


def plainly_named(cells: pd.DataFrame) -> pd.DataFrame:
    """The rows of one analysis, with names of columns that say what stands in them."""
    names = _by_plain(cells)
    if names.keys() >= _ROWS:
        renamed = {names[old]: new for old, new in _RENAMED.items() if old in names}
        cells = cells.rename(columns=renamed)
        return cells.drop(columns=_unused(cells))
    reference = names.get("referencearm")
    contrasts = reference is not None and cells[reference].ne("").all()
    renamed = _OF_RESULTS | (_OF_CONTRASTS if contrasts else {})
    return cells.rename(columns={names[old]: new for old, new in renamed.items() if old in names})


def _unused(cells: pd.DataFrame) -> list[str]:
    """Columns of the kinds of data that this analysis does not have."""
    names = _by_plain(cells)
    filled = {
        plain
        for plain, name in names.items()
        if (pd.to_numeric(cells[name], errors="coerce").fillna(0.0) != 0.0).any()
    }
    kinds = [kind for kind in (_MEANS, _GIVEN, _LOG_RANK) if kind[0] in filled]
    unused = [plain for kind in (_MEANS, _GIVEN, _LOG_RANK) if kind not in kinds for plain in kind]
    # Cases stand beside a log-rank analysis as facts; beside means they are zeros.
    unused += _CASES if kinds else []
    return [names[plain] for plain in unused if plain in names]
