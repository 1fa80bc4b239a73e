"""Programs that compute an estimate again, and R code (metafor) of a forest plot as on the page."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import resources
from typing import Any

import pandas as pd
from jinja2 import Environment, StrictUndefined, select_autoescape

from ipt_evidence.analyses.answer import title
from ipt_evidence.analyses.differences.grouping import Grouped
from ipt_evidence.analyses.differences.panel import group_names
from ipt_evidence.analyses.forest.panel import COLUMNS, grouped_trials
from ipt_evidence.analyses.forest.result import trials_in_order
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.estimation import Estimate
from ipt_evidence.evidence.view import View, estimate_of, query
from ipt_evidence.meta_analysis.models import LEAST, interpretable
from ipt_evidence.wording import tables
from ipt_evidence.wording.sentences import TOO_FEW_TO_POOL

__all__ = ["Shown", "forest_code", "python_script", "r_script", "shown"]

# Iterative estimators of two programs stop at slightly different places.
TOLERANCE, TOLERANCE_CHE = 1e-5, 1e-4


@dataclass(frozen=True, slots=True)
class Shown:
    """One estimate as it stood on the screen.

    ``numbers`` are those a script compares itself with: estimate, ci_lower, ci_upper and, where
    they exist, pi_lower, pi_upper and tau2. ``method`` is metafor's name of the estimator.
    """

    title: str
    address: str
    data_version: str
    k: int
    n_effects: int
    method: str
    test: str
    rho: float
    level: str
    che: bool
    numbers: dict[str, float]

    @property
    def tolerance(self) -> float:
        """How far another program's number may lie from ours and still be called the same."""
        return TOLERANCE_CHE if self.che else TOLERANCE


def shown(base: EvidenceBase, answer: Estimate, title: str) -> Shown:
    """Take from ``answer`` what a script needs; without a pooled effect ``numbers`` is empty."""
    pooled, model = answer.pooled, answer.model
    che = pooled is not None and pooled.method == "CHE"
    names = ["estimate", "ci_lower", "ci_upper"]
    if answer.k > 1:
        names += ["tau2"] if che else ["pi_lower", "pi_upper", "tau2"]
    numbers = {} if pooled is None else {name: getattr(pooled, name) for name in names}
    return Shown(
        title=_one_plain_line(title),
        address=query(View(answer.selection.question, model)),
        data_version=base.version,
        k=answer.k,
        n_effects=len(answer.selection.effects),
        method=model.method,
        test=model.test,
        rho=model.rho,
        level=f"{model.level:g}",
        che=che,
        numbers={name: float(value) for name, value in numbers.items() if value is not None},
    )


def _one_plain_line(title: str) -> str:
    """``title`` as it may stand in a comment of a program: it must not end it and become code."""
    return " ".join(title.split()).replace("\\", "/").replace('"', "'")


def r_script(shown: Shown) -> str:
    """The text of ``analysis.R`` for what stands on the screen."""
    return _filled("analysis.R.jinja", shown)


def python_script(shown: Shown) -> str:
    """The text of ``analysis.py``: a page of NumPy that needs nothing of ours, but for CHE."""
    return _filled("analysis.py.jinja", shown)


def _filled(template: str, shown: Shown, **more: Any) -> str:
    """The ``template`` of this folder for what stands on the screen, and what ``more`` it needs."""
    environment = Environment(
        autoescape=select_autoescape(default_for_string=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    text = (resources.files(__package__) / template).read_text(encoding="utf-8")
    facts = {**asdict(shown), "tolerance": shown.tolerance, **more}
    return environment.from_string(text).render(facts)


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
    return _filled("forest.R.jinja", facts, **settings)


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
