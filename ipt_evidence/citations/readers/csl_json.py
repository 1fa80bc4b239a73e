"""CSL-JSON: Zotero, Mendeley, Paperpile, Manubot, Crossref; a list, ``{"items": [...]}``, one item.

Items are read one by one, so that a fault in the text costs the item that it stands in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from ipt_evidence.citations.identifiers import find_doi, normal_pmid, noted_pmid, registry_ids_in
from ipt_evidence.citations.normal_forms import date_of, keywords_of, normal_space, reading_text
from ipt_evidence.citations.people import people_of_cell, person_of
from ipt_evidence.citations.readers.fields import Tags, build_record, first_of, rejected, types_of
from ipt_evidence.citations.readers.foreign_json import as_csl, unwrapped
from ipt_evidence.citations.records import Person, ReadResult, Record

__all__ = [
    "AUTHORS_INCOMPLETE",
    "CSL_TYPES",
    "csl_people",
    "csl_type",
    "find_csl_json",
    "read_csl_json",
]

AUTHORS_INCOMPLETE = {"authors-incomplete": "true"}
"""Says in ``custom`` that there are more authors than are named: CSL has no name for them."""
CSL_TYPES = {
    "article": "article-journal|article|article-magazine|article-newspaper|journal-article|review",
    "book": "book|monograph",
    "collection": "edited-book",
    "incollection": "chapter|book-chapter",
    "inreference": "entry-encyclopedia|entry-dictionary",
    "inproceedings": "paper-conference|proceedings-article",
    "phdthesis": "thesis|dissertation",
    "techreport": "report|standard",
    "unpublished": "manuscript|posted-content|preprint",
    "booklet": "pamphlet",
    "patent": "patent",
    "dataset": "dataset",
    "software": "software",
    "online": "webpage|post|post-weblog",
}
_TYPES = types_of(CSL_TYPES)
_TAGS: Tags = {
    "key": ("citation-key", "id", "DOI"),
    "title": ("title",),
    "container_title": ("container-title", "collection-title"),
    "volume": ("volume",),
    "issue": ("issue", "number"),
    "pages": ("page", "article-number"),
    "doi": ("DOI", "doi"),
    "abstract": ("abstract",),
    "url": ("URL", "url"),
    "language": ("language",),
    "pmcid": ("PMCID", "pmcid", "note"),
    "issn": ("ISSN", "issn"),
}
_DATES = ("issued", "published-print", "published", "published-online", "event-date")
_SIGNS = re.compile(
    r'"(?:title|DOI|author|issued|container-title|type|id|PMID|publisher|doi|titles|display_name|'
    r'itemType|protocolSection|dc:title|uids)"\s*:'
)
_LISTS = ("items", "references", "records", "results", "message")
_LIST_INSIDE = re.compile(
    r'"(?:items|results?|data|references|records|hits|docs|entry|studies|articles|works|publications)"'
    r"\s*:\s*\[(?=\s*\{)"
)
_OF_A_WORK = re.compile(r'"(?:title|DOI|doi|authorships|author|authors|itemType)"\s*:')
_BEFORE_LIST = 20_000
_NEXT_ITEM = re.compile(r"(?:\}\s*,?|\]\s*,)\s*(?=\{)")
_CITABLE = frozenset("title author editor DOI doi issued container-title URL PMID".split())
_EMPTY = "the item is empty"
_MAX_SHOWN = 2_000
MAX_DEPTH = 100
"""Items that are nested deeper are refused: they would exhaust the stack."""

_LONGEST_NUMBER = 300


def _integer(digits: str) -> int | str:
    """An integer; as text where it is longer than any number that a bibliography holds."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


_DECODER = json.JSONDecoder(parse_int=_integer)


def find_csl_json(text: str) -> int | None:
    """0 when ``text`` is JSON that holds what a bibliography holds; otherwise None."""
    opening = text.lstrip()[:1]
    if opening not in ("[", "{"):
        return None
    if _SIGNS.search(text[:200_000]) or re.fullmatch(r"[\[\]{}\s,]*", text[:200_000]):
        return 0
    return None


def read_csl_json(text: str) -> ReadResult:
    """Records of CSL-JSON; items that are no objects, empty or broken are rejected."""
    result = ReadResult()
    for line, item, shown in _items(text):
        if isinstance(item, str):
            result.rejected.append(rejected(line, shown, item))
            continue
        for work in unwrapped(item):
            csl = as_csl(work)
            if not _CITABLE & csl.keys():
                reason = "the item has neither title, authors, date nor identifier"
                result.rejected.append(rejected(line, shown, reason if item else _EMPTY))
            else:
                result.records.append(_record(csl, work, line))
    return result


def _items(text: str) -> Iterator[tuple[int, dict[str, Any] | str, str]]:
    """Line, item or the reason why there is none, and its text."""
    position, closing = _start_of_items(text)
    line, counted = 1, 0
    while position < len(text):
        while position < len(text) and text[position] in " \t\n\r,":
            position += 1
        if position >= len(text) or text[position] == closing:
            return
        line += text.count("\n", counted, position)
        counted = position
        try:
            item, end = _DECODER.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError) as error:
            following = _NEXT_ITEM.search(text, position)
            end = following.end() if following else len(text)
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            yield line, f"the item is not valid JSON: {reason}"[:300], text[position:end]
        else:
            if not isinstance(item, dict):
                item = "the item is no object"
            elif _depth(item) > MAX_DEPTH:
                item = f"the item is nested deeper than {MAX_DEPTH}"
            yield line, item, text[position : min(end, position + _MAX_SHOWN)]
        position = end


