"""Effects with what is known about each: values taken from their table, studies combined."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.errors import DataError, QuestionError
from ipt_evidence.meta_analysis.dependent_effects import aggregate

__all__ = [
    "DECIMAL_COMMA",
    "MISSING",
    "Sample",
    "combined",
    "same_but_for_case",
    "texts_of",
    "with_values",
]

MISSING = ("", "NA", "NaN", "nan", "<NA>")  # what a spreadsheet leaves where nothing is known
DECIMAL_COMMA = re.compile(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?")
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|[+-]?inf")
LISTED = 5  # words of a column, or rows of a word, that an error names


@dataclass(frozen=True)
class Sample:
    """Effects with what is known about each.

    ``study`` is None when rows are not grouped. ``table`` has a row for each effect, from which
    moderators are taken; ``values`` holds those taken. ``notes`` say what was left out.
    """

    yi: npt.NDArray[np.float64]
    vi: npt.NDArray[np.float64]
    study: list[str] | None
    labels: list[str]
    table: pd.DataFrame
    values: dict[str, list[Any]]
    notes: tuple[str, ...] = ()

    def numbers(self, name: str) -> list[float]:
        """Give the values taken from column ``name``, refusing words."""
        words = [value for value in self.values[name] if isinstance(value, str)]
        if words:
            raise DataError(f"{name} holds words, like {words[0]!r}: name a column of numbers")
        return self.values[name]


def with_values(sample: Sample, columns: Sequence[str], groups: Sequence[str] = ()) -> Sample:
    """Take ``columns`` as numbers or words; rows without a value are left out, and counted.

    Those of ``groups`` only tell groups apart and may mix numbers and words.

    Raises
    ------
    QuestionError
        When there is no such column.
    DataError
        When a column of numbers holds a few words, which would make it a category.
    """
    texts = {name: texts_of(sample, name) for name in columns}
    keep = [
        i for i in range(sample.yi.size) if all(texts[name][i] not in MISSING for name in columns)
    ]
    lost = sample.yi.size - len(keep)
    notes = sample.notes
    if lost:
        what = f"{lost} of {sample.yi.size} effects have no value for {', '.join(columns)}"
        notes += (f"{what}: left out",)
    labels = [sample.labels[i] for i in keep]
    values = {
        name: _typed(name, [texts[name][i] for i in keep], labels, grouping=name in groups)
        for name in columns
    }
    for name, column in values.items():
        notes += same_but_for_case(name, column)
    return Sample(
        sample.yi[keep],
        sample.vi[keep],
        None if sample.study is None else [sample.study[i] for i in keep],
        labels,
        sample.table.iloc[keep],
        values,
        notes,
    )


def texts_of(sample: Sample, name: str) -> list[str]:
    """Values of a column as words; one of `MISSING` where there is none.

    Raises
    ------
    QuestionError
        When there is no such column.
    """
    if name not in sample.table:
        raise QuestionError(f"No column {name!r}. Known are {', '.join(sample.table.columns)}")
    return [_text(value) for value in sample.table[name]]


def _text(value: Any) -> str:
    if isinstance(value, list | tuple | set):
        return "; ".join(str(item) for item in value)
    return "" if pd.isna(value) else str(value).strip()


def _typed(name: str, texts: list[str], labels: Sequence[str], *, grouping: bool) -> list[Any]:
    """A column as numbers, or as words where it is no column of numbers."""
    words = [i for i, text in enumerate(texts) if not _NUMBER.fullmatch(text)]
    if not words:
        return [float(text) for text in texts]
    numbers = len(texts) - sum(not DECIMAL_COMMA.fullmatch(texts[i]) for i in words)
    if grouping or 2 * numbers < len(texts):
        return list(texts)
    listed: dict[str, list[str]] = {}
    for i in words:
        listed.setdefault(texts[i], []).append(labels[i])
    shown = [f"{word!r} ({_some(where)})" for word, where in listed.items()]
    raise DataError(
        f"{name} is mostly numbers, but holds {_some(shown)}: leave a cell empty or write NA where "
        "the value is missing, write numbers with a decimal point, or give each level a word if "
        "these are categories"
    )


def _some(items: Sequence[str]) -> str:
    rest = len(items) - LISTED
    return ", ".join(items[:LISTED]) + (f" and {rest} more" if rest > 0 else "")


def same_but_for_case(name: str, values: Sequence[Any]) -> tuple[str, ...]:
    """Note on words that differ only in upper and lower case or in spaces, and so count twice."""
    spellings: dict[str, list[str]] = {}
    for value in dict.fromkeys(value for value in values if isinstance(value, str)):
        spellings.setdefault(" ".join(value.casefold().split()), []).append(value)
    return tuple(
        f"{name}: {_some([repr(word) for word in words])} differ only in case or spaces and are "
        "taken as different: write them alike if they are one"
        for words in spellings.values()
        if len(words) > 1
    )


def combined(sample: Sample, rho: float) -> Sample:
    """One effect for each study; numbers known about its effects are averaged.

    Raises
    ------
    DataError
        When the effects of one study differ in a word, such as the subgroup.
    """
    if sample.study is None or not sample.yi.size:
        return sample
    found = aggregate(sample.yi, sample.vi, sample.study, rho)
    order = {str(study): i for i, study in enumerate(found.study)}
    members: list[list[int]] = [[] for _ in order]
    for row, study in enumerate(sample.study):
        members[order[study]].append(row)
    notes = list(sample.notes)
    values = {
        name: _of_studies(name, column, members, list(order), notes)
        for name, column in sample.values.items()
    }
    first = [rows[0] for rows in members]
    return replace(
        sample,
        yi=np.asarray(found.yi),
        vi=np.asarray(found.vi),
        study=list(order),
        labels=[sample.labels[i] for i in first],
        table=sample.table.iloc[first],
        values=values,
        notes=tuple(notes),
    )


def _of_studies(
    name: str, column: list[Any], members: list[list[int]], studies: list[str], notes: list[str]
) -> list[Any]:
    different = [s for s, rows in enumerate(members) if len({column[i] for i in rows}) > 1]
    if different and isinstance(column[0], str):
        raise DataError(
            f"{name} differs among the effects of {studies[different[0]]}, which are combined: "
            "give it to pool --mods with --model three-level or che, where each effect counts"
        )
    if different:
        notes.append(f"{name} differs within {len(different)} studies: its mean was taken")
        return [float(np.mean([column[i] for i in rows])) for rows in members]
    return [column[rows[0]] for rows in members]
