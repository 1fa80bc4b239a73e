"""EPPI-Reviewer's report as JSON: references, their status, and the codes that were put on them.

Codes become tags among the keywords; a code of the kind *Exclude* is the reason of an exclusion.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ipt_evidence.citations.readers.fields import rejected
from ipt_evidence.citations.readers.table_columns import known_columns
from ipt_evidence.citations.readers.tables import read_rows
from ipt_evidence.citations.records import ReadResult

__all__ = ["find_eppi", "read_eppi"]

_START = re.compile(r'\s*\{\s*"CodeSets"\s*:')
# The names of EPPI-Reviewer; its table export has the same, so they are read as its columns.
_FIELDS = (
    "ItemId", "Title", "ParentTitle", "Authors", "Year", "Month", "Volume", "Issue", "Pages",
    "StandardNumber", "DOI", "URL", "Abstract", "Keywords", "TypeName", "ItemStatus",
)  # fmt: skip
_COLUMNS = (*_FIELDS, "Tags", "Codes", "Reasons")


def find_eppi(text: str) -> int | None:
    """0 when ``text`` is such a report; otherwise None."""
    return 0 if _START.match(text) else None


def read_eppi(text: str) -> ReadResult:
    """Records of a report. A text that is no JSON is rejected as a whole, with the place."""
    try:
        report = json.loads(text)
    except (json.JSONDecodeError, RecursionError) as error:
        reason = f"the file is not valid JSON: {error}"[:300]
        return ReadResult(rejected=[rejected(1, text[:200], reason)])
    references = report.get("References")
    names = dict(_codes(report.get("CodeSets")))
    rows: list[tuple[int, list[str], str]] = []
    others = []
    for number, item in enumerate(references if isinstance(references, list) else [], 1):
        if isinstance(item, dict):
            rows.append((number, _cells(item, names), ""))
        else:
            others.append(rejected(number, str(item), "the reference is no object"))
    headings = ["Type name" if name == "TypeName" else name for name in _COLUMNS]
    result = read_rows(headings, known_columns(headings) or {}, rows)
    result.rejected += others
    result.note = ""
    return result


def _codes(sets: Any) -> Iterator[tuple[int, tuple[str, bool]]]:
    """Each code: its number, its name, and whether it excludes; codes stand within codes."""
    waiting = list(sets) if isinstance(sets, list) else []
    while waiting:
        one = waiting.pop()
        if not isinstance(one, dict):
            continue
        if "AttributeId" in one:
            excludes = str(one.get("AttributeType", "")).startswith("Exclude")
            yield one["AttributeId"], (_line(one.get("AttributeName")), excludes)
        inner = one.get("Attributes")
        listed = inner.get("AttributesList") if isinstance(inner, dict) else None
        waiting += listed if isinstance(listed, list) else []


def _line(value: Any) -> str:
    return " ".join(str(value or "").replace(";", ",").replace("|", "/").split())


def _cells(item: dict[str, Any], names: dict[int, tuple[str, bool]]) -> list[str]:
    codes: list[str] = []
    reasons: list[str] = []
    listed = item.get("Codes")
    for one in listed if isinstance(listed, list) else []:
        name, excludes = names.get(one.get("AttributeId"), ("", False)) if one else ("", False)
        if name:
            (reasons if excludes else codes).append(name)
    codes, reasons = list(dict.fromkeys(codes)), list(dict.fromkeys(reasons))
    plain = [
        str(item.get(name) or "").replace("\r\n", "\n").replace("\r", "\n") for name in _FIELDS
    ]
    # A line break behind each tag: otherwise a comma in the only one would part it.
    return [*plain, "".join(f"{code}\n" for code in codes), "\n".join(codes), "\n".join(reasons)]
