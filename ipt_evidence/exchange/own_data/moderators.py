"""Columns by which trials of a reader's own table are compared, and what the comparison shows.

A column holds numbers or words; a mix of both is refused in words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ipt_evidence.analyses.panel import Panel
from ipt_evidence.errors import DataError, PoolingError
from ipt_evidence.evidence.estimation import Estimate, Model
from ipt_evidence.exchange.own_data.columns import FIELDS
from ipt_evidence.exchange.own_data.effects import Effects
from ipt_evidence.exchange.own_data.table import MISSING
from ipt_evidence.meta_analysis.models import interpretable
from ipt_evidence.meta_analysis.moderators import meta_regression, subgroups
from ipt_evidence.wording import sentences, tables
from ipt_evidence.wording.phrases import first_of, listed

__all__ = ["candidates", "differences", "same_but_for_case", "typed"]

LISTED = 5  # words of a column, or rows of a word, that an error names
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf")
_NUMBER_LIKE = re.compile(r"[+-]?\d*[.,]?\d+(?:[eE][+-]?\d+)? ?%?|[+-]?\d{1,3}(?:,\d{3})+")


def typed(name: str, texts: list[str], labels: Sequence[str], *, grouping: bool) -> list[Any]:
    """A column as numbers, or as words where it is no column of numbers.

    ``labels`` name the rows; ``grouping`` takes numbers and words alike as names of groups. Where
    every cell is a percentage, 30% is 30.

    Raises
    ------
    DataError
        When a column of numbers holds a few words, which would make it a category.
    """
    shares = all(text.endswith("%") for text in texts)  # 30% as 30, where all are percentages
    plain = [text[:-1].rstrip() for text in texts] if shares else texts
    words = [i for i, text in enumerate(plain) if not _NUMBER.fullmatch(text)]
    if not words:
        return [float(text) for text in plain]
    numbers = len(texts) - sum(not _NUMBER_LIKE.fullmatch(texts[i]) for i in words)
    if grouping or 2 * numbers < len(texts):
        return list(texts)
    rows: dict[str, list[str]] = {}
    for i in words:
        rows.setdefault(texts[i], []).append(labels[i])
    shown = [f"{word!r} ({first_of(where, LISTED)})" for word, where in rows.items()]
    raise DataError(
        f"{name} is mostly numbers, but holds {first_of(shown, LISTED)}: leave a cell empty or "
        "write NA where the value is missing, write numbers with a decimal point, or give each "
        "level a word if these are categories"
    )


def same_but_for_case(name: str, values: Sequence[Any]) -> tuple[str, ...]:
    """Note on words that differ only in upper and lower case or in spaces, and so count twice."""
    spellings: dict[str, list[str]] = {}
    for value in dict.fromkeys(value for value in values if isinstance(value, str)):
        spellings.setdefault(" ".join(value.casefold().split()), []).append(value)
    return tuple(
        f"{name}: {first_of([repr(word) for word in words], LISTED)} differ only in case or "
        "spaces and are taken as different: write them alike if they are one"
        for words in spellings.values()
        if len(words) > 1
    )


LEAST, MOST_GROUPS = 4, 12
CAUTION = (
    "Trials were not randomised to these groups: a difference is a question, not an answer "
    "(Cochrane Handbook 10.11). Fewer than ten trials for each column make it a sketch."
)


def candidates(effects: Effects) -> tuple[str, ...]:
    """Columns by which trials can be compared: with some variety, and no input of the effect."""
    inputs = {
        column
        for meaning, column in effects.mapped.items()
        if meaning not in ("year", "outcome", "time", "arm1", "arm2", "rob")
        and (FIELDS[meaning].numeric or meaning in ("study", "author", "doi", "interval"))
    }
    cells = effects.table.cells.iloc[effects.rows["place"]]
    found = []
    for name in cells.columns:
        if name in inputs:
            continue
        known = cells[name][~cells[name].str.lower().isin(MISSING)]
        several = known.nunique()
        numeric = pd.to_numeric(known.str.removesuffix("%"), errors="coerce").notna().mean()
        # A column of numbers with a few words is offered too, to say what is wrong with it.
        if several > 1 and (numeric >= 0.5 or several <= MOST_GROUPS):
            found.append(str(name))
    return tuple(found)


def differences(effects: Effects, answer: Estimate, keys: Mapping[str, str], column: str) -> Panel:
    """The pooled effect of each group of ``column``, or its slope where it holds numbers.

    ``keys`` maps the studies of the table to those of ``answer``. A study whose rows differ in the
    column, or do not say, is left out here, which the note says.
    """
    cells = effects.table.cells[column].iloc[effects.rows["place"]].tolist()
    values_of: dict[str, set[str]] = {}
    for study, cell in zip(effects.rows["study"], cells, strict=True):
        values_of.setdefault(keys[study], set()).add(cell if cell.lower() not in MISSING else "")
    one = {
        key: next(iter(own)) for key, own in values_of.items() if len(own) == 1 and "" not in own
    }
    trials = answer.trials.assign(value=answer.trials["study_id"].map(one))
    used = trials.loc[trials["value"].notna()]
    lost = len(trials) - len(used)
    note = f"{lost} trials do not say, or differ among their own rows. " if lost else ""
    if len(used) < LEAST:
        few = f"Fewer than {LEAST} trials say {column}: too few to compare."
        return Panel((few,), drawn=False, note=note + CAUTION)
    yi, vi = (used[name].to_numpy(float) for name in ("yi", "vi"))
    names = used["value"].tolist()
    try:
        values = typed(column, names, used["label"].tolist(), grouping=False)
        if len(set(values)) > 2 and not isinstance(values[0], str):
            return _line(column, yi, vi, np.array(values, dtype=float), answer.model, note)
        note += "".join(f"{one}. " for one in same_but_for_case(column, names))
        return _groups(column, yi, vi, np.array(names, dtype=str), answer.model, note)
    except DataError as err:
        return Panel((f"{err}.",), drawn=False, note=note + CAUTION)
    except PoolingError as err:
        return Panel((f"{column} cannot be compared: {err}.",), drawn=False, note=note + CAUTION)


def _groups(
    column: str,
    yi: np.ndarray,
    vi: np.ndarray,
    names: np.ndarray,
    model: Model,
    note: str,
) -> Panel:
    found = subgroups(yi, vi, names, method=model.method, test=model.test)
    rows = []
    for one in found.groups:
        effect, spread = f"{sentences.TOO_FEW_TO_POOL}: {_each(yi[names == one.group])}", ""
        if interpretable(one.k):
            effect = tables.estimate_with_interval(one.estimate, one.ci_lower, one.ci_upper)
            spread = tables.percent(one.i2)
        rows.append({column: one.group, "Trials": one.k, "Effect": effect, "I²": spread})
    if found.p is None:
        sentence = f"All trials have the same {column}."
    elif found.p < 0.05:
        sentence = (
            f"Groups by {column} differ by more than chance explains (p {tables.p_is(found.p)})."
        )
    else:
        chance = tables.p_is(found.p)
        sentence = f"Groups by {column} do not differ by more than chance explains (p {chance})."
    notes = "".join(f"{one[:1].upper()}{one[1:]}. " for one in found.notes)
    return Panel((sentence,), pd.DataFrame(rows), drawn=False, note=f"{note}{notes}{CAUTION}")


def _each(values: np.ndarray) -> str:
    return listed([tables.effect(value) for value in values])


def _line(
    column: str,
    yi: np.ndarray,
    vi: np.ndarray,
    numbers: np.ndarray,
    model: Model,
    note: str,
) -> Panel:
    fit = meta_regression(yi, vi, {column: numbers.tolist()}, method=model.method, test=model.test)
    rows = [
        {
            "Term": row.term,
            "Coefficient": f"{row.estimate:.3g} ({row.ci_lower:.3g} to {row.ci_upper:.3g})",
            "p": tables.p_value(row.p),
        }
        for row in fit.coefficients
    ]
    slope = fit.coefficients[-1]
    if slope.p is not None and slope.p < 0.05:
        way = "grow" if slope.estimate > 0 else "fall"
        chance = tables.p_is(slope.p)
        sentence = f"Effects {way} with {column} by more than chance explains (p {chance})."
    else:
        sentence = f"No clear association with {column} (p {tables.p_is(slope.p)})."
    return Panel((sentence,), pd.DataFrame(rows), drawn=False, note=note + CAUTION)
