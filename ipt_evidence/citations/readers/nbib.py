"""PubMed's text format (nbib, MEDLINE), also as PubMed Central and Ovid's relatives write it.

A field is a tag of up to four letters, filled up with blanks, and a dash; six blanks go on with the
field before. A record ends at a blank line, or at the next PMID. A stray line costs nothing but
itself; every tag is kept in ``raw``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ipt_evidence.citations.identifiers import doi_of, normal_pmid, registry_ids_in
from ipt_evidence.citations.normal_forms import date_of, keywords_of, normal_pages, reading_text
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.fields import (
    Tags,
    build_record,
    first_of,
    join_repeats,
    rejected,
)
from ipt_evidence.citations.records import Person, ReadResult, Record, Repaired

__all__ = ["NBIB_TYPES", "cut_nbib", "find_nbib", "read_nbib"]

_TAGS: Tags = {
    "title": ("TI", "BTI", "CTI", "TT"),
    "container_title": ("JT", "BTI", "TA"),
    "volume": ("VI",),
    "issue": ("IP",),
    "pages": ("PG",),
    "language": ("LA",),
    "pmcid": ("PMC",),
    "issn": ("IS",),
}
_FIRST_LINE = ("JT", "PG", "LA")
"""Fields of which only the first value counts."""

_DATES = ("DP", "DEP", "EDAT", "PHST")
_KEYWORDS = ("OT", "MH")
_REGISTERED = ("SI", "TI", "CN", "GR")
"""Fields, beside the abstract, that may name a trial's registration."""

NBIB_TYPES = (
    ("Book Chapter", "incollection"),
    ("Book", "book"),
    ("Technical Report", "techreport"),
    ("Preprint", "unpublished"),
    ("Dataset", "dataset"),
    ("Academic Dissertation", "phdthesis"),
    ("Conference Proceedings", "inproceedings"),
)
_EXACT_TAGS = {
    f"{tag:4}- ": tag
    for tag in (
        "PMID OWN STAT DCOM LR IS VI IP DP TI PG LID AID AB CI FAU AU AD AUID LA SI GR PT DEP PL "
        "TA JT JID SB MH OT OTO COIS EDAT MHDA CRDT PHST PST SO PMC PMCR RN CN EIN CIN TT BTI"
    ).split()
}
"""A line's first six characters → its tag, as one text for all records."""

_MAX_NOTES = 5
_FIELD = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}-(?: |$)|(PMID|PMC) ?-")
_START = re.compile(r"\n(?:PMID|PMC|PMCR|OWN|STAT|FAU|DCOM|CRDT|EDAT|PHST)[ \t]{0,2}-")
_IDENTIFIER = re.compile(r"^(PMID|PMC) {0,2}-", re.MULTILINE)
_MARKS = frozenset({"PMID", "PMC", "PMCR", "OWN", "STAT"})
_DOI_ENDING = re.compile(r"(\S+)\s*\[doi\]")


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
    result = ReadResult()
    for first_line, block in _blocks(text):
        for line, part in _at_identifiers(block, first_line):
            notes: list[str] = []
            raw = _fields(part, notes)
            if any(raw.values()):
                record = _record(raw, line)
                result.records.append(record)
                if notes:
                    result.repaired += (Repaired(line, record.key, note) for note in notes)
            elif raw:  # otherwise it is running text between records
                result.rejected.append(rejected(line, part))
    return result


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
    start = 0
    if "\nPM" in block and ("\nPMID" in block or block.count("\nPMC") > 1):
        seen: set[str] = set()
        for match in _IDENTIFIER.finditer(block):
            tag = match.group(1)
            if tag in seen and block[start : match.start()].strip():
                yield line + block.count("\n", 0, start), block[start : match.start()]
                start, seen = match.start(), set()
            seen.add(tag)
    yield line + block.count("\n", 0, start), block[start:]


def _fields(block: str, notes: list[str]) -> dict[str, str]:
    """Tag → its values, a line each, wrapped lines joined; stray lines are said in ``notes``."""
    raw: dict[str, str] = {}
    more: dict[str, list[str]] = {}
    tag = ""
    if "\n      " in block:
        block = block.replace(" \n      ", " ").replace("\n      ", " ")
    for line in block.split("\n"):
        if (exact := _EXACT_TAGS.get(line[:6])) is not None:
            tag, value = exact, line[6:]
        elif line[4:6] == "- ":
            tag, value = line[:4].rstrip(), line[6:]
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
        elif tag in more:
            more[tag].append(value)
        else:
            more[tag] = [value]
    return join_repeats(raw, more)


