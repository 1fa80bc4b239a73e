"""PubMed's text format (nbib, MEDLINE), also as PubMed Central and Ovid's relatives write it.

A field is a tag of up to four letters, filled up with blanks, and a dash; six blanks go on with the
field before. A record ends at a blank line, or at the next PMID. A stray line costs nothing but
itself; every tag is kept in ``raw``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from ipt_evidence.citations.readers.fields import with_repeats
from ipt_evidence.citations.readers.nbib_columns import key_of, nbib_columns
from ipt_evidence.citations.records import ReadResult, Rejected, Repaired

__all__ = ["cut_nbib", "find_nbib", "read_nbib"]

_MAX_SHOWN = 2_000
_MAX_NOTES = 5
_MAX_TAGS = 1_000
_WRAPPED = " " * 6
_TAG, _VALUE = slice(6), slice(6, None)  # made once: a line each is millions of them
_FIELD = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}-(?: |$)|(PMID|PMC) ?-")
_START = re.compile(r"\n(?:PMID|PMC|PMCR|OWN|STAT|FAU|DCOM|CRDT|EDAT|PHST)[ \t]{0,2}-")
_MARKS = frozenset({"PMID", "PMC", "PMCR", "OWN", "STAT"})


def find_nbib(text: str) -> int | None:
    """Where the first record starts in ``text``; None when it does not look like nbib."""
    match = _START.search(f"\n{text}")
    return match.start() if match else None


def cut_nbib(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    found = text.rfind("\n\nPM")
    found = max(found, text.rfind("\n\nOWN -", max(found, 0)))
    return found + 2 if found >= 0 else max(text.rfind("\nPMID-") + 1, 0)


def read_nbib(text: str) -> ReadResult:
    """Records of an nbib text; blocks with tags but without anything to cite are rejected."""
    found = _Found()
    for line, block in _blocks(text):
        exact = _exact_fields(block.split("\n"))
        if exact is not None:
            found.take(exact, line, block)
            continue
        for start, part in _at_identifiers(block, line):
            notes: list[str] = []
            found.take(_fields(part, notes), start, part, notes)
    return ReadResult([], found.rejected, found.repaired, "", nbib_columns(found.raws, found.lines))


class _Found:
    """The records of a text: their fields and the lines on which they start."""

    def __init__(self) -> None:
        self.raws: list[dict[str, str]] = []
        self.lines: list[int] = []
        self.rejected: list[Rejected] = []
        self.repaired: list[Repaired] = []

    def take(self, raw: dict[str, str], line: int, block: str, notes: Sequence[str] = ()) -> None:
        """Add the record of ``raw``, or reject its ``block`` when there is nothing in it."""
        if not any(raw.values()):
            if raw:  # otherwise it is running text between records
                shown = block.strip()[:_MAX_SHOWN]
                self.rejected.append(Rejected(line, shown, "the record has no field to read"))
            return
        self.raws.append(raw)
        self.lines.append(line)
        for note in notes:
            self.repaired.append(Repaired(line, key_of(raw), note))


class _Tags(dict[str, str]):
    """First six signs of a line → its tag, one text for all records; empty where there is none."""

    def __missing__(self, start: str) -> str:
        tag = start[:4].rstrip(" ") if start[4:] == "- " else ""
        if tag and len(self) < _MAX_TAGS:
            self[start] = tag
        return tag


_TAGS = _Tags({_WRAPPED: ""})


def _exact_fields(lines: list[str]) -> dict[str, str] | None:
    """Fields of a record without a stray line and with one identifier; otherwise None."""
    raw: dict[str, str] = {}
    more: dict[str, list[str]] = {}
    tag = ""
    wrapped: list[str] = []
    tags = _TAGS
    for line in lines:
        start = line[_TAG]
        found = tags[start]
        if not found:
            if start == _WRAPPED and tag:
                wrapped.append(line[_VALUE])
            elif line and not line.isspace():
                return None
            continue
        if wrapped:
            _wrap(raw, more, tag, wrapped)
        tag = found
        if tag not in raw:
            raw[tag] = line[_VALUE]
        elif tag in more:
            more[tag].append(line[_VALUE])
        elif tag in ("PMID", "PMC"):
            return None
        else:
            more[tag] = [line[_VALUE]]
    if wrapped:
        _wrap(raw, more, tag, wrapped)
    return with_repeats(raw, more) if more else raw


def _wrap(raw: dict[str, str], more: dict[str, list[str]], tag: str, wrapped: list[str]) -> None:
    """Put the lines ``wrapped`` behind the last value of ``tag``, and forget them."""
    *inner, last = wrapped
    first = more[tag].pop() if tag in more else raw[tag]
    value = " ".join([*[text.removesuffix(" ") for text in (first, *inner)], last])
    if tag in more:
        more[tag].append(value)
    else:
        raw[tag] = value
    wrapped.clear()


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Each block's first line and text: a record, or several that no blank line parts.

    Blank lines inside a record do not end it.
    """
    line = 1
    pending: list[str] = []
    pending_line = 1
    for part in text.split("\n\n"):
        whole = part.lstrip("\n")
        start = line + len(part) - len(whole)
        line += part.count("\n") + 2
        if not whole:
            continue
        if pending and not _opens(whole):
            pending.append(whole)
            continue
        if pending:
            yield pending_line, "\n\n".join(pending)
        pending, pending_line = [whole], start
    if pending:
        yield pending_line, "\n\n".join(pending)


