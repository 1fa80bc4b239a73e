"""RIS: EndNote, Zotero, Mendeley, Scopus, Ovid, ProQuest, Rayyan, Covidence, publishers' sites.

A record starts at ``TY`` and ends at ``ER``; where either is missing, the other ends it, with a
note. Tags in lower case or with odd space around the dash are read, with a note. Lines without a
tag go on with the field before them. Every tag is kept in ``raw``, known or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ipt_evidence.citations.readers.fields import one_table
from ipt_evidence.citations.readers.ris_columns import key_of, ris_columns
from ipt_evidence.citations.readers.ris_fields import ODD_TAGS, exact_fields, fields_of
from ipt_evidence.citations.records import ReadResult, Rejected, Repaired

__all__ = ["cut_ris", "find_ris", "read_ris"]

_MAX_SHOWN = 2_000
_NEAR_END = 40
_BLANK = 4

_START = re.compile(r"\n[ \t\ufeff]*[Tt][Yy][ \t]{0,3}-")
_END = re.compile(r"\n[ \t]*[Ee][Rr](?:[ \t]{1,3}-|-[ \t]*(?=\n|\Z)|[ \t]{2}(?=\n|\Z))")
_TAGGED = re.compile(r"\n[A-Z][A-Z0-9]  -(?: |(?=\n)|\Z)")


def find_ris(text: str) -> int | None:
    """Where the first record starts in ``text``; None when it does not look like RIS."""
    text = f"\n{text}"
    match = _START.search(text)
    if match is not None:
        return match.start() if text[match.end() :].strip() else None
    first = _TAGGED.search(text)  # records without TY
    return first.start() if first and _END.search(text) else None


def cut_ris(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    found = text.rfind("\nTY  -")
    for odd in ("\nTY -", "\nty  -"):
        found = max(found, text.rfind(odd, max(found, 0)))
    if found >= 0:
        return found + 1
    end = text.rfind("\nER  -")
    return text.find("\n", end + 1) + 1 if end >= 0 else 0


def read_ris(text: str) -> ReadResult:
    """Records of a RIS text; what has tags but nothing to read in them is rejected."""
    found = _Found()
    before, *parts = f"\n{text}".split("\nTY  -")
    for start, block, notes in _between(before, 1, []):
        found.take(fields_of(block, notes), start, block, notes)
    line = before.count("\n")
    table = one_table()
    for part in parts:
        line += 1
        lines = part.split("\n")
        following = line + len(lines) - 1
        exact = exact_fields(lines, table)
        if exact is not None:
            found.take(exact, line, part)
        else:
            for start, block, notes in _odd_record(part, line):
                found.take(fields_of(block, notes), start, block, notes)
        line = following
    return ReadResult([], found.rejected, found.repaired, "", ris_columns(found.raws, found.lines))


class _Found:
    """The records of a text: their fields and the lines on which they start."""

    def __init__(self) -> None:
        self.raws: list[dict[str, str]] = []
        self.lines: list[int] = []
        self.rejected: list[Rejected] = []
        self.repaired: list[Repaired] = []

    def take(self, raw: dict[str, str], line: int, block: str, notes: Sequence[str] = ()) -> None:
        """Add the record of ``raw``, or reject its ``block`` when there is nothing in it."""
        if not raw.get("AU") and not any(value for tag, value in raw.items() if tag != "TY"):
            shown = block.strip()[:_MAX_SHOWN]
            self.rejected.append(Rejected(line, shown, "the record has no field to read"))
            return
        self.raws.append(raw)
        self.lines.append(line)
        for note in notes:
            self.repaired.append(Repaired(line, key_of(raw.get("ID")), note))


def _odd_record(part: str, line: int) -> Iterator[tuple[int, str, list[str]]]:
    """The record of a part in which a line is odd, or the records where it ends more than once."""
    end = part.rfind("\nER  -", -_NEAR_END)
    ended = end > 0 and part.find("\n", end + 6) >= len(part) - _BLANK
    if ended and part.find("\nER  -", 0, end) < 0 and "\nTY" not in part:
        yield line, part[:end], []
    else:
        yield from _between(part, line, None)


def _between(text: str, line: int, notes: list[str] | None) -> Iterator[tuple[int, str, list[str]]]:
    """Records of a stretch that is not one exact record: odd TY or ER, none, or text behind ER.

    ``text`` begins with the value of a TY on ``line`` where ``notes`` is None, otherwise with the
    line feed before ``line``.
    """
    starts = [match.span() for match in _START.finditer(text)]
    first = starts[0][0] if starts else len(text)
    if notes is None:
        yield from _one(text[:first], line, [])
    else:
        yield from _without_type(text[:first], line)
        line -= 1
    for (start, begin), (stop, _) in pairwise([*starts, (len(text), 0)]):
        yield from _one(text[begin:stop], line + text.count("\n", 0, start + 1), [ODD_TAGS])


def _one(text: str, line: int, notes: list[str]) -> Iterator[tuple[int, str, list[str]]]:
    """The record that starts with the value of its TY, and what follows its end."""
    match = _END.search(text)
    end = match.start() if match else len(text)
    if match is None:
        notes.append("the record is not ended (ER)")
    elif not text.startswith("\nER  -", end) and ODD_TAGS not in notes:
        notes.append(ODD_TAGS)
    yield line, text[:end], notes
    behind = text.find("\n", end + 1)
    if behind >= 0:
        yield from _without_type(text[behind:], line + text.count("\n", 0, behind) + 1)


def _without_type(text: str, line: int) -> Iterator[tuple[int, str, list[str]]]:
    """Records that have no TY, as fields followed by ER; anything else between records is none.

    ``text`` begins with the line feed before line number ``line``.
    """
    position = 0
    while (first := _TAGGED.search(text, position)) is not None:
        start = first.start()
        match = _END.search(text, start)
        end = match.start() if match else len(text)
        block = text[start:end]
        if end > start and (match or len(_TAGGED.findall(block)) > 1):
            yield line + text.count("\n", 0, start), block, ["the record has no type (TY)"]
        position = match.end() if match else len(text)
