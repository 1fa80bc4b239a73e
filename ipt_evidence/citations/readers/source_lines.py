"""One line that says where a work appeared → journal, date, volume, issue, pages.

Embase's ``Source``, PubMed's ``Citation``, Ovid's and EBSCO's ``Source`` and ProQuest's
``Publication info`` put them together, each in its own way.
"""

from __future__ import annotations

import re

from ipt_evidence.citations.normal_forms import normal_space

__all__ = ["split_source"]

_VOLUME = r"(?P<volume>[^\s:;,.()]+)"
_ISSUE = r"(?:\((?P<issue>[^()]*)\))?"
_ARTICLE = re.compile(r"\b(?:Article Number:?|Art(?:icle)? ?(?:ID|No\.?):?)\s*([\w.-]*\w)", re.I)
_MONTHS = (
    r"(?:(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Spring|Summer|Fall|Autumn|Winter)[a-z]*\.?"
    r"[/ -]?){1,2}"
)
_BOOK_EDITORS = re.compile(r".*\[(?:Ed|Editor)\b[^\]]*\]\.?\s*")
_BOOKS = (
    # PsycINFO by Ovid, behind the editors: (2012). Title of a book. (pp. 11-31). New York: ...
    re.compile(r"\((?P<year>\d{4})\)\.\s(?P<container_title>.+?)\.\s\(pp\.\s(?P<pages>[^()]+)\).*"),
    # BIOSIS by Ovid: Title of a book.:371-397, 2004.
    re.compile(
        r"(?P<container_title>.+?)\.?\s?:\s?(?P<pages>\d[\w-]*),\s(?P<year>\d{4})\.?(?:\s.*)?"
    ),
)
_FORMS = tuple(
    re.compile(pattern)
    for pattern in (
        # Embase.com: Imaginary Psychiatry (2014) 3:3 (152-160). Date of Publication: 2 Mar 2014
        r"(?P<container_title>[^()]+(?:\([^()]*[^\d()][^()]*\)[^()]*)*?)\s\((?P<year>\d{4})\)"
        r"(?:\s(?P<volume>[^\s:()]+))?(?::(?P<issue>[^()]+?))?"
        r"(?:\s\((?P<pages>[^()]*)\)|\s*[.,]|\s+Article Number|$).*",
        # PsycINFO by Ovid: Imaginary Psychotherapy. Vol.43(5), Sep 2015, pp. 623-634.
        r"(?P<container_title>.+?)\.\s+Vol\.?\s?(?P<volume>[^\s(,]+)\s?(?:\((?P<issue>[^()]*)\))?,\s+"
        r"(?P<year>[^,]*\d{4})(?:,\s*(?:pp?\.?\s?(?P<pages>[\w-]+)|.*?))?(?:[.,].*|$)",
        # Embase by Ovid: Imag. J.  12 (3) (pp 100-110), 2019. Date of Publication: March 2019.
        r"(?P<container_title>.+?)\s+(?P<volume>[\w/.-]*\d[\w/.-]*)?\s?(?:\((?P<issue>[^()]*)\)\s?)?"
        r"\((?:pp?\.?\s(?P<pages>[^()]*)|no pagination)\),\s*(?P<year>\d{4}).*",
        # MEDLINE by Ovid: Journal of Things. 12(3):100-10, 2009 Mar. BIOSIS: ..., March 2, 2009.
        r"(?P<container_title>.+?)\.\s+"
        + _VOLUME
        + r"\s?"
        + _ISSUE
        + r"(?::\s?(?P<pages>[^,:;]+))?,"
        r"\s*(?P<year>(?:[A-Z][a-z]+\.?\s(?:\d{1,2},\s)?)?\d{4}.*?)\.?",
        # Journals@Ovid: Journal of Things March/April 2009;12(3):100-110
        r"(?P<container_title>.+?),?\s+(?P<year>(?:\d{1,2}\s)?"
        + _MONTHS
        + r"\s?(?:\d{1,2},\s)?\d{4});"
        r"\s?" + _VOLUME + r"\s?" + _ISSUE + r"(?::\s?(?P<pages>[\w., -]+?))?\.?",
        # IPSA by Ovid: Journal of Things 12, Winter 2009: 7-14. Journal of Things, 2009(1): 7-14.
        r"(?P<container_title>.+?)\s(?P<volume>\d+),\s(?P<year>(?:[A-Z][a-z/]+\s)?\d{4}):\s?"
        r"(?P<pages>[\w-]+)\.?",
        r"(?P<container_title>.+?),\s(?P<year>\d{4})\((?P<issue>[^()]+)\):\s?(?P<pages>[\w-]+)\.?",
        # LILACS and SciELO: Rev Imag;12(3): 100-110, mar. 2019. tab
        r"(?P<container_title>.+?);\s?" + _VOLUME + r"\s?" + _ISSUE + r":\s?(?P<pages>[\w-]+),\s*"
        r"(?P<year>[^,;]*?\d{4})(?:[.;].*|$)",
        # PubMed: Imag J Med. 2020 Feb;63(2):103640. doi: 10.9999/i.2019.03. Epub 2019 Mar 25.
        r"(?P<container_title>.+?)\.\s+(?P<year>\d{4}[^;:.]*)(?:;(?P<volume>[^\s:;.()]*[^:;.()]*)"
        + _ISSUE
        + r"(?::(?P<pages>[^.;]+))?)?(?:[.;].*|$)",
        # CINAHL by EBSCO: Journal of Things, Mar2019; 12(3): 1-9. (9p)
        r"(?P<container_title>.+?)[,.]\s+(?P<year>(?:\d{1,2}[ /])?[A-Za-z/-]*\s?\d{4});\s?"
        + _VOLUME
        + r"\s?"
        + _ISSUE
        + r"(?::\s?(?P<pages>[\w-]+))?.*",
        # EBSCO: Journal of Things, Mar2019, Vol. 12 Issue 3, p1-9, 9p
        r"(?P<container_title>.+?)[,.]\s+(?:Vol(?:ume|\.)\s?\S+?,?\s*\(?)?"
        r"(?P<year>(?:[\d/]{0,7})[A-Za-z/-]*\s?\d{4}),?\s*Vol(?:ume|\.)\s?(?P<volume>[^\s,]+),?\s*"
        r"(?:(?:Issue|No\.?|Iss\.)\s?(?P<issue>[^\s,]+),?\s*)?(?:pp?\.?\s?(?P<pages>[\w-]+))?.*",
        # ProQuest: Journal of Things; City Vol. 12, Iss. 3,  (Mar 2019): 1-9.
        r"(?P<container_title>[^;]+?)(?:;.*?)?[,.]?\s+Vol\.\s?(?P<volume>[^\s,]+),?\s*"
        r"(?:Iss\.\s?(?P<issue>[^\s,]+),?\s*)?\((?P<year>[^()]*\d{4})\)(?::\s*(?P<pages>[\w-]+))?.*",
        # As in many lists: Journal of Things, 12(3), 1-9, 2019
        r"(?P<container_title>[^\d,;:]+?),?\s+(?:Vol\.\s?)?(?P<volume>\d+)\s?"
        + _ISSUE
        + r"[,:]\s?(?:pp?\.\s?)?(?P<pages>[a-zA-Z]?\d+(?:[-–]+\w+)?)"
        r"(?:[,.]?\s\(?(?P<year>\d{4})\)?)?\.?",
    )
)
_PAGES_ALONE = re.compile(r"\d+[-–]\d+|\d+pp?\.?")
_MAX_LINE = 400
_ABBREVIATION = re.compile(r"\s+\([A-Z][A-Z &.-]+\)$")
"""The short name that CINAHL puts behind a journal's."""


def split_source(text: str) -> dict[str, str]:
    """Column → text of a source line, ``year`` as a date; empty where its form is not known."""
    line = normal_space(text)
    if len(line) > _MAX_LINE or not any(map(str.isdigit, line)):
        return {}
    editors = _BOOK_EDITORS.match(line)
    if editors is not None:
        line = line[editors.end() :]
    for form in _FORMS if editors is None else _BOOKS:
        match = form.fullmatch(line)
        if match is not None:
            found = {name: value.strip() for name, value in match.groupdict().items() if value}
            name = found.get("container_title", "")
            if name.endswith(".") and "." not in name[:-1]:  # Ovid's full stop, no abbreviation's
                found["container_title"] = name[:-1]
            if "pages" not in found and _PAGES_ALONE.fullmatch(found.get("volume", "")):
                found["pages"] = found.pop("volume")
            found["container_title"] = _ABBREVIATION.sub("", found.get("container_title", ""))
            article = _ARTICLE.search(line)
            if article is not None and "pages" not in found:
                found["pages"] = article.group(1)
            return {name: value for name, value in found.items() if value}
    return {}
