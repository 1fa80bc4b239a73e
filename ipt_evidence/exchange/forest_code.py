"""R code (metafor) of a forest plot as it stands on the page: its trials, order, groups, model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from ipt_evidence.analyses.answer import title
from ipt_evidence.analyses.differences.grouping import Grouped
from ipt_evidence.analyses.differences.panel import group_names
from ipt_evidence.analyses.forest.panel import COLUMNS, grouped_trials
from ipt_evidence.analyses.forest.result import trials_in_order
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.view import View, estimate_of
from ipt_evidence.exchange.scripts import filled, shown
from ipt_evidence.meta_analysis.models import LEAST, interpretable
from ipt_evidence.wording import tables
from ipt_evidence.wording.sentences import TOO_FEW_TO_POOL

__all__ = ["forest_code"]

_EXCLUDED = "Left out by you"
_LONGEST = 30  # letters of what IPT was compared with: more would run into the next column
_CLOSED = ("DL", "HE", "HS", "SJ", "EE", "FE")  # estimators without iterations to tighten


@dataclass(frozen=True, slots=True)
class _Group:
    """A heading of the plot and, below its trials, its pooled effect; rows as metafor counts."""

    label: str
    row: float
    at: float = 0.0
    summary: tuple[str, str, str] | None = None


def forest_code(
    base: EvidenceBase,
    view: View,
    order: str = "year",
    group: str = "none",
    columns: tuple[str, ...] = COLUMNS.default,
) -> str:
    """The program, which needs no file: it holds the numbers of the trials.

    Parameters
    ----------
    base, view
        What is drawn.
    order, group, columns
        As the options of the forest plot (`analyses.forest.panel.options`).
    """
    answer = estimate_of(base, view)
    groups = grouped_trials(base, view, group)
    trials = trials_in_order(answer, order, groups)
    rows, headings, top = _places(trials, groups)
    facts = shown(base, answer, title(base, view.question))
    settings = {
        "labels": _texts(trials["label"]),
        "yi": _numbers(trials["yi"]),
        "vi": _numbers(trials["vi"]),
        "compared": _texts(trials["comparator"].map(_short)) if "compared" in columns else "",
        "people": _numbers(trials["n"]),
        "rows": _numbers(rows),
        "pooled": ", ".join("FALSE" if one else "TRUE" for one in trials["excluded"]),
        "groups": headings,
        "top": f"{top:g}",
        "bottom": "-3.5",
        **_room(trials),
        "closed": facts.method in _CLOSED,
        "note": "" if answer.shown is None else _plain(tables.heterogeneity_line(answer.shown)),
    }
    return filled("forest.R.jinja", facts, **settings)


def _room(trials: pd.DataFrame) -> dict[str, str]:
    """The ends of the plot's x axis with its texts, and where two columns of them stand."""
    reach = 2.2 * trials["vi"] ** 0.5
    low, high = float((trials["yi"] - reach).min()), float((trials["yi"] + reach).max())
    span = high - low
    ends, columns = (low - 1.7 * span, high + 0.7 * span), (low - 0.95 * span, low - 0.2 * span)
    return {
        name: ", ".join(f"{one:.2f}" for one in pair)
        for name, pair in (("xlim", ends), ("ilab", columns))
    }


def _places(
    trials: pd.DataFrame, groups: Grouped | None
) -> tuple[list[float], list[_Group], float]:
    """The row of each trial, the headings, and the top: metafor counts rows from below."""
    headed = trials["group"] if groups is not None else [""] * len(trials)
    labels = [
        _EXCLUDED if excluded else str(heading)
        for excluded, heading in zip(trials["excluded"], headed, strict=True)
    ]
    summaries, pairs = _summaries(groups), _pairs(groups)
    lines: list[tuple[str, str]] = []  # from top to bottom: kind and heading
    for place, label in enumerate(labels):
        if label and label not in labels[:place]:
            lines.append(("heading", label))
        lines.append(("trial", label))
        last = label not in labels[place + 1 :]
        if last and label in summaries:
            lines.append(("summary", label))
    height = len(lines)
    at = {line: height - place for place, line in enumerate(lines) if line[0] != "trial"}
    rows = [float(height - place) for place, (kind, _) in enumerate(lines) if kind == "trial"]
    headings = [
        _Group(
            _quoted(f"{label} (two trials, {TOO_FEW_TO_POOL})" if label in pairs else label),
            row,
            at.get(("summary", label), 0.0),
            summaries.get(label),
        )
        for (kind, label), row in at.items()
        if kind == "heading"
    ]
    return rows, headings, height + 3.0


def _summaries(groups: Grouped | None) -> dict[str, tuple[str, str, str]]:
    """The pooled effect of each group of three trials or more, by its heading."""
    if groups is None or groups.result is None:
        return {}
    names = group_names(groups)
    return {
        names[one.group]: (repr(one.estimate), repr(one.ci_lower), repr(one.ci_upper))
        for one in groups.result.groups
        if one.k >= LEAST
    }


def _pairs(groups: Grouped | None) -> set[str]:
    """The headings of the groups of two trials, which are not pooled."""
    if groups is None or groups.result is None:
        return set()
    names = group_names(groups)
    return {names[one.group] for one in groups.result.groups if not interpretable(one.k)}


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."


def _numbers(values: Sequence[float] | pd.Series[float]) -> str:
    return ", ".join("NA" if pd.isna(one) else repr(float(one)) for one in values)


def _texts(values: pd.Series[str]) -> str:
    return ", ".join('""' if pd.isna(one) else _quoted(str(one)) for one in values)


def _quoted(text: str) -> str:
    """``text`` as a string of R: quotation marks, backslashes and controls are escaped."""
    return json.dumps(text, ensure_ascii=True)


def _plain(text: str) -> str:
    """``text`` in letters that every device of R can draw."""
    for sign, words in (("τ²", "tau2"), ("I²", "I2"), ("\N{MINUS SIGN}", "-")):
        text = text.replace(sign, words)
    return _quoted(text)[1:-1]
