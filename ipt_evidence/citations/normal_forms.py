"""Texts of bibliographies → values to store and compare: spaces, titles, pages, dates, languages.

Every function whose result is a text is idempotent: normalising twice is normalising once.
"""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

__all__ = [
    "date_of",
    "iso_date",
    "keywords_of",
    "month_number",
    "normal_language",
    "normal_pages",
    "normal_space",
    "normal_title",
    "normal_url",
    "page_range",
    "reading_text",
    "same_title",
    "short_text",
    "volume_and_issue",
    "without_markup",
    "year_in",
]

_MAX_CACHED = 500
_MAX_KEYWORD = 2_000
_ASCII_SPACES = ("\n", "\t", "  ", "\r", "\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x1f")
_OTHER_SPACES = tuple("\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") + tuple(
    map(chr, range(0x2000, 0x200B))
)


def normal_space(text: str) -> str:
    """``text`` with every run of white space as one space, none at the ends, in Unicode's NFC."""
    for space in _ASCII_SPACES:  # looking for each is far quicker than splitting a long abstract
        if space in text:
            text = " ".join(text.split())
            break
    if text.isascii():
        return text.strip()
    if "\xa0" not in text and _is_latin1(text):  # always in NFC already
        return text.strip()
    for space in _OTHER_SPACES:
        if space in text:
            text = " ".join(text.split())
            break
    return unicodedata.normalize("NFC", text).strip()


def _is_latin1(text: str) -> bool:
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return False
    return True


_MARKUP = re.compile(
    r"</?(?:i|b|u|em|strong|sub|sup|sc|scp|inf|span|p|br|italic|bold|title|sec|abstract|"
    r"(?:jats|mml):[a-z]+)(?:\s[^<>]{0,200})?/?>",
    re.IGNORECASE,
)
_TAG = re.compile(r"<[/a-z]", re.IGNORECASE)  # what ``p < .05`` has not
_HEADING = re.compile(r"\A\s*<(jats:)?title>(?:Abstract|Summary)</(?:jats:)?title>", re.IGNORECASE)
_BLOCKS = re.compile(
    r"</?(?:jats:)?(?:p|br|title|sec|h[1-6]|div|li|ul|list)(?:\s[^<>]{0,200})?/?>", re.I
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,30});", re.IGNORECASE)


def without_markup(text: str) -> str:
    """``text`` without tags for type faces and with entities decoded; other ``<`` are kept.

    Only tags that set type (``<i>``, ``<sub>``, ``<jats:p>``) go. ``<script>`` stays as text and is
    harmless as such: whoever shows a text must escape it.
    """
    if "<" in text and _TAG.search(text):
        text = _MARKUP.sub("", _BLOCKS.sub(" ", _HEADING.sub("", text)))
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


_cached_text = lru_cache(maxsize=65_536)(reading_text)


def short_text(value: str | None) -> str | None:
    """`reading_text` of what many records share (journals, volumes), as one object for all."""
    if not value:
        return None
    return _cached_text(value) if len(value) < _MAX_CACHED else reading_text(value)


def keywords_of(value: str, separators: str = "\n") -> list[str]:
    """Keywords of ``value``, each once, cut at any of ``separators``."""
    for sign in separators[1:]:
        value = value.replace(sign, separators[0])
    return list(dict.fromkeys(filter(None, map(_keyword, value.split(separators[0])))))


@lru_cache(maxsize=65_536)
def _keyword(text: str) -> str:
    word = (reading_text(text[:_MAX_KEYWORD]) or "").strip(" .;,").lstrip("*")
    return word[1:-1] if word[:1] == word[-1:] == '"' else word


_ASCII_SIGNS = {code: " " for code in range(128) if not chr(code).isalnum()}


def normal_title(text: str | None) -> str:
    """A title for comparing, not for reading: letters and digits only, without case or accents."""
    if not text:
        return ""
    if text.isascii():
        return " ".join(text.lower().translate(_ASCII_SIGNS).split())
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    letters = "".join(" " if not c.isalnum() else c for c in folded if not unicodedata.combining(c))
    return " ".join(letters.split())


def same_title(first: str | None, second: str | None) -> bool:
    """Whether two titles say the same but for case."""
    if not first or not second or len(first) != len(second):
        return False
    return first.casefold() == second.casefold()


