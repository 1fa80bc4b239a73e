"""What stands behind the title of a printed reference: journal or book, volume, issue, pages."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ipt_evidence.citations.records import normal_pages

__all__ = ["Source", "read_source"]


@dataclass(slots=True)
class Source:
    """Where something appeared; ``kind`` is ``article``, ``incollection`` or ``misc``."""

    container: str = ""
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    kind: str = "misc"


_PAGE = r"[A-Za-z]{0,3}\d+[A-Za-z]?"
_RANGE = rf"{_PAGE}(?:\s*[-‐‑–—−]+\s*{_PAGE})?"
_YEAR = r"(?:1[5-9]|20)\d\d"
_FORMS = (
    # 168.6 (2011): 581-592        MLA
    re.compile(
        rf"(?P<volume>\d+)(?:\.(?P<issue>\d+(?:[-–/]\d+)?))?\s*\([^()]*{_YEAR}[^()]*\)\s*[:,]\s*(?P<pages>{_RANGE})"
    ),
    # 2011 Jun;168(6):581-92       Vancouver
    re.compile(
        rf"{_YEAR}[^;:()\d]{{0,12}}\d{{0,2}}\s*;\s*(?P<volume>\d+)\s*(?:\((?P<issue>[^()]{{1,25}})\))?\s*:\s*(?P<pages>{_RANGE})"
    ),
    # 168(6), 581-592              APA
    re.compile(
        rf"(?P<volume>\d+)\s*,?\s*\((?P<issue>(?!{_YEAR}\))[^()]{{1,20}})\)\s*[:,.]?\s*(?:pp?\.?\s*)?(?P<pages>{_RANGE})"
    ),
    # vol. 13, no. 6, pp. 930-945  IEEE
    re.compile(
        rf"\b[Vv]ol(?:ume)?\.?\s*(?P<volume>\d+)(?:[,;\s]+(?:[Nn]o|[Nn]r|[Ii]ssue|n°|n\.|N°)\.?\s*(?P<issue>\d+(?:[-–/]\d+)?))?"
        rf"(?:[^\d]{{0,30}}pp?\.?\s*(?P<pages>{_RANGE}))?"
    ),
    # 61, 327-335 and 18:27-35
    re.compile(
        rf"(?<![\d–-])(?P<volume>\d{{1,4}})(?P<issue>(?!))?\s*[,:]\s*(?:pp?\.?\s*)?(?P<pages>{_PAGE}\s*[-‐‑–—−]+\s*{_PAGE}|[Ee]?\d{{2,7}})(?!\d)"
    ),
    # 168(6)
    re.compile(r"(?<!\d)(?P<volume>\d{1,4})\s*\((?P<issue>\d{1,3})\)(?P<pages>(?!))?"),
)
_PAGES = re.compile(
    rf"(?:\bpp?\.?|\bpages?|\bS\.|:)\s*({_RANGE})|\b(\d+\s*[-–]\s*\d+)\b", re.IGNORECASE
)
_CONTAINER_END = re.compile(
    rf"\s*[,.;:]?\s*[(\[]?\s*(?:\b(?:vol(?:ume)?|no|nr|pp?|issue|bd|jg)\b\.?\s*\d|n°|{_YEAR}|\d+\s*[(.:,]|\d+\s*$|\d{{1,4}}\b)",
    re.IGNORECASE,
)
_PUBLISHER = re.compile(r"[^:]{2,40}\s*:\s*\S|.*\b(?:Press|Verlag|Publishers?|Publishing|Books)\b")
_IN = re.compile(r"^\W*\b(?:in|In|IN|en|dans)\b\s*:?\s+")


def _is_year(text: str | None) -> bool:
    return text is not None and re.fullmatch(_YEAR, text) is not None


def read_source(text: str) -> Source:
    """Journal or book, volume, issue and pages that stand in ``text``."""
    text = text.strip(" ,.;:")
    source = Source()
    if not text:
        return source
    chapter = _IN.match(text)
    if chapter is not None:
        text = text[chapter.end() :]
        source.kind = "incollection"
    for form in _FORMS:
        match = next(
            (
                m
                for m in form.finditer(text)
                if not _is_year(m["volume"]) and not _is_year(m["pages"])
            ),
            None,
        )
        if match is not None:
            source.volume, source.issue = match["volume"], match["issue"]
            source.pages = normal_pages(match["pages"])
            source.kind = "article" if chapter is None else source.kind
            break
    if source.pages is None:
        pages = _PAGES.search(text)
        found = (pages.group(1) or pages.group(2)) if pages else None
        if found and not re.fullmatch(_YEAR, found):
            source.pages = normal_pages(found)
    end = _CONTAINER_END.search(text)
    container = text[: end.start()] if end else text
    if source.volume is None and source.kind == "misc" and _PUBLISHER.match(container):
        source.kind = "book"
        return source
    source.container = container.strip(' ,.;:()[]“”"«»')
    return source
