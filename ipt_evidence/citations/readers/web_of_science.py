"""Web of Science's plain text (``.ciw``, ``savedrecs.txt``): two-letter tags, ``PT`` to ``ER``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ipt_evidence.citations.identifiers import normal_issn, registry_ids_in
from ipt_evidence.citations.normal_forms import date_of, keywords_of, normal_pages, page_range
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.fields import UNENDED, Tags, build_record, first_of, rejected
from ipt_evidence.citations.records import ReadResult, Record, Repaired

__all__ = ["cut_web_of_science", "find_web_of_science", "read_web_of_science"]

_TAGS: Tags = {
    "title": ("TI",),
    "container_title": ("SO",),
    "volume": ("VL",),
    "issue": ("IS",),
    "doi": ("DI", "D2"),
    "pmid": ("PM",),
    "abstract": ("AB",),
    "language": ("LA",),
}
_AUTHORS = ("AF", "AU", "BF", "BE", "ED")
_TYPES = {"B": "book", "C": "inproceedings", "S": "incollection", "P": "patent"}
_START = re.compile(r"\n(?:FN (?:Clarivate|Thomson|ISI)[^\n]*|PT [JBSP]\s*)(?=\n|\Z)")
_RECORD = re.compile(r"\nPT(?=[ \t\n])(?! *- )")
_HEADER = re.compile(r"(?:FN|VR|EF)(?: [^\n]*)?\n+")
_END = re.compile(r"\nER[ \t]*(?=\n|\Z)")
_LISTS = frozenset("AU AF BA BF CA GP BE ED CR C1 C3 RP EM RI OI".split())
_MIN_TAGS = 2


def find_web_of_science(text: str) -> int | None:
    """Where the header or the first record starts in ``text``; None when there is none."""
    match = _START.search(f"\n{text}")
    return match.start() if match else None


def cut_web_of_science(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    return text.rfind("\nPT ") + 1


def read_web_of_science(text: str) -> ReadResult:
    """Records of a Web of Science text; a record without ER is ended by the next, with a note."""
    result = ReadResult()
    for line, block, ended in _blocks(f"\n{text}"):
        raw = _fields(block)
        if len(raw) < _MIN_TAGS:
            result.rejected.append(rejected(line, block))
            continue
        record = _record(raw, line, block)
        result.records.append(record)
        if not ended:
            result.repaired.append(Repaired(line, record.key, UNENDED))
    return result


def _blocks(text: str) -> Iterator[tuple[int, str, bool]]:
    starts = [match.start() for match in _RECORD.finditer(text)]
    first = starts[0] if starts else len(text)
    begin = len(text) - len(text.lstrip("\n\ufeff"))
    while (header := _HEADER.match(text, begin)) is not None:
        begin = header.end()
    if text[begin:first].strip():  # a record whose first line is missing
        starts.insert(0, begin - 1)
    line = 0
    before = 0
    for start, stop in pairwise([*starts, len(text)]):
        line += text.count("\n", before, start + 1)
        before = start + 1
        end = _END.search(text, start, stop)
        yield line, text[start + 1 : end.start() if end else stop], end is not None


def _fields(block: str) -> dict[str, str]:
    """Tag → its value; names keep a line each, other wrapped lines are joined."""
    values: dict[str, list[str]] = {}
    tag = ""
    for line in block.split("\n"):
        if line[:2].isalnum() and line[2:3] in (" ", "") and line[:2].isupper():
            tag = line[:2]
            values.setdefault(tag, []).append(line[3:].strip())
        elif tag and line.strip() and line[:2] != "EF":
            values[tag].append(line.strip())
    return {tag: ("\n" if tag in _LISTS else " ").join(text) for tag, text in values.items()}


def _record(raw: dict[str, str], line: int, block: str) -> Record:
    get = raw.get
    authors, et_al = people_of(first_of(raw, _AUTHORS).split("\n"))
    corporate = filter(None, map(str.strip, (get("CA") or get("GP") or "").split("\n")))
    authors += ({"family": name, "given": ""} for name in corporate)
    year, date = date_of(
        get("PY"), f"{get('PD')} {get('PY')}" if get("PD") else get("EA") or get("EY")
    )
    words = ";".join(raw[tag] for tag in ("DE", "ID") if tag in raw)
    return build_record(
        raw,
        line,
        _TAGS,
        key=get("UT", "").strip().replace("WOS:", "wos"),
        type=_type(raw),
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        pages=page_range(get("BP"), get("EP")) or normal_pages(get("AR")),
        keywords=keywords_of(words, ";") if words else [],
        issn=normal_issn(get("SN")) or normal_issn(get("EI")),
        registry_ids=registry_ids_in(block),
    )


def _type(raw: dict[str, str]) -> str:
    kinds = raw.get("DT", "")
    if "Proceedings Paper" in kinds and raw.get("PT") != "J":
        return "inproceedings"
    if "Book Chapter" in kinds and raw.get("PT") != "J":
        return "incollection"
    return _TYPES.get(raw.get("PT", ""), "article")
