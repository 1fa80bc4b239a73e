"""Fields of one BibTeX or biblatex entry → a `Record`."""

from __future__ import annotations

import re
from functools import lru_cache

from ipt_evidence.citations.latex import decode, decode_signs
from ipt_evidence.citations.names import parse_names
from ipt_evidence.citations.records import (
    Record,
    find_doi,
    iso_date,
    normal_doi,
    normal_issn,
    normal_language,
    normal_pages,
    normal_pmcid,
    normal_pmid,
    year_in,
)

__all__ = ["to_record"]

Fields = dict[str, str]

_CONTAINERS = ("journal", "journaltitle", "booktitle", "maintitle")
_NOOPSORT = re.compile(r"\{?\\noopsort\s*\{[^{}]*\}\}?")
_PLAIN_URL = re.compile(r"https?://[^\s{}\\\"<>]+")
_PMID_NOTE = re.compile(r"\bPMID:?\s*(\d{1,9})", re.IGNORECASE)
_PLAIN_PAGES = re.compile(r"(\d+)--?(\d+)")
_TITLE_END = ".:!?…—–-"


def _first(fields: Fields, *names: str) -> str:
    for name in names:
        value = fields.get(name)
        if value and not value.isspace():
            return value
    return ""


@lru_cache(maxsize=65_536)
def _shared(value: str) -> str | None:
    """`_text` of what many entries share: journals, volumes, numbers."""
    return _text(value)


def _pages(value: str) -> str | None:
    plain = _PLAIN_PAGES.fullmatch(value)
    return f"{plain.group(1)}-{plain.group(2)}" if plain else normal_pages(decode(value))


def _text(value: str) -> str | None:
    return (decode(value) or None) if value else None


def to_record(kind: str, key: str, line: int, fields: Fields, raw: Fields) -> Record:
    """The record of one entry. ``fields`` holds inherited fields too, ``raw`` only its own.

    The white space of the abstract is left as it is, for `finish_abstracts`.
    """
    get = fields.get
    people = get("author") or get("editor") or ""
    authors, et_al = parse_names(people) if people else ([], False)
    date = get("year") or get("date") or ""
    volume, issue, pages = get("volume"), get("number"), get("pages")
    abstract = get("abstract")
    title, container = _title(fields), _shared(_container(fields))
    abstract = decode_signs(abstract) or None if abstract else None
    year = int(date) if date.isdigit() and 1400 <= int(date[:9]) <= 2100 else _year(fields)
    issn, language = get("issn"), get("language") or get("langid")
    return Record(
        key=key,
        type=kind,
        source_line=line,
        raw=raw,
        title=title,
        authors=authors,
        et_al=et_al,
        year=year,
        date=_date(fields, year),
        container_title=container if container != title else None,
        volume=_shared(volume) if volume else None,
        issue=_shared(issue or get("issue") or ""),
        pages=_pages(pages) if pages else _text(get("eid") or ""),
        doi=_doi(fields),
        pmid=_pmid(fields),
        abstract=abstract,
        keywords=_keywords(_first(fields, "keywords", "keyword", "author_keywords", "mesh")),
        url=_url(fields),
        language=normal_language(_text(language)) if language else None,
        pmcid=_pmcid(fields),
        issn=normal_issn(issn) if issn else None,
    )


def _container(fields: Fields) -> str:
    for name in _CONTAINERS:
        value = fields.get(name)
        if value and not value.isspace():
            return value
    return ""


def _title(fields: Fields) -> str | None:
    value = fields.get("title")
    if not value:
        return None
    title = decode(value)
    subtitle = fields.get("subtitle")
    if subtitle and title:
        more = decode(subtitle)
        if not title.casefold().endswith(more.casefold()):  # some exporters repeat it in the title
            title = f"{title}{' ' if title[-1] in _TITLE_END else ': '}{more}"
    return title or None


def _year(fields: Fields) -> int | None:
    for name in ("year", "date", "eventdate", "origdate", "issued"):
        value = fields.get(name)
        if value:
            found = year_in(decode(_NOOPSORT.sub("", value)))
            if found is not None:
                return found
    return None


def _date(fields: Fields, year: int | None) -> str | None:
    """ISO date: of ``date``, or of ``year`` with ``month`` and ``day``; of the same year only."""
    if year is None:
        return None
    date, month = fields.get("date"), fields.get("month")
    if month:
        date = f"{year} {decode(month)} {fields.get('day', '')}"
    found = iso_date(decode(date)) if date else None
    plain = str(year)
    return found if found is not None and found.startswith(plain) else plain


def _pmcid(fields: Fields) -> str | None:
    for name in ("pmcid", "pmc", "eprint", "note"):
        value = fields.get(name)
        if value and "PMC" in value.upper():
            return normal_pmcid(value)
        if value and name != "note" and name != "eprint":
            return normal_pmcid(f"PMC{value.strip()}")
    return None


def _doi(fields: Fields) -> str | None:
    for name in ("doi", "url", "ee", "eprint", "howpublished", "note", "link"):
        value = fields.get(name)
        if not value or "10." not in value:
            continue
        if "\\" in value or "{" in value:
            value = decode(value.replace("--", "\ue00d")).replace("\ue00d", "--")
        found = normal_doi(value) if name in ("doi", "eprint") else _doi_in_address(value)
        if found is not None:
            return found
    return None


def _doi_in_address(text: str) -> str | None:
    """DOI of a resolver's address or of ``doi:10...``; other addresses only resemble one."""
    lowered = text.lower()
    at = max(lowered.find("doi.org/"), lowered.find("doi:"), lowered.find("doi/"))
    return find_doi(text[at:]) if at >= 0 else None


def _pmid(fields: Fields) -> str | None:
    value = fields.get("pmid") or fields.get("pubmed_id")
    if value:
        return normal_pmid(value)
    kind = fields.get("eprinttype") or fields.get("archiveprefix")
    if kind and kind.strip().lower() in ("pubmed", "pmid", "medline"):
        return normal_pmid(fields.get("eprint"))
    note = fields.get("note") or fields.get("annote") or fields.get("url")
    if note and ("PMID" in note or "pubmed" in note):
        found = _PMID_NOTE.search(note) or re.search(r"pubmed[^\s\d]{0,20}?/(\d{1,9})", note)
        return normal_pmid(found.group(1)) if found else None
    return None


def _keywords(text: str) -> list[str]:
    """Keywords separated by ``;``, or by ``,`` where there is no semicolon, each once."""
    if not text:
        return []
    if ";" not in text and "," not in text:  # one keyword a line
        text = text.strip().replace("\n", ";")
    words = decode(text).split(";" if ";" in text else ",")
    return list(dict.fromkeys(filter(None, map(_keyword, words))))


@lru_cache(maxsize=65_536)
def _keyword(text: str) -> str:
    """One text for all records that have the keyword."""
    return text.strip(" .")


def _url(fields: Fields) -> str | None:
    value = _first(fields, "url", "howpublished", "link", "ee")
    if not value:
        return None
    if "\\" in value or "{" in value or value != value.strip():
        value = re.sub(r"\\(?:url|href|path)\s*", " ", value)
        value = re.sub(r"\\([&%$#_{}~])", r"\1", value).replace("{", " ").replace("}", " ")
    found = _PLAIN_URL.search(value)
    return found.group().rstrip(".,;") if found else None
