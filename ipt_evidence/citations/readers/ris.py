"""RIS: EndNote, Zotero, Mendeley, Scopus, Ovid, ProQuest, Rayyan, Covidence, publishers' sites.

A record starts at ``TY`` and ends at ``ER``; where either is missing, the other ends it, with a
note. Tags in lower case or with odd space around the dash are read, with a note. Lines without a
tag go on with the field before them. Every tag is kept in ``raw``, known or not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.abstracts import finish_abstracts
from ipt_evidence.citations.readers.fields import (
    date_of,
    keywords_of,
    reading_text,
    same_title,
    short_text,
)
from ipt_evidence.citations.readers.ris_fields import ODD_TAGS, exact_fields, fields_of
from ipt_evidence.citations.readers.ris_tags import (
    AUTHORS,
    EDITORS,
    JOURNALS,
    NOTES,
    RIS_TYPES,
    TITLES,
)
from ipt_evidence.citations.readers.ris_values import (
    first_of,
    key_of,
    pages_of,
    ris_doi,
    ris_pmid,
)
from ipt_evidence.citations.records import (
    ReadResult,
    Record,
    Rejected,
    Repaired,
    normal_issn,
    normal_language,
    normal_pmcid,
    normal_url,
)

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
    found = max(text.rfind("\nTY  -"), text.rfind("\nTY -"), text.rfind("\nty  -"))
    if found >= 0:
        return found + 1
    end = text.rfind("\nER  -")
    return text.find("\n", end + 1) + 1 if end >= 0 else 0


def read_ris(text: str) -> ReadResult:
    """Records of a RIS text; what has tags but nothing to read in them is rejected."""
    result = ReadResult()
    registered: list[list[str]] = []
    before, *parts = f"\n{text}".split("\nTY  -")
    for line, block, notes in _between(before, 1, []):
        _take(fields_of(block, notes), line, block, notes, result, registered)
    line = before.count("\n")
    for part in parts:
        line += 1
        lines = part.split("\n")
        following = line + len(lines) - 1
        exact = exact_fields(lines)
        if exact is not None:
            _take(exact, line, part, (), result, registered)
        else:
            for start, block, notes in _odd_record(part, line):
                _take(fields_of(block, notes), start, block, notes, result, registered)
        line = following
    finish_abstracts(result.records, registered)
    return result


def _take(
    raw: dict[str, str],
    line: int,
    block: str,
    notes: Sequence[str],
    result: ReadResult,
    registered: list[list[str]],
) -> None:
    """Add the record of ``raw`` to ``result``, and what may name a registration."""
    record = _record(raw, line)
    if record is None:
        shown = block.strip()[:_MAX_SHOWN]
        result.rejected.append(Rejected(line, shown, "the record has no field to read"))
        return
    result.records.append(record)
    registered.append([raw[tag] for tag in NOTES if tag in raw])
    for note in notes:
        result.repaired.append(Repaired(line, record.key, note))


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


@lru_cache(maxsize=1_000)
def _type(kind: str) -> str:
    return RIS_TYPES.get(kind.strip().upper(), "misc")


def _record(raw: dict[str, str], line: int) -> Record | None:
    """The record of ``raw``, its abstract as the file has it; None when there is nothing in it."""
    get = raw.get
    names = get("AU")
    if not names or "A1" in raw:
        if not any(value for tag, value in raw.items() if tag != "TY"):
            return None
        names = "\n".join(raw[tag] for tag in AUTHORS if tag in raw) or first_of(raw, EDITORS)
    authors, et_al = people_of(names.split("\n"))
    year, date = date_of(get("PY"), get("Y1"), get("DA"))
    title = reading_text(first_of(raw, TITLES) or ("" if get("JF") or get("JO") else get("T2")))
    container = short_text(first_of(raw, JOURNALS))
    return Record(
        key=key_of(raw["ID"]) if "ID" in raw else "",
        type=_type(get("TY", "")),
        source_line=line,
        raw=raw,
        title=title,
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        container_title=None if same_title(container, title) else container,
        volume=short_text(get("VL") or get("VO")),
        issue=short_text(get("IS") or get("CP")),
        pages=pages_of(raw),
        doi=ris_doi(raw),
        pmid=ris_pmid(raw),
        abstract=get("AB") or get("N2") or None,
        keywords=keywords_of(raw["KW"], "\n;") if "KW" in raw else [],
        url=normal_url(get("UR") or get("L2") or get("LK")),
        language=normal_language(raw["LA"]) if "LA" in raw else None,
        pmcid=normal_pmcid(raw["C2"]) if "C2" in raw else None,
        issn=normal_issn(get("SN")),
    )
