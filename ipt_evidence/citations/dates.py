"""Months and dates of publication, in whatever words and order → ISO 8601, as far as known."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["iso_date", "month_number"]

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
_DAY_FIRST = re.compile(r"\s*(\d{1,2})\s*[-/.]\s*(\d{1,2})\s*[-/.]\s*(\d{4})(?!\d)")
_YEAR = re.compile(r"(?<!\d)(1[4-9]\d\d|20\d\d|2100)(?!\d)")
_WORD = re.compile(r"[^\W\d_]{3,}")
_DAY = re.compile(r"(?<![\d-])(0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?(?![\d-])")


@lru_cache(maxsize=4096)
def month_number(text: str) -> int | None:
    """Month (1 to 12) that ``text`` names by word or number, the first of several; else None."""
    word = text.strip().strip(".").lower()
    if word.isascii() and word.isdigit():
        return int(word) if 1 <= int(word[:4]) <= 12 else None
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
