"""PubMed's text format (nbib, MEDLINE), also as PubMed Central and Ovid's relatives write it.

A field is a tag of up to four letters, filled up with blanks, and a dash; six blanks go on with the
field before. A record ends at a blank line, or at the next PMID. A stray line costs nothing but
itself; every tag is kept in ``raw``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.fields import (
    date_of,
    doi_of,
    keywords_of,
    reading_text,
    short_text,
    with_repeats,
)
from ipt_evidence.citations.records import (
    Person,
    ReadResult,
    Record,
    Rejected,
    Repaired,
    normal_issn,
    normal_language,
    normal_pages,
    normal_pmcid,
    normal_pmid,
    registry_ids_in,
)

__all__ = ["cut_nbib", "find_nbib", "read_nbib"]

_MAX_SHOWN = 2_000
_MAX_NOTES = 5
_FIELD = re.compile(r"([A-Z][A-Z0-9]{1,3}) {0,2}-(?: |$)|(PMID|PMC) ?-")
_START = re.compile(r"\n(?:PMID|PMC|PMCR|OWN|STAT|FAU|DCOM|CRDT|EDAT|PHST)[ \t]{0,2}-")
_RECORD_START = re.compile(r"\n(?=(?:PMID|PMC) {0,2}-)")
_ELLIPSIS = re.compile(r"(?<!\.)\.{3}$")
_MARKS = frozenset({"PMID", "PMC", "PMCR", "OWN", "STAT"})
_DOI_ENDING = re.compile(r"(\S+)\s*\[doi\]")
_TYPES = (
    ("Book", "book"),
    ("Technical Report", "techreport"),
    ("Preprint", "unpublished"),
    ("Dataset", "dataset"),
    ("Academic Dissertation", "phdthesis"),
    ("Conference Proceedings", "inproceedings"),
)


def find_nbib(text: str) -> int | None:
    """Where the first record starts in ``text``; None when it does not look like nbib."""
    match = _START.search(f"\n{text}")
    return match.start() if match else None


def cut_nbib(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    found = max(text.rfind("\n\nPM"), text.rfind("\n\nOWN -"))
    return found + 2 if found >= 0 else max(text.rfind("\nPMID-") + 1, 0)


def read_nbib(text: str) -> ReadResult:
    """Records of an nbib text; blocks with tags but without anything to cite are rejected."""
    result = ReadResult()
    for line, block in _blocks(text):
        notes: list[str] = []
        raw = _fields(block, notes)
        if not raw:
            continue  # running text between records
        record = _record(raw, line, block)
        if record is None:
            shown = block.strip()[:_MAX_SHOWN]
            result.rejected.append(Rejected(line, shown, "the record has no field to read"))
            continue
        result.records.append(record)
        for note in notes:
            result.repaired.append(Repaired(line, record.key, note))
    return result


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Each record's first line and text. Blank lines inside a record do not end it."""
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
            yield from _at_identifiers("\n\n".join(pending), pending_line)
        pending, pending_line = [whole], start
    if pending:
        yield from _at_identifiers("\n\n".join(pending), pending_line)


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


def _record(raw: dict[str, str], line: int, block: str) -> Record | None:
    if not any(raw.values()):
        return None
    get = raw.get
    pmid = normal_pmid(get("PMID"))
    authors, et_al = _authors(raw)
    year, date = date_of(get("DP") or get("DEP") or get("EDAT") or get("PHST"))
    abstract = get("AB")
    keywords = "\n".join(raw[tag] for tag in ("OT", "MH") if tag in raw)
    return Record(
        key=f"pmid{pmid}" if pmid else "",
        type=_type(get("PT") or "", get("BTI")),
        source_line=line,
        raw=raw,
        title=_title(get("TI") or get("BTI") or get("CTI") or get("TT")),
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        container_title=short_text(_first_line(get("JT")) or get("BTI") or get("TA")),
        volume=short_text(get("VI")),
        issue=short_text(get("IP")),
        pages=normal_pages(_first_line(get("PG"))),
        doi=_doi(raw),
        pmid=pmid,
        abstract=reading_text(abstract.replace("\n", " ") if abstract else None),
        keywords=keywords_of(keywords.replace("*", "")) if keywords else [],
        language=_language(get("LA")),
        pmcid=normal_pmcid(get("PMC")),
        issn=normal_issn(get("IS")),
        registry_ids=registry_ids_in(abstract, get("SI"), get("TI"), get("CN"), get("GR")),
    )


@lru_cache(maxsize=1_000)
def _language(value: str | None) -> str | None:
    return normal_language(_first_line(value))


def _first_line(value: str | None) -> str:
    return value.partition("\n")[0] if value else ""


def _title(value: str | None) -> str | None:
    """The title without PubMed's brackets around translations and its closing full stop.

    Of two full stops one is the title's own; three are its end, and PubMed adds none to them.
    """
    title = reading_text(value)
    if not title:
        return None
    if title[-1] == "." and not _ELLIPSIS.search(title):
        title = title[:-1]
    if title[0] == "[" and title[-1] == "]" and title.count("[") == 1:
        title = title[1:-1].rstrip(".")
    return title or None


def _authors(raw: dict[str, str]) -> tuple[list[Person], bool]:
    full, short = raw.get("FAU"), raw.get("AU")
    names = full.split("\n") if full else []
    if short and len(short_names := short.split("\n")) > len(names):
        names = short_names  # older records give full names to none
    people, et_al = people_of(names)
    bodies = raw.get("CN")
    if bodies:
        people += [{"family": body, "given": ""} for b in bodies.split("\n") if (body := b.strip())]
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


def _type(types: str, book: str | None) -> str:
    if book:
        return "book"
    for name, kind in _TYPES:
        if name in types:
            return kind
    return "article"
