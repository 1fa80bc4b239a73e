"""The rules of the Metapsy standard, checked on a file as text.

In our own words after docs.metapsy.org/data-preparation/format and what metapsyTools refuses:
columns that must be there, names, separators, blanks, missing values, one kind of effect data a
row, and identifiers that tell every row from every other.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from ipt_evidence.evidence.problems import Problem
from ipt_evidence.exchange.metapsy.standard import (
    CHANGE,
    DOTTED,
    EVENTS,
    ID_COLUMNS,
    MEANS,
    NUMERIC,
    PRECALCULATED,
    REQUIRED,
)

__all__ = ["check_format"]

_NUMBER = re.compile(r"-?\d+(?:,\d+)?(?:[eE][+-]?\d+)?")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*")
_STUDY = re.compile(r"\S.*, (?:19|20)\d\d[a-z]?")
_GROUPS = (MEANS, CHANGE, EVENTS, PRECALCULATED[:2], PRECALCULATED[2:])


def check_format(text: str, file: str = "data.csv") -> list[Problem]:
    """Every rule that ``text`` breaks; an empty list for a file of the standard."""
    records = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))
    if not records:
        return [Problem(file=file, reason="the file is empty", remedy="Write the header at least")]
    header, *rows = records
    found = [
        Problem(file=file, line=1, column=name, reason=reason, remedy=remedy)
        for name, reason, remedy in _header(header)
    ]
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            reason = f"{len(cells)} cells where the header has {len(header)}"
            found.append(Problem(file=file, line=line, reason=reason, remedy="Complete the row"))
            continue
        row = dict(zip(header, cells, strict=True))
        found += [
            Problem(file=file, line=line, column=name, key=row.get("study", ""),
                    value=row.get(name, ""), reason=reason, remedy=remedy)
            for name, reason, remedy in (*_cells(row), *_effect_data(row))
        ]  # fmt: skip
        key = tuple(row.get(name, "NA") for name in ID_COLUMNS)
        if key in seen:
            reason = f"the row cannot be told from line {seen[key]}"
            remedy = "Name the arms in multi_arm1 and multi_arm2, or the outcome more exactly"
            found.append(Problem(file=file, line=line, key=row.get("study", ""),
                                 reason=reason, remedy=remedy))  # fmt: skip
        seen.setdefault(key, line)
    return found


_Fault = tuple[str, str, str]


def _header(header: list[str]) -> Iterator[_Fault]:
    for name in REQUIRED:
        if name not in header:
            yield name, f"the required column {name} is missing", "Add it; NA where unknown"
    for name in header:
        if header.count(name) > 1:
            yield name, f"the column {name} stands there twice", "Keep one"
        if name not in DOTTED and not _NAME.fullmatch(name):
            yield name, f"{name!r} is not in snake_case of plain letters", "Rename the column"


def _cells(row: dict[str, str]) -> Iterator[_Fault]:
    for name, value in row.items():
        if value == "":
            yield name, "the cell is empty", "Write NA"
        if value != value.strip():
            yield name, "the cell begins or ends with a blank", "Remove it"
        if ";" in value:
            yield name, "the cell holds a semicolon", "Write a comma"
        if "\n" in value or "\r" in value:
            yield name, "the cell holds a line break", "Write a blank"
        if name in NUMERIC and value != "NA" and not _NUMBER.fullmatch(value):
            yield name, f"{value!r} is not a number with a decimal comma", "Correct it, or NA"
    if not _STUDY.fullmatch(row.get("study", "")):
        yield "study", "the study is not named like Smith, 2011", "Write family name, comma, year"
    for name in ("condition_arm1", "condition_arm2", "outcome_type", "instrument", "time"):
        if row.get(name, "NA") == "NA":
            yield name, "a value is required", "Fill it in"
    if (row.get("multi_arm1") == "NA") != (row.get("multi_arm2") == "NA"):
        yield "multi_arm2", "one arm of a multi-arm trial is named and the other not", "Name both"


def _effect_data(row: dict[str, str]) -> Iterator[_Fault]:
    """Exactly one group of effect data is filled, and filled whole."""
    filled = [group for group in _GROUPS if any(row.get(name, "NA") != "NA" for name in group)]
    if len(filled) != 1:
        what = "no effect data" if not filled else "two kinds of effect data"
        yield "outcome_type", f"the row holds {what}", "Fill one group of columns, NA in the others"
    for group in filled:
        for name in group:
            if row.get(name, "NA") == "NA":
                yield name, "a number of this group is missing", "Fill the group, or none of it"
