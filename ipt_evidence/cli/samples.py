"""Effects with what is known about each: values taken from their table, studies combined."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ipt_evidence.errors import DataError, QuestionError
from ipt_evidence.meta_analysis.dependent_effects import aggregate

__all__ = ["MISSING", "Sample", "combined", "texts_of", "with_values"]

MISSING = ("", "NA", "NaN", "nan", "<NA>")  # what a spreadsheet leaves where nothing is known


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


def with_values(sample: Sample, columns: Sequence[str]) -> Sample:
    """Take ``columns`` as numbers or words; rows without a value are left out, and counted.

    Raises
    ------
    QuestionError
        When there is no such column.
    """
    texts = {name: texts_of(sample, name) for name in columns}
    keep = [
        i for i in range(sample.yi.size) if all(texts[name][i] not in MISSING for name in columns)
    ]
    lost = sample.yi.size - len(keep)
    note = f"{lost} of {sample.yi.size} effects have no value for {', '.join(columns)}: left out"
    return Sample(
        sample.yi[keep],
        sample.vi[keep],
        None if sample.study is None else [sample.study[i] for i in keep],
        [sample.labels[i] for i in keep],
        sample.table.iloc[keep],
        {name: _typed([texts[name][i] for i in keep]) for name in columns},
        (*sample.notes, note) if lost else sample.notes,
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


def _typed(texts: list[str]) -> list[Any]:
    try:
        return [float(text) for text in texts]
    except ValueError:
        return list(texts)


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