def _note_stray(line: str, tag: str, notes: list[str]) -> None:
    if line[0] == " ":
        return
    if len(notes) < _MAX_NOTES:
        notes.append(f"a line without a tag was kept with {tag}: {line[:40]!r}")
    elif len(notes) == _MAX_NOTES:
        notes.append("further lines without a tag were kept")


def _record(raw: dict[str, str], line: int) -> Record:
    firsts = {tag: raw[tag].partition("\n")[0] for tag in _FIRST_LINE if "\n" in raw.get(tag, "")}
    number = raw.get("PMID", "").strip()  # ERIC has its own numbers here, such as EJ1200001
    pmid = None if number[:1].isalpha() else normal_pmid(number)
    authors, et_al = _authors(raw)
    year, date = date_of(first_of(raw, _DATES))
    abstract = reading_text(raw.get("AB"))
    words = "\n".join(raw[tag] for tag in _KEYWORDS if tag in raw)
    record = build_record(
        raw | firsts if firsts else raw,
        line,
        _TAGS,
        key=f"pmid{pmid}" if pmid else "",
        type=_type(raw),
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        doi=_doi(raw),
        pmid=pmid,
        abstract=abstract,
        keywords=keywords_of(words.replace("*", "")) if words else [],
        registry_ids=registry_ids_in(abstract, *map(raw.get, _REGISTERED)),
    )
    record.raw = raw
    record.pages = record.pages or _article_number(raw)
    record.title = plain_title(record.title)
    return record


def plain_title(title: str | None) -> str | None:
    """``title`` without PubMed's brackets around translations and its closing full stop.

    Of two full stops one is the title's own; three are its end, and PubMed adds none to them.
    """
    if not title:
        return None
    if title[-1] == "." and (title[-3:] != "..." or title[-4:] == "...."):
        title = title[:-1]
    if title and title[0] == "[" and title[-1] == "]" and title.count("[") == 1:
        title = title[1:-1].rstrip(".")
    return title or None


def _authors(raw: dict[str, str]) -> tuple[list[Person], bool]:
    full, short = raw.get("FAU"), raw.get("AU")
    names = full.split("\n") if full else []
    if short and short.count("\n") >= len(names):
        names = short.split("\n")  # older records give full names to none
    people, et_al = people_of(names)
    if corporate := raw.get("CN"):
        people += [
            {"family": name.strip(), "given": ""} for name in corporate.split("\n") if name.strip()
        ]
    if not people and (editors := raw.get("FED") or raw.get("ED")):
        people, et_al = people_of(editors.split("\n"))
    return people, et_al


def _doi(raw: dict[str, str]) -> str | None:
    for tag in ("LID", "AID"):
        value = raw.get(tag)
        if value and "10." in value:
            match = _DOI_ENDING.search(value)
            found = doi_of(match.group(1) if match else value)
            if found:
                return found
    source = raw.get("SO")
    return doi_of(source[source.find("doi") :]) if source and "doi" in source else None


_NUMBER = re.compile(r"^((?:[A-Za-z]{1,3}\.?)?\d[\w.-]{0,15})\s*\[pii\]", re.MULTILINE)
_PUBLISHERS_NUMBER = re.compile(r"[a-z]{1,3}\.?\d{2}[\w-]*\d{4,}|\d{7,}|.*\d-\d", re.IGNORECASE)


def _article_number(raw: dict[str, str]) -> str | None:
    """The number of an article without pages; a publisher's own long number (pii) is none."""
    match = _NUMBER.search(f"{raw.get('LID', '')}\n{raw.get('AID', '')}")
    if match is not None and not _PUBLISHERS_NUMBER.fullmatch(match.group(1)):
        return normal_pages(match.group(1))
    return None


def _type(raw: dict[str, str]) -> str:
    if raw.get("BTI"):
        return "incollection" if raw.get("TI") else "book"
    return _type_named(raw.get("PT", ""))


@lru_cache(maxsize=4096)
def _type_named(types: str) -> str:
    return next((kind for name, kind in NBIB_TYPES if name in types), "article")
