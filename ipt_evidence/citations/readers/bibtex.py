"""BibTeX and biblatex: Zotero, Better BibTeX, Mendeley, JabRef, EndNote, Scopus, Google Scholar."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from ipt_evidence.citations.collecting import invented_key
from ipt_evidence.citations.identifiers import (
    doi_of,
    find_doi,
    normal_issn,
    normal_pmcid,
    normal_pmid,
    registry_ids_in,
)
from ipt_evidence.citations.latex import decode
from ipt_evidence.citations.normal_forms import (
    iso_date,
    normal_language,
    normal_pages,
    volume_and_issue,
    without_markup,
    year_in,
)
from ipt_evidence.citations.people import parse_names
from ipt_evidence.citations.readers.bibtex_entries import (
    Block,
    Macros,
    repair_block,
    resolve,
    split_blocks,
)
from ipt_evidence.citations.readers.fields import first_of, rejected
from ipt_evidence.citations.records import ReadResult, Record, Repaired

__all__ = ["cut_bibtex", "find_bibtex", "macros_of", "read_bibtex", "to_record"]

_ENTRY_START = re.compile(r"^[ \t]*@[ \t]*[^\W\d_]+[ \t\n]*[{(]", re.MULTILINE)
_LINE_START = re.compile(r"\n@[ \t]*[^\W\d_][\w-]*\s*[{(]")
_NEEDS_OTHERS = re.compile(r"[,\n]\s*(?:crossref|xdata)\s*=")
_STRING = re.compile(r"@string\s*(?:\{(?:[^{}@]|\{[^{}]*\})*\}|\([^()@]*\))", re.IGNORECASE)
_MAX_TRIED = 1_000
_MAX_DEFINITION = 5_000
_MAX_MACROS = 2_000_000


def find_bibtex(text: str) -> int | None:
    """Where the first entry starts in ``text``; None when there is none."""
    match = _ENTRY_START.search(text)
    return match.start() if match else None


def cut_bibtex(text: str) -> int:
    """Up to where ``text`` holds only whole entries; 0 when it may hold none.

    A line with ``@type{`` opens an entry for certain only behind the end of another.
    """
    end = len(text)
    uncertain = 0
    for _ in range(_MAX_TRIED):
        at = text.rfind("\n@", 0, end)
        if at <= 0:
            break
        if _LINE_START.match(text, at):
            if text[max(at - 200, 0) : at].rstrip()[-1:] in ("}", ")"):
                return at + 1
            uncertain = uncertain or at + 1
        end = at
    return uncertain


def macros_of(pieces: Iterable[str]) -> str | None:
    """All ``@string`` definitions of a file, on one line; None where its entries need each other.

    Entries with ``crossref`` or ``xdata`` can only be read with the whole file at hand.
    """
    definitions: list[str] = []
    tail = ""
    for piece in pieces:
        text = tail + piece
        lowered = text.lower()
        if ("crossref" in lowered or "xdata" in lowered) and _NEEDS_OTHERS.search(lowered):
            return None
        if any(part[:6] == "string" for part in lowered.split("@")):
            definitions += (" ".join(match.group().split()) for match in _STRING.finditer(text))
        tail = text[-_MAX_DEFINITION:]
    return " ".join(dict.fromkeys(definitions))[:_MAX_MACROS] + "\n" if definitions else ""


def read_bibtex(text: str) -> ReadResult:
    """Records of a BibTeX text, entries that are beyond repair, and what was repaired.

    Every entry (``@type{...}`` other than comment, preamble and string) becomes a record or a
    rejected row.
    """
    result = ReadResult()
    blocks, macros = split_blocks(text)
    kept: list[Block] = []
    for block in blocks:
        if block.fields is None:
            reason = repair_block(block)
            if reason is not None:
                result.rejected.append(rejected(block.line, block.text, reason))
                continue
        if block.waiting:
            _resolve_waiting(block, macros)
        kept.append(block)
    completed = inherit(kept)
    for position, block in enumerate(kept):
        own = block.fields or {}
        fields = completed.get(position, own)
        record = to_record(block.type, block.key, block.line, fields, own)
        if not record.key:
            record.key = invented_key(record.authors, record.year, record.source_line)
            block.notes.append("the entry has no key; one was made from its first author and year")
        for note in block.notes:
            result.repaired.append(Repaired(block.line, record.key, note))
        result.records.append(record)
    return result


def _resolve_waiting(block: Block, macros: Macros) -> None:
    fields = block.fields
    if fields is None:
        return
    for name, pieces in block.waiting.items():
        fields[name], unknown = resolve(pieces, macros)
        for macro in unknown:
            block.notes.append(f"@string {macro} is not defined; its name is used in {name}")


Fields = dict[str, str]

_CONTAINERS = ("journal", "journaltitle", "booktitle", "maintitle")
_KEYWORDS = ("keywords", "keyword", "author_keywords", "mesh")
_ARTICLE_NUMBERS = ("eid", "article-number", "article_number", "art_number", "articleno")
_ADDRESSES = ("url", "howpublished", "link", "ee")
_NOOPSORT = re.compile(r"\{?\\noopsort\s*\{[^{}]*\}\}?")
_PLAIN_URL = re.compile(r"https?://[^\s{}\\\"<>]+")
_TILDE = re.compile(r"\{?(?:\\textasciitilde(?:\s*\{\}|\s+)?|\$\s*\\sim\s*\$|\\~\{\})\}?")
_PMID_NOTE = re.compile(r"\bPMID:?\s*(\d{1,9})", re.IGNORECASE)
_PLAIN_PAGES = re.compile(r"(\d+)--?(\d+)")
_TITLE_END = ".:!?…—–-"


@lru_cache(maxsize=65_536)
def _shared(value: str) -> str | None:
    """`_text` of what many entries share: journals, volumes, numbers."""
    return _text(value)


def _pages(value: str) -> str | None:
    plain = _PLAIN_PAGES.fullmatch(value)
    return f"{plain.group(1)}-{plain.group(2)}" if plain else normal_pages(decode(value))


def _text(value: str) -> str | None:
    text = decode(value) if value else ""
    return (without_markup(text) if "<" in text or "&" in text else text).strip() or None


def to_record(kind: str, key: str, line: int, fields: Fields, raw: Fields) -> Record:
    """The record of one entry. ``fields`` holds inherited fields too, ``raw`` only its own."""
    get = fields.get
    people = _parted(get("author") or get("editor") or "")
    authors, et_al = parse_names(people) if people else ([], False)
    date = get("year") or get("date") or ""
    volume, issue = volume_and_issue(get("volume"), get("number") or get("issue"))
    pages = get("pages")
    abstract = _text(get("abstract") or "")
    title, container = _title(fields), _shared(first_of(fields, _CONTAINERS))
    year = (
        int(date)
        if date.isdecimal() and len(date) < 10 and 1400 <= int(date[:9]) <= 2100
        else _year(fields)
    )
    issn, language = get("issn"), get("language") or get("langid") or get("hyphenation")
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
        issue=_shared(issue) if issue else None,
        pages=_pages(pages) if pages else _text(first_of(fields, _ARTICLE_NUMBERS)),
        doi=_doi(fields),
        pmid=_pmid(fields),
        abstract=abstract,
        keywords=_keywords(_all_of(fields, _KEYWORDS)),
        url=_url(fields),
        language=normal_language(_text(language)) if language else None,
        pmcid=_pmcid(fields),
        issn=normal_issn(issn) if issn else None,
        registry_ids=registry_ids_in(
            abstract, title, get("note"), get("annote"), get("registration")
        ),
    )


_CJK = "\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_CJK_NAMES = re.compile(rf"[{_CJK}]{{2,4}}(?:\s*[;,；，、]\s*[{_CJK}]{{2,4}})+\s*[;,；，、]?")
_CJK_MARKS = re.compile(r"\s*[；，、]\s*")


def _parted(people: str) -> str:
    """``people`` with ``and`` between Chinese, Japanese or Korean names instead of their commas."""
    if people.isascii():
        return people
    if _CJK_NAMES.fullmatch(people.strip()):
        return " and ".join(filter(None, re.split(r"\s*[;,；，、]\s*", people.strip())))
    return _CJK_MARKS.sub(" and ", people.strip("；，、 "))


def _all_of(fields: Fields, names: Iterable[str]) -> str:
    """The first of ``names`` that is filled; where it is repeated, all its values."""
    for name in names:
        if fields.get(name):
            values = [fields[name]]
            while (again := fields.get(f"{name}#{len(values) + 1}")) is not None:
                values.append(again)
            return values[0] if len(values) == 1 else ";".join(map(_semicolons, values))
    return ""


def _semicolons(keywords: str) -> str:
    return keywords if ";" in keywords else keywords.replace(",", ";")


def _title(fields: Fields) -> str | None:
    value = fields.get("title")
    if not value:
        return None
    title = _text(value)
    subtitle = fields.get("subtitle")
    if subtitle and title:
        more = _text(subtitle) or ""
        if not title.casefold().endswith(more.casefold()):  # some exporters repeat it in the title
            title = f"{title}{' ' if title[-1] in _TITLE_END else ': '}{more}"
    return title


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
        found = doi_of(value) if name in ("doi", "eprint") else _doi_in_address(value)
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
    if not text.isascii():
        text = _CJK_MARKS.sub(";", text)
    if ";" not in text and "," not in text:  # one keyword a line
        text = text.strip().replace("\n", ";")
    words = decode(text).split(";" if ";" in text else ",")
    return list(dict.fromkeys(filter(None, map(_keyword, words))))


@lru_cache(maxsize=65_536)
def _keyword(text: str) -> str:
    """One text for all records that have the keyword."""
    return text.strip(" .")


def _url(fields: Fields) -> str | None:
    value = first_of(fields, _ADDRESSES)
    if not value:
        return None
    if "\\" in value or "{" in value or value != value.strip():
        value = re.sub(r"\\(?:url|href|path)\s*", " ", value)
        value = _TILDE.sub("~", value)
        value = re.sub(r"\\(?:string)?([&%$#_~])", r"\1", re.sub(r"\}\s*\{", " ", value))
        value = value.replace("\\", "").replace("{", "").replace("}", "")
    found = _PLAIN_URL.search(value)
    return found.group().rstrip(".,;") if found else None


_CHAPTER_TYPES = frozenset(
    "inbook incollection inproceedings conference bookinbook suppbook suppcollection "
    "inreference".split()
)
_ARTICLE_TYPES = frozenset({"article", "suppperiodical"})
_IN_BOOK = {"title": "booktitle", "subtitle": "booksubtitle", "titleaddon": "booktitleaddon"}
_IN_JOURNAL = {"title": "journaltitle", "subtitle": "journalsubtitle"}
_NEVER = frozenset(
    "crossref xdata xref ids key keywords abstract annote annotation note file doi eprint pmid url "
    "urldate shorthand label options presort sortkey entryset relatedtype related langid".split()
)
_MAX_GENERATIONS = 8


def inherit(blocks: list[Block]) -> dict[int, dict[str, str]]:
    """Position in ``blocks`` → all fields, own and inherited, where an entry names a parent.

    A parent that the file does not hold is noted on the entry; circles end where they close.
    """
    by_key: dict[str, Block] = {}
    for block in blocks:
        by_key.setdefault(block.key.lower(), block)
    completed: dict[int, dict[str, str]] = {}
    for position, block in enumerate(blocks):
        if block.fields and ("crossref" in block.fields or "xdata" in block.fields):
            completed[position] = _complete(block, by_key, {block.key.lower()}, note=True)
    return completed


def _complete(
    block: Block, by_key: dict[str, Block], seen: set[str], *, note: bool = False
) -> dict[str, str]:
    own = dict(block.fields or {})
    for field_name in ("xdata", "crossref"):
        for key in own.get(field_name, "").split(","):
            wanted = key.strip().lower()
            if not wanted or wanted in seen or len(seen) > _MAX_GENERATIONS:
                continue
            parent = by_key.get(wanted)
            if parent is None or parent.fields is None:
                if note:
                    block.notes.append(f"{field_name} {key.strip()} is not in this file")
                continue
            inherited = _complete(parent, by_key, {*seen, wanted})
            _pass_on(inherited, own, block.type, whole=field_name == "xdata")
    return own


def _pass_on(parent: dict[str, str], child: dict[str, str], kind: str, *, whole: bool) -> None:
    becomes: dict[str, str] = {}
    if not whole and "title" in parent and "title" in child:
        if kind in _CHAPTER_TYPES:
            becomes = _IN_BOOK
        elif kind in _ARTICLE_TYPES:
            becomes = _IN_JOURNAL
    named = {"journal", "journaltitle"} & (child.keys() | parent.keys())
    for name, value in parent.items():
        if name in becomes and becomes[name] not in parent:
            if not (named and becomes[name] == "journaltitle"):
                child.setdefault(becomes[name], value)
        elif name not in becomes and (whole or name not in _NEVER):
            child.setdefault(name, value)
