"""EndNote: its tagged format (``.enw``, refer), and its XML export, also by other programs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from ipt_evidence.citations.identifiers import (
    doi_of,
    find_doi,
    pmid_of_accession,
    registry_ids_in,
)
from ipt_evidence.citations.normal_forms import date_of, normal_pages, reading_text
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.fields import Tags, build_record, first_of, rejected, types_of
from ipt_evidence.citations.readers.xml_records import XmlFault, elements, parse_element, text_of
from ipt_evidence.citations.records import ReadResult, Record, Repaired

__all__ = [
    "cut_endnote_tagged",
    "cut_endnote_xml",
    "find_endnote_tagged",
    "find_endnote_xml",
    "read_endnote_tagged",
    "read_endnote_xml",
]

_TYPES = types_of(
    {
        "article": "journal article|electronic article|magazine article|newspaper article|article|"
        "17|43|19|23",
        "book": "book|ancient text|electronic book|6",
        "collection": "edited book|28",
        "incollection": "book section|electronic book section|5",
        "inreference": "encyclopedia|dictionary",
        "proceedings": "3",
        "inproceedings": "conference paper|conference proceedings|47|10",
        "phdthesis": "thesis|32",
        "techreport": "report|government document|standard|27",
        "unpublished": "unpublished work|manuscript|34",
        "booklet": "pamphlet",
        "patent": "patent|25",
        "dataset": "dataset|59",
        "software": "computer program|9",
        "online": "web page|blog|online database|online multimedia|12",
    }
)
"""EndNote's reference types: names in both formats, and the numbers of the XML format."""

_TAGGED: Tags = {
    "title": ("%T",),
    "authors": ("%A", "%E"),
    "container_title": ("%J", "%B", "%S"),
    "volume": ("%V",),
    "issue": ("%N",),
    "abstract": ("%X",),
    "keywords": ("%K",),
    "url": ("%U",),
    "language": ("%G",),
    "pmcid": ("%2", "%Z"),
    "issn": ("%@",),
}
_XML: Tags = {
    "title": ("titles.title", "titles.short-title"),
    "volume": ("volume",),
    "issue": ("number", "issue"),
    "pages": ("pages",),
    "doi": ("electronic-resource-num",),
    "abstract": ("abstract",),
    "keywords": ("keywords.keyword",),
    "url": ("urls.related-urls.url", "urls.web-urls.url", "urls.url"),
    "language": ("language",),
    "pmcid": ("custom2",),
    "issn": ("isbn",),
}
_CONTAINERS = (
    "titles.secondary-title",
    "periodical.full-title",
    "titles.alt-title",
    "alt-periodical.full-title",
    "periodical.abbr-1",
)
_START = re.compile(r"\n(?=%0 )")
_FIELD = re.compile(r"%([0-9A-Z@!#$&()*+?^<>\[\]~|=:])(?: |$)")
_RECORD = re.compile(r"\n(?:[ \t]*\n)*(?=%0 )|\n(?:[ \t]*\n)+(?=%[A-Z@] |%\S[^\n]*\n%[0-9A-Z@] )")


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
            result.rejected.append(rejected(line, block))
            continue
        record = _tagged_record(raw, line, block)
        result.records.append(record)
        if "%0" not in raw:
            note = "the record has no type (%0)"
            result.repaired.append(Repaired(line, record.key, note))
    return result


_SINGLE = re.compile(r"^%[TDJBVNPXR](?= )", re.MULTILINE)
"""Tags that a record has once."""


def _blocks(text: str) -> Iterator[tuple[int, str]]:
    """Line and text of each record. Some tools write %0 in the middle of it."""
    waiting: tuple[int, str] | None = None
    for line, block in _pieces(text):
        if waiting is not None:
            before, begun = waiting
            together = before + begun.count("\n") + 1 == line and block.startswith("%0 ")
            if together and not {*_SINGLE.findall(begun)} & {*_SINGLE.findall(block)}:
                line, block = before, f"{begun}\n{block}"
            else:
                yield waiting
        waiting = (line, block)
        if "%0 " in block:
            yield waiting
            waiting = None
    if waiting is not None:
        yield waiting


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    line, position = 1, 0
    for match in [*_RECORD.finditer(text), None]:
        end = match.start() if match else len(text)
        block = text[position:end]
        lead = len(block) - len(block.lstrip("\n"))
        if _FIELD.match(block, lead) or re.search(r"^%[0-9A-Z@] ", block, re.MULTILINE):
            yield line + lead, block[lead:]
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


def _tagged_record(raw: dict[str, str], line: int, block: str) -> Record:
    get = raw.get
    year, date = date_of(get("%D"), get("%8"), f"{get('%8')} {get('%D')}" if get("%8") else None)
    return build_record(
        raw,
        line,
        _TAGGED,
        key=get("%F", "").strip().partition("\n")[0],
        type=_TYPES.get(get("%0", "").strip().lower(), "misc"),
        year=year,
        date=date,
        pages=normal_pages(get("%P", "").partition("\n")[0]),
        doi=doi_of(get("%R")) or _doi_of_address(get("%U")),
        pmid=pmid_of_accession(get("%M", ""), f"{get('%~') or ''} {get('%W') or ''}"),
        registry_ids=registry_ids_in(block),
    )