def _opens(block: str) -> bool:
    """Whether a block starts a record of its own: it names an identifier or its own title."""
    if block.startswith(("PMID", "PMC", "OWN ", "STAT")):
        return True
    tags = {match.group(1) for line in block.split("\n") if (match := _FIELD.match(line))}
    return bool(tags & _MARKS) or {"TI", "AU"} <= tags or {"TI", "FAU"} <= tags


def _at_identifiers(block: str, line: int) -> Iterator[tuple[int, str]]:
    """``block`` cut where a PMID stands that no blank line parts from the record before it."""
    if block.find("\nPMID") < 0 and block.find("\nPMC") < 0:
        yield line, block
        return
    start = 0
    seen: set[str] = set()
    for match in re.finditer(r"^(PMID|PMC) {0,2}-", block, re.MULTILINE):
        tag = match.group(1)
        fresh = block[start : match.start()].strip()
        if tag in seen and fresh:
            yield line + block.count("\n", 0, start), block[start : match.start()]
            start, seen = match.start(), set()
        seen.add(tag)
    yield line + block.count("\n", 0, start), block[start:]


def _fields(block: str, notes: list[str]) -> dict[str, str]:
    """Tag → its values, a line each, wrapped lines joined."""
    raw: dict[str, str] = {}
    more: dict[str, list[str]] = {}
    tag = ""
    if "\n      " in block:
        block = block.replace(" \n      ", " ").replace("\n      ", " ")
    for line in block.split("\n"):
        if line[4:6] == "- ":
            tag, value = line[:4], line[6:]
            if tag[3] == " ":
                tag = tag.rstrip()
        elif not line or line.isspace():
            continue
        else:
            match = _FIELD.match(line)
            if match is None:
                if tag:
                    _note_stray(line, tag, notes)
                    more.setdefault(tag, []).append(line.strip())
                continue
            tag, value = match.group(1) or match.group(2), line[match.end() :].strip()
        if tag not in raw:
            raw[tag] = value
        else:
            more.setdefault(tag, []).append(value)
    return with_repeats(raw, more) if more else raw


def _note_stray(line: str, tag: str, notes: list[str]) -> None:
    if line[0] == " ":
        return
    if len(notes) < _MAX_NOTES:
        notes.append(f"a line without a tag was kept with {tag}: {line[:40]!r}")
    elif len(notes) == _MAX_NOTES:
        notes.append("further lines without a tag were kept")