_WWW = re.compile(r"www\.[a-z0-9-]+\.[^\s<>\"{}|\\^`]+", re.IGNORECASE)
_URL = re.compile(r"(?:https?|ftp)://[^\s<>\"{}|\\^`]+", re.IGNORECASE)


def normal_url(text: str | None) -> str | None:
    """First web address in ``text``; None for anything else, such as ``javascript:`` or a path.

    An address that starts with ``www.`` gets the ``http://`` that browsers would put before it.
    """
    if not text or ("://" not in text and "www." not in text.lower()):
        return None
    match = _URL.search(text)
    if match is None:
        match = _WWW.match(text.strip())
        return f"http://{match.group().rstrip('.,;')}" if match else None
    return match.group().rstrip(".,;")


_DASHES = re.compile(r"\s*(?:[‐‑‒–—―−]+|-+)\s*")
_PLAIN_PAGES = re.compile(r"[0-9]+(?:-[0-9]+)?")
_NO_PAGES = re.compile(r"no pagination|n/a|none\b", re.IGNORECASE)
_PAGE_PREFIX = re.compile(
    r"^\s*(?:pii:|article(?:\s(?:no|number))?[\s.:]+|art\.?\s?no\.?:?|pp\.?|pages?\.?|seiten?\.?|[ps]\.|[ps](?=\s))\s*(?=[a-z]{0,2}\d)",
    re.IGNORECASE,
)


def normal_pages(text: str | None) -> str | None:
    """Page ranges with a plain hyphen: ``581--592``, ``581 – 592`` and ``pp. 581-592`` agree."""
    if not text:
        return None
    if _PLAIN_PAGES.fullmatch(text):
        return text
    if "&" in text:
        text = html.unescape(text)
    pages = _PAGE_PREFIX.sub("", _DASHES.sub("-", text)).strip(" .,;").rstrip("-")
    return pages if pages and not _NO_PAGES.match(pages) else None


_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d|2100)(?!\d)")


def year_in(text: str | None) -> int | None:
    """First year between 1400 and 2100 that stands in ``text``; None when there is none."""
    match = _YEAR.search(text) if text else None
    return int(match.group()) if match else None


def page_range(start: str | None, end: str | None) -> str | None:
    """Pages of a first and a last page; either may already be the whole range."""
    first = (start or "").strip()
    last = (end or "").strip()
    if first.isdigit() and last.isdigit():
        return first if first == last else f"{first}-{last}"
    if last and first and last != first and "-" not in first:
        return normal_pages(f"{first}-{last}")
    return normal_pages(first or last)


def volume_and_issue(volume: str | None, issue: str | None) -> tuple[str | None, str | None]:
    """Both, or neither where both are ``0``: SAGE's sign for an article that has none yet."""
    return (None, None) if volume == issue == "0" else (volume, issue)


_MONTHS = (
    "jan january janvier januar januari enero ene janeiro gennaio gen",
    "feb february fevrier février fév februar februari febrero fevereiro fev febbraio",
    "mar march mars märz maerz marz mär maart mrt marzo março",
    "apr april avril avr abril abr aprile",
    "may mai mei mayo maio maggio mag maj",
    "jun june juin juni junio junho giugno giu",
    "jul july juillet juil juli julio julho luglio lug",
    "aug august août aout augustus agosto ago augusti",
    "sep sept september septembre septiembre setembro set settembre",
    "oct october octobre oktober okt octubre outubro out ottobre ott",
    "nov november novembre noviembre novembro",
    "dec december décembre decembre dezember dez diciembre dic dezembro dicembre déc",
)
_NUMBERS = {word: n for n, words in enumerate(_MONTHS, 1) for word in words.split()}
_YEAR_FIRST = re.compile(
    r"\s*(\d{4})(?:\s*[-/.]\s*|\s+|$)(?:(\d{1,2})(?![\d:])(?:(?:\s*[-/.]\s*|\s+)(\d{1,2})(?![\d:]))?)?"
)
_FIGURES = re.compile(r"\s*((?:1[4-9]|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])\s*")
_DAY_FIRST = re.compile(r"\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?!\d)")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DAY = re.compile(r"(?<![\d-])(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d-])")


