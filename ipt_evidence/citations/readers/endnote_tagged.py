"""EndNote's tagged format (``.enw``, refer): ``%0`` opens a record, a blank line ends it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.fields import (
    date_of,
    doi_of,
    keywords_of,
    pmid_of_accession,
    reading_text,
)
from ipt_evidence.citations.records import (
    ReadResult,
    Record,
    Rejected,
    Repaired,
    find_doi,
    normal_issn,
    normal_language,
    normal_pages,
    normal_pmcid,
    normal_url,
    registry_ids_in,
)

__all__ = ["ENDNOTE_TYPES", "cut_endnote_tagged", "find_endnote_tagged", "read_endnote_tagged"]

ENDNOTE_TYPES = {
    "journal article": "article",
    "electronic article": "article",
    "magazine article": "article",
    "newspaper article": "article",
    "article": "article",
    "ancient text": "book",
    "book": "book",
    "electronic book": "book",
    "edited book": "collection",
    "book section": "incollection",
    "electronic book section": "incollection",
    "encyclopedia": "inreference",
    "dictionary": "inreference",
    "conference paper": "inproceedings",
    "conference proceedings": "inproceedings",
    "thesis": "phdthesis",
    "report": "techreport",
    "government document": "techreport",
    "standard": "techreport",
    "unpublished work": "unpublished",
    "manuscript": "unpublished",
    "pamphlet": "booklet",
    "patent": "patent",
    "dataset": "dataset",
    "computer program": "software",
    "web page": "online",
    "blog": "online",
    "online database": "online",
    "online multimedia": "online",
}
"""EndNote's names of reference types, in lower case, as the tagged and the XML format have them."""

_START = re.compile(r"\n(?=%0 )")
_FIELD = re.compile(r"%([0-9A-Z@!#$&()*+?^<>\[\]~|=:])(?: |$)")
_RECORD = re.compile(r"\n(?:[ \t]*\n)*(?=%0 )|\n(?:[ \t]*\n)+(?=%[A-Z@] )")
_MAX_SHOWN = 2_000


def find_endnote_tagged(text: str) -> int | None:
    """Where the first record starts in ``text``; None when there is none."""
    match = _START.search(f"\n{text}")
    if match is not None:
        return match.start()
    first = re.search(r"\n%[ATDJ] [^\n]+\n%[A-Z0-9@] ", f"\n{text}")
    return first.start() if first else None


def cut_endnote_tagged(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    return text.rfind("\n%0 ") + 1


def read_endnote_tagged(text: str) -> ReadResult:
    """Records of an EndNote tagged text; every tag is kept in ``raw``."""
    result = ReadResult()
    for line, block in _blocks(text):
        raw = _fields(block)
        if not any(value for tag, value in raw.items() if tag != "%0"):
            shown = block.strip()[:_MAX_SHOWN]
            result.rejected.append(Rejected(line, shown, "the record has no field to read"))
            continue
        record = _record(raw, line, block)
        result.records.append(record)
        if "%0" not in raw:
            note = "the record has no type (%0)"
            result.repaired.append(Repaired(line, record.key, note))
    return result


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    line, position = 1, 0
    for match in [*_RECORD.finditer(text), None]:
        end = match.start() if match else len(text)
        block = text[position:end]
        lead = len(block) - len(block.lstrip("\n"))
        if _FIELD.match(block, lead) or re.search(r"^%[0-9A-Z@] ", block, re.MULTILINE):
            yield line + lead, block
        stop = match.end() if match else len(text)
        line += text.count("\n", position, stop)
        position = stop


def _fields(block: str) -> dict[str, str]:
    values: dict[str, list[str]] = {}
    tag = ""
    for line in block.split("\n"):
        if _FIELD.match(line):
            tag, value = line[:2], line[3:].strip()
        elif tag and line.strip():
            value = line.strip()
        else:
            continue
        values.setdefault(tag, []).append(value)
    return {tag: "\n".join(texts) for tag, texts in values.items()}


def _record(raw: dict[str, str], line: int, block: str) -> Record:
    get = raw.get
    authors, et_al = people_of((get("%A") or get("%E") or "").split("\n"))
    year, date = date_of(get("%D"), get("%8"), f"{get('%8')} {get('%D')}" if get("%8") else None)
    notes = get("%Z") or ""
    return Record(
        key=(get("%F") or "").strip().partition("\n")[0],
        type=ENDNOTE_TYPES.get((get("%0") or "").strip().lower(), "misc"),
        source_line=line,
        raw=raw,
        title=reading_text(get("%T")),
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        container_title=reading_text(get("%J") or get("%B") or get("%S")),
        volume=reading_text(get("%V")),
        issue=reading_text(get("%N")),
        pages=normal_pages((get("%P") or "").partition("\n")[0]),
        doi=doi_of(get("%R")) or _doi_of_address(get("%U")),
        pmid=pmid_of_accession(get("%M") or "", f"{get('%~') or ''} {get('%W') or ''}"),
        abstract=reading_text(get("%X")),
        keywords=keywords_of(get("%K") or "", "\n;"),
        url=normal_url(get("%U")),
        language=normal_language(get("%G")),
        pmcid=normal_pmcid(get("%2") or notes),
        issn=normal_issn(get("%@")),
        registry_ids=registry_ids_in(block),
    )


def _doi_of_address(value: str | None) -> str | None:
    return find_doi(value) if value and "doi.org/" in value else None