def _doi_of_address(value: str | None) -> str | None:
    return find_doi(value) if value and "doi.org/" in value else None


_CLOSED = "</record>"


def find_endnote_xml(text: str) -> int | None:
    """Where the records start in ``text``; None when it is no EndNote XML."""
    if text.lstrip()[:1] != "<":
        return None
    match = re.search(r"<record[\s>]", text)
    if match is None:
        return 0 if re.search(r"<xml>\s*<records\s*/?>", text) else None
    head = text[: match.end() + 20_000]
    signs = ("<records", "<ref-type", "<titles>", "<rec-number>", "<contributors>")
    return match.start() if any(sign in head for sign in signs) else None


def cut_endnote_xml(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    found = text.rfind(_CLOSED)
    return found + len(_CLOSED) if found >= 0 else 0


def read_endnote_xml(text: str) -> ReadResult:
    """Records of an EndNote XML text; elements that cannot be parsed are rejected one by one."""
    result = ReadResult()
    for line, block, closed in elements(text, ("record",)):
        try:
            element, repaired = parse_element(block if closed else f"{block}{_CLOSED}")
        except XmlFault as error:
            reason = str(error) if closed else "the record is not closed"
            result.rejected.append(rejected(line, block, reason))
            continue
        values: dict[str, list[str]] = {}
        _collect(element, "", values)
        raw = {name: "\n".join(texts) for name, texts in values.items()}
        record = _xml_record(element, raw, line)
        if record is None:
            result.rejected.append(rejected(line, block))
            continue
        result.records.append(record)
        if repaired:
            note = "signs that XML does not allow were read as text"
            result.repaired.append(Repaired(line, record.key, note))
        if not closed:
            result.repaired.append(Repaired(line, record.key, "the record is not closed"))
    return result


def _collect(element: Element, path: str, values: dict[str, list[str]]) -> None:
    """Texts of the leaves under their dotted path; ``style`` only sets type and counts as text."""
    for child in element:
        name = f"{path}.{child.tag}" if path else str(child.tag)
        if any(inner.tag != "style" for inner in child):
            _collect(child, name, values)
            continue
        value = "".join(child.itertext()).replace("\r", "\n").strip()
        if child.tag == "ref-type" and child.get("name"):
            value = f"{child.get('name')}"
        if value:
            values.setdefault(name, []).append(value)


def _xml_record(element: Element, raw: dict[str, str], line: int) -> Record | None:
    if not raw.keys() - {"database", "source-app", "rec-number", "foreign-keys.key", "ref-type"}:
        return None
    names = element.findall("contributors/authors/author") or element.findall(
        "contributors/secondary-authors/author"
    )
    authors, et_al = people_of(_xml_name(author) for author in names)
    kind = element.find("ref-type")
    date = " ".join(raw.get("dates.pub-dates.date", "").split())
    year = raw.get("dates.year", "")
    dated = f"{date} {year}" if date else None
    number, when = date_of(year, date, dated, raw.get("edition"))  # ahead of print
    record = build_record(
        raw,
        line,
        _XML,
        key=raw["label"] if re.fullmatch(r"\S{1,60}", raw.get("label", "")) else "",
        type=_xml_type(kind),
        authors=authors,
        et_al=et_al,
        year=number,
        date=when,
        container_title=reading_text(first_of(raw, _CONTAINERS).partition("\n")[0]),
        pmid=_xml_pmid(raw),
        registry_ids=registry_ids_in(*raw.values()),
    )
    record.doi = record.doi or _doi_of_addresses(raw)
    return record


def _doi_of_addresses(raw: dict[str, str]) -> str | None:
    """DOI of a resolver's address; other addresses only resemble one."""
    addresses = "\n".join(value for name, value in raw.items() if name.startswith("urls."))
    at = addresses.find("doi.org/")
    return find_doi(addresses[at:].partition("\n")[0]) if at >= 0 else None


def _xml_name(author: Element) -> str:
    return text_of(author) or " ".join((author.get(part) or "") for part in ("last-name",))


def _xml_type(kind: Element | None) -> str:
    if kind is None:
        return "misc"
    named = _TYPES.get((kind.get("name") or "").strip().lower())
    return named or _TYPES.get((kind.text or "").strip(), "misc")


def _xml_pmid(raw: dict[str, str]) -> str | None:
    names = ("remote-database-name", "remote-database-provider")
    found = None
    if raw.get("ref-type") == "Journal Article":
        found = pmid_of_accession(
            raw.get("accession-num", ""), " ".join(raw.get(name, "") for name in names)
        )
    if found is not None:
        return found
    match = re.search(r"\bPMID:?\s*(\d{1,9})", raw.get("notes", ""))
    return match.group(1) if match else None