@lru_cache(maxsize=4096)
def month_number(text: str) -> int | None:
    """Month (1 to 12) that ``text`` names by word or number, the first of several; else None."""
    word = text.strip().strip(".").lower()
    if word.isascii() and word.isdigit():
        return int(word) if len(word) < 5 and 1 <= int(word) <= 12 else None
    for match in _WORD.finditer(word):
        if match.group() in _NUMBERS:
            return _NUMBERS[match.group()]
    return None


@lru_cache(maxsize=16_384)
def iso_date(text: str) -> str | None:
    """``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD`` for a date in words or figures; None without a year.

    Understood are ``2018 Apr 3``, ``2001/09/01/``, ``2014//``, ``3 April 2018``, ``April 2018``,
    ``2018-04``, ``2018 Mar-Apr`` (its first month) and the months of seven languages. Where only
    figures stand with the year last (``03/04/2018``), nobody can tell day from month: the year.
    """
    match = _YEAR_FIRST.match(text[:200])
    if match and match.group(2) and 1400 <= int(match.group(1)) <= 2100:
        return _joined(*match.groups())
    figures = _FIGURES.fullmatch(text[:200])  # 20190305
    if figures is not None:
        return _joined(*figures.groups())
    last = _DAY_FIRST.match(text[:200])
    if last:
        first, second, year = last.groups()
        return _joined(year, second, first) if int(first) > 12 else year
    year_found = _YEAR.search(text[:200])
    if year_found is None:
        return None
    year = year_found.group()
    month = month_number(text[:200])
    if month is None:
        return year
    rest = text[: year_found.start()] + " " + text[year_found.end() : 200]
    day = _DAY.search(re.sub(r"\d+:\d+(?::\d+)?", "", rest))
    return _joined(year, str(month), day.group(1) if day else None)


def _joined(year: str | None, month: str | None, day: str | None) -> str | None:
    if not month or not 1 <= int(month) <= 12:
        return year
    if not day or not 1 <= int(day) <= 31:
        return f"{year}-{int(month):02d}"
    return f"{year}-{int(month):02d}-{int(day):02d}"


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


_LANGUAGES = {
    "en": "english eng american british usenglish ukenglish australian canadian newzealand",
    "de": "german ger deu deutsch ngerman germanb austrian naustrian swissgerman nswissgerman",
    "es": "spanish spa español espanol castellano mexican spanishmx",
    "fr": "french fre fra français francais frenchb acadian canadien swissfrench",
    "pt": "portuguese por português portugues portuges brazilian brazil",
    "it": "italian ita italiano",
    "nl": "dutch nld dut nederlands",
    "sv": "swedish swe svenska",
    "da": "danish dan dansk",
    "no": "norwegian nor norsk nynorsk bokmal nb nn",
    "fi": "finnish fin suomi",
    "pl": "polish pol polski",
    "ru": "russian rus русский",
    "tr": "turkish tur türkçe",
    "zh": "chinese chi zho mandarin 中文 汉语 chs cht",
    "ja": "japanese jpn 日本語",
    "ko": "korean kor 한국어",
    "fa": "persian per fas farsi",
    "ar": "arabic ara",
    "he": "hebrew heb",
    "cs": "czech cze ces",
    "hu": "hungarian hun",
    "el": "greek gre ell polutonikogreek",
}
_LANGUAGE_CODES = {name: code for code, names in _LANGUAGES.items() for name in names.split()}


@lru_cache(maxsize=4096)
def normal_language(text: str | None) -> str | None:
    """ISO 639-1 code where the language is known (``ngerman``, ``ger``, ``de-AT`` → ``de``).

    A language that the table does not know is kept as it stands, in lower case.
    """
    if not text:
        return None
    name = " ".join(text.lower().split())
    first = re.split(r"[-_;,/ ]", name, maxsplit=1)[0]
    if first in _LANGUAGES:
        return first
    if first.startswith("lang") and first[4:] in _LANGUAGE_CODES:  # biblatex: langgerman
        return _LANGUAGE_CODES[first[4:]]
    return _LANGUAGE_CODES.get(name) or _LANGUAGE_CODES.get(first) or name or None
