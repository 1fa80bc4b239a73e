"""What several readers need: values of fields → values of records."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from functools import lru_cache

from ipt_evidence.citations.memo import Memo
from ipt_evidence.citations.records import (
    find_doi,
    iso_date,
    normal_pages,
    normal_pmid,
    normal_space,
    year_in,
)

__all__ = [
    "date_of",
    "doi_of",
    "keywords_of",
    "one_table",
    "page_range",
    "pmid_of_accession",
    "reading_text",
    "same_title",
    "short_text",
    "short_texts",
    "with_repeats",
    "without_markup",
]

_MARKUP = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|sc|scp|inf|span|p|br|italic|bold|title|sec|abstract|"
    r"(?:jats|mml):[a-z]+)(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)
_MAX_KEYWORD = 2_000
_MAX_PMID = 8
_PLAIN_DOI = re.compile(r"10\.\d{4,9}/[a-z0-9._/-]*[a-z0-9]")


def without_markup(text: str) -> str:
    """``text`` without tags for type faces and with entities decoded; other ``<`` are kept.

    Only tags that set type (``<i>``, ``<sub>``, ``<jats:p>``) go. ``<script>`` stays as text and is
    harmless as such: whoever shows a text must escape it.
    """
    if "<" in text:
        text = _MARKUP.sub("", text)
    if "&" in text and ";" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    return text


def reading_text(value: str | None) -> str | None:
    """``value`` as a reader should see it, on one line; None when nothing is left of it."""
    if not value:
        return None
    if "<" in value or "&" in value:
        value = without_markup(value)
    return normal_space(value) or None


def doi_of(value: str | None) -> str | None:
    """DOI of a field that is meant for one."""
    if not value:
        return None
    lowered = value.strip().lower()
    return lowered if _PLAIN_DOI.fullmatch(lowered) else find_doi(value)


def page_range(start: str | None, end: str | None) -> str | None:
    """Pages of a first and a last page; either may already be the whole range."""
    first = (start or "").strip()
    last = (end or "").strip()
    if first.isdigit() and last.isdigit():
        return first if first == last else f"{first}-{last}"
    if last and first and last != first and "-" not in first:
        return normal_pages(f"{first}-{last}")
    return normal_pages(first or last)


@lru_cache(maxsize=16_384)
def date_of(*values: str | None) -> tuple[int | None, str | None]:
    """Year and ISO date of the first value with a year; later ones may only make it preciser."""
    best: str | None = None
    for value in values:
        found = iso_date(value) if value else None
        if found and (best is None or (len(found) > len(best) and found.startswith(best))):
            best = found
    if best is None:
        return None, None
    year = year_in(best[:4])
    return year, best if year else None


def keywords_of(value: str, separators: str = "\n") -> list[str]:
    """Keywords of ``value``, each once, cut at any of ``separators``."""
    for sign in separators[1:]:
        if sign in value:
            value = value.replace(sign, separators[0])
    return list(dict.fromkeys(filter(None, map(_KEYWORDS.__getitem__, value.split(separators[0])))))


def _keyword(text: str) -> str:
    return (reading_text(text[:_MAX_KEYWORD]) or "").strip(" .;,")


_KEYWORDS = Memo(_keyword)


def one_table() -> type[object]:
    """A class of which ``vars`` of every new object is an empty dict for the fields of one record.

    As long as such dicts have much the same names, at most thirty in all, they keep these in one
    table (PEP 412). They take half of the memory then, and are filled and asked faster; in all else
    they are plain dicts. PubMed's records have more names than that.
    """

    class Fields:
        """Nothing but its dict."""

    return Fields


def with_repeats(raw: dict[str, str], more: dict[str, list[str]]) -> dict[str, str]:
    """``raw`` with the further values of tags, a line each.

    Values are gathered and joined once: adding them one by one would copy what is there each time.
    """
    for tag, values in more.items():
        raw[tag] = "\n".join([raw[tag], *values]) if tag in raw else "\n".join(values)
    return raw


_SHORT_TEXTS = Memo(reading_text)


def short_text(value: str | None) -> str | None:
    """`reading_text` for what many records share: journals, volumes, languages."""
    return _SHORT_TEXTS[value] if value else None


def short_texts(values: Iterable[str | None]) -> list[str | None]:
    """`short_text` of each value."""
    return [_SHORT_TEXTS[value] if value else None for value in values]


def pmid_of_accession(accession: str, database: str) -> str | None:
    """PubMed identifier of an accession number: every database has its own numbers.

    ``database`` is what the record says about the origin of the number. Where it names none, up to
    eight digits are taken for PubMed's, because that is what EndNote fills the field from most.
    """
    number = accession.strip()
    if not (number.isascii() and number.isdigit()) or len(number) > _MAX_PMID:
        return None
    named = database.strip().lower()
    if named and not any(word in named for word in ("medline", "pubmed", "nlm")):
        return None
    return normal_pmid(number)


def same_title(first: str | None, second: str | None) -> bool:
    """Whether two titles say the same but for case."""
    if not first or not second or len(first) != len(second):
        return False
    return first.casefold() == second.casefold()