def _start_of_items(text: str) -> tuple[int, str]:
    """Where the first item starts, and the sign that ends the list (empty for lines of JSON)."""
    start = len(text) - len(text.lstrip())
    if text[start : start + 1] == "[":
        return start + 1, "]"
    for name in _LISTS:
        match = re.compile(rf'\{{(?:[^{{}}\[\]]{{0,2000}},)?\s*"{name}"\s*:\s*\[').match(
            text, start
        )
        if match is not None:
            return match.end(), "]"
    inside = _LIST_INSIDE.search(text, start, start + _BEFORE_LIST)
    if inside is not None and not _OF_A_WORK.search(text, start, inside.start()):
        return inside.end(), "]"
    return start, ""


def _depth(item: Any) -> int:
    depth, level = 0, [item]
    while level and depth <= MAX_DEPTH:
        depth += 1
        level = [
            inner
            for value in level
            if isinstance(value, dict | list)
            for inner in (value.values() if isinstance(value, dict) else value)
        ]
    return depth


def _text(value: Any) -> str:
    """A value as text: the first of a list (Crossref writes lists), numbers as written."""
    if isinstance(value, list):
        value = value[0] if value else ""
    if isinstance(value, str):  # JSON can hold half a character, which no file can
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    return str(value) if isinstance(value, int | float) and value is not True else ""


def csl_type(name: str) -> str:
    """Our type for a type of CSL or Crossref; ``misc`` for one that is not known."""
    return _TYPES.get(name.lower(), "misc")


def _record(item: dict[str, Any], original: dict[str, Any], line: int) -> Record:
    """The record of a CSL item; ``original`` is what the file has in its place."""
    texts = {name: _text(value).strip() for name, value in item.items()}
    note = texts.get("note", "")
    authors, et_al = _people(item.get("author") or item.get("editor"))
    custom = item.get("custom")
    if isinstance(custom, dict) and AUTHORS_INCOMPLETE.items() <= custom.items():
        et_al = True
    containers = item.get("container-title")
    if isinstance(containers, list) and texts.get("type") == "book-chapter":
        texts["container-title"] = _text(containers[-1:])  # Crossref names the series first
    year, date = date_of(*(_date(item.get(name)) for name in _DATES), texts.get("year"))
    keywords = item.get("keyword") or item.get("keywords") or ""
    words = "\n".join(map(str, keywords)) if isinstance(keywords, list) else str(keywords)
    record = build_record(
        texts,
        line,
        _TAGS,
        raw={name: _as_text(value) for name, value in original.items()},
        type=csl_type(texts.get("type", "")),
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        pmid=noted_pmid(note) or normal_pmid(first_of(texts, ("PMID", "pmid"))),
        keywords=keywords_of(words, "\n;" if ";" in words or "\n" in words else ","),
    )
    record.key = record.key.replace(" ", "")
    record.doi = record.doi or (find_doi(note) if "DOI" in note else None)
    title, subtitle = record.title, reading_text(texts.get("subtitle"))
    if title and subtitle and subtitle.lower() not in title.lower():
        record.title = f"{title}: {subtitle}"
    if record.container_title == record.title:
        record.container_title = None
    trials = _text(custom.get("trial-registration")) if isinstance(custom, dict) else ""
    numbers = _as_text(item.get("clinical-trial-number") or "").upper()  # Crossref's, in lower case
    record.registry_ids = registry_ids_in(
        record.title, record.abstract, note, texts.get("number"), trials, numbers
    )
    return record


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def csl_people(text: str) -> list[Person]:
    """The people of a list of names as CSL's JSON has it; none where it is broken."""
    try:
        return _people(json.loads(text))[0]
    except (json.JSONDecodeError, RecursionError):
        return []


def _people(value: Any) -> tuple[list[Person], bool]:
    if isinstance(value, str):
        return people_of_cell(value)
    people: list[Person] = []
    others = False
    for entry in value if isinstance(value, list) else [value]:
        if isinstance(entry, str):
            family, given, suffix, more = person_of(entry)
            others |= more
        elif isinstance(entry, dict):
            parts = ("dropping-particle", "non-dropping-particle", "family")
            family = normal_space(" ".join(_text(entry.get(part)) for part in parts))
            given, suffix = normal_space(_text(entry.get("given"))), _text(entry.get("suffix"))
            if "," in family and not given:  # the whole name in the place of the family name
                family, given, suffix, _ = person_of(family)
            if not family:
                body = normal_space(_text(entry.get("literal")) or _text(entry.get("name")))
                family, given = body or given, ""
        else:
            continue
        if family.strip(" .").lower() in ("et al", "others"):
            others = True
        elif family:
            person = {"family": family, "given": given}
            people.append(person | {"suffix": suffix} if suffix else person)
    return people, others


def _date(value: Any) -> str:
    """``2018-10-21`` of CSL's date parts, or the text of a raw or literal date."""
    if isinstance(value, str | int):
        return str(value)
    if not isinstance(value, dict):
        return ""
    parts = value.get("date-parts")
    first = parts[0] if isinstance(parts, list) and parts else None
    if isinstance(first, list) and first and first[0]:
        return "-".join(str(part) for part in first[:3] if part)
    if value.get("year"):
        return "-".join(filter(None, (_text(value.get(name)) for name in ("year", "month", "day"))))
    return _text(value.get("raw")) or _text(value.get("literal")) or ""
