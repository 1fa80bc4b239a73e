"""The Metapsy data standard: its columns, their other names, and its rules, checked on a file.

Described at https://docs.metapsy.org/data-preparation/format/ and checked there by the functions
``checkDataFormat`` and ``checkConflicts`` of metapsyTools; here are our own words and code. Arm 1
is the treatment, arm 2 what it is compared with. Missing is ``NA``.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator

from ipt_evidence.evidence.csv_tables import Problem

__all__ = [
    "ALIASES",
    "CHANGE",
    "EVENTS",
    "ID_COLUMNS",
    "MEANS",
    "NUMERIC",
    "REQUIRED",
    "RESPONSE_ALIASES",
    "RESPONSE_OUTCOME",
    "STANDARD",
    "check_format",
]

DESIGN = ("study", "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2", "outcome_type",
          "instrument", "time", "time_weeks", "rating")  # fmt: skip
MEANS = ("mean_arm1", "mean_arm2", "sd_arm1", "sd_arm2", "n_arm1", "n_arm2")
CHANGE = ("mean_change_arm1", "mean_change_arm2", "sd_change_arm1", "sd_change_arm2",
          "n_change_arm1", "n_change_arm2")  # fmt: skip
EVENTS = ("event_arm1", "event_arm2", "totaln_arm1", "totaln_arm2")
PRECALCULATED = ("precalc_g", "precalc_g_se", "precalc_log_rr", "precalc_log_rr_se")
DOTTED = (".id", ".g", ".g_se", ".log_rr", ".log_rr_se", ".event_arm1", ".event_arm2",
          ".totaln_arm1", ".totaln_arm2")  # fmt: skip

STANDARD = (*DESIGN, *MEANS, *CHANGE, *EVENTS, *PRECALCULATED, *DOTTED)

REQUIRED = (*DESIGN, *MEANS, *EVENTS)
"""Columns without which metapsyTools refuses a data set."""

ID_COLUMNS = ("study", "outcome_type", "instrument", "time", "time_weeks", "rating",
              "condition_arm1", "condition_arm2", "multi_arm1", "multi_arm2")  # fmt: skip
"""Together they must tell every row from every other."""

_STANDARD_NUMBERS = (
    *MEANS, *CHANGE, *EVENTS, *PRECALCULATED, *(name for name in DOTTED if name != ".id"),
)  # fmt: skip
NUMERIC = (*_STANDARD_NUMBERS, "time_weeks", "year", "rand_arm1", "rand_arm2", "mean_age",
           "percent_women", "n_sessions_arm1")  # fmt: skip
"""Columns that we read as numbers; all others stay text."""

ALIASES = {
    "n_randomized_arm1": "rand_arm1",
    "n_randomized_arm2": "rand_arm2",
    "female_percent": "percent_women",
    "n_sessions_ig": "n_sessions_arm1",
    "condition_arm1.detail": "detail_arm1",
    "condition_arm2.detail": "detail_arm2",
    "descr_arm1": "detail_arm1",
    "descr_arm2": "detail_arm2",
    "overall_rob": "rob_words",
    "reference": "full_ref",
}
"""Names that databases use beside those of the standard → ours. Compared in lower case."""

RESPONSE_ALIASES = {
    "study.es": "row_label",
    "therapy": "condition_arm1",
    "improved.ig": "event_arm1",
    "n.ig": "totaln_arm1",
    "improved.cg": "event_arm2",
    "n.cg": "totaln_arm2",
    "logrr": ".log_rr",
    "se.logrr": ".log_rr_se",
    "patient": "target_group",
}
"""The other schema: response rates, one row a comparison, without instrument or g."""

RESPONSE_OUTCOME = "response (calculated)"


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
    found = [Problem(file, why, remedy, 1, name) for name, why, remedy in _header(header)]
    seen: dict[tuple[str, ...], int] = {}
    for line, cells in enumerate(rows, start=2):
        if len(cells) != len(header):
            reason = f"{len(cells)} cells where the header has {len(header)}"
            found.append(Problem(file, reason, "Complete the row", line))
            continue
        row = dict(zip(header, cells, strict=True))
        study = row.get("study", "")
        found += [
            Problem(file, reason, remedy, line, name, study, row.get(name, ""))
            for name, reason, remedy in (*_cells(row), *_effect_data(row))
        ]
        key = tuple(row.get(name, "NA") for name in ID_COLUMNS)
        if key in seen:
            reason = f"the row cannot be distinguished from line {seen[key]}"
            remedy = "Name the arms in multi_arm1 and multi_arm2, or the outcome more exactly"
            found.append(Problem(file, reason, remedy, line, key=study))
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
