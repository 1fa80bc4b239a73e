"""Identifiers of records: DOI, PubMed, PubMed Central, ISSN, trial registries.

Every function is idempotent: normalising twice is normalising once.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import lru_cache
from urllib.parse import unquote

__all__ = [
    "doi_of",
    "find_doi",
    "normal_doi",
    "normal_issn",
    "normal_pmcid",
    "normal_pmid",
    "pmid_of_accession",
    "registry_ids_in",
]

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"<>{}|\\^`]+", re.IGNORECASE)
# The Serial Item and Contribution Identifier in DOIs of Wiley and others holds < and ; and ends in
# a version and a check character: (sici)1097-0258(19980815/30)17:15<1661::aid-sim968>3.0.co;2-2.
_SICI = re.compile(r"10\.\d{4,9}/\(?sici\)?[^\s\"{}|\\^`]{5,120}?;\d-[\w#]", re.IGNORECASE)
_DOI_TRAIL = ".,;:!?'\"*’”»"
# What follows a DOI in an address: ...?doi=10.1016/j.x&partnerID=40 and ...10.1016/j.x?via=y
_QUERY = re.compile(r"(?:&(?:amp;)?|\?)[A-Za-z][\w-]*=")
# The page of an article that an address leads to: .../10.1002/jclp.1/abstract, ...;jsessionid=3
_VIEW = re.compile(r"(?:/(?:abstract|full|fulltext|e?pdf|pdfdirect|summary)|;jsessionid=.*)$")
_PAIRS = {")": "(", "]": "["}


def _trim_doi(doi: str) -> str:
    """Drop sentence punctuation and brackets that were never opened inside the DOI."""
    while doi:
        last = doi[-1]
        unopened = last in _PAIRS and doi.count(last) > doi.count(_PAIRS[last])
        if last not in _DOI_TRAIL and not unopened:
            break
        doi = doi[:-1]
    return doi


def find_doi(text: str) -> str | None:
    """First DOI that stands anywhere in ``text``, in normal form, or None."""
    if "10." not in text:
        return None
    if "%2" in text or "%3" in text:
        text = unquote(text)
    if "sici" in text.lower():
        match = _SICI.search(html.unescape(text))
        if match is not None:
            return match.group().lower()
    match = _DOI.search(text)
    if match is None:
        return None
    doi = _VIEW.sub("", _trim_doi(_QUERY.split(match.group(), maxsplit=1)[0]).lower())
    return doi if _DOI.fullmatch(doi) else None


def normal_doi(text: str | None) -> str | None:
    """A DOI in lower case from ``10.`` on, without resolver, prefix or trailing punctuation.

    Returns None when ``text`` holds no DOI. DOIs are case-insensitive (ISO 26324).
    """
    return find_doi(text) if text else None


_PLAIN_DOI = re.compile(r"10\.\d{4,9}/[a-z0-9._/-]*[a-z0-9]")


def doi_of(value: str | None) -> str | None:
    """DOI of a field that is meant for one."""
    if not value:
        return None
    lowered = value.strip().lower()
    return lowered if _PLAIN_DOI.fullmatch(lowered) else find_doi(value)


def normal_pmid(text: str | None) -> str | None:
    """The digits of a PubMed identifier, without leading zeros; None when there are none."""
    if not text:
        return None
    if text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= 9:
        return text
    match = re.search(r"(?<!\d)0*([1-9]\d{0,8})(?!\d)", text)
    return match.group(1) if match and "pmc" not in text.lower() else None


_MAX_PMID = 8


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


_PMCID = re.compile(r"\bPMC\s?0*([1-9]\d{0,9})\b", re.IGNORECASE)
_ISSN = re.compile(r"(?<![\dX-])(\d{4})[-‐–]?(\d{3}[\dX])(?![\dX-])", re.IGNORECASE)


def normal_pmcid(text: str | None) -> str | None:
    """A PubMed Central identifier as ``PMC`` and digits; None when ``text`` holds none."""
    match = _PMCID.search(text) if text else None
    return f"PMC{match.group(1)}" if match else None


@lru_cache(maxsize=65_536)
def normal_issn(text: str | None) -> str | None:
    """The first ISSN in ``text`` as ``1234-567X``; None where there is none, as with an ISBN.

    The check digit (ISO 3297) is not demanded: catalogues hold ISSNs with a slip, and a wrong
    one still tells two journals apart.
    """
    match = _ISSN.search(text) if text else None
    return f"{match.group(1)}-{match.group(2).upper()}" if match else None


def _plain(match: re.Match[str]) -> str:
    return re.sub(r"\s", "", match.group(1)).upper()


def _chinese(match: re.Match[str]) -> str:
    return "ChiCTR" + re.sub(r"\s", "", match.group(1)).upper()


def _european(match: re.Match[str]) -> str:
    return "EUCTR" + re.sub(r"[\s‐–]", "-", match.group(1))


def _japanese(match: re.Match[str]) -> str:
    return "jRCT" + match.group(1).lower()


_REGISTRIES: tuple[tuple[str, re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    ("nct", re.compile(r"\b(NCT[\s:#-]?\d{8})(?!\d)", re.I), lambda m: "NCT" + m.group(1)[-8:]),
    (
        "isrctn",
        re.compile(r"\bISRCTN[\s:#-]{0,2}(\d{8})(?!\d)", re.I),
        lambda m: "ISRCTN" + m.group(1),
    ),
    (
        "actrn",
        re.compile(r"\bACTRN?[\s:#-]{0,2}(\d{14})p?(?!\d)", re.I),
        lambda m: "ACTRN" + m.group(1),
    ),
    (
        "chictr",
        re.compile(r"\bChiCTR[\s:]{0,2}((?:-[A-Z]{2,5}-?)?\d{8,10})(?!\d)", re.I),
        _chinese,
    ),
    ("drks", re.compile(r"\b(DRKS\s?\d{8})(?!\d)", re.I), _plain),
    (
        "umin",
        re.compile(r"\bUMIN[\s:-]{0,2}(?:CTR[\s:-]{0,2})?(\d{9})(?!\d)", re.I),
        lambda m: "UMIN" + m.group(1),
    ),
    ("jrct", re.compile(r"\bjRCT\s?(s?\d{9,10})(?!\d)", re.I), _japanese),
    (
        "eudra",
        re.compile(
            r"\bEudraCT(?:\s+(?:no|nr|number))?[\s.:#]{0,3}(\d{4}[-‐–]\d{6}[-‐–]\d{2})", re.I
        ),
        _european,
    ),
    ("euctr", re.compile(r"\bEUCTR[\s:]?(\d{4}-\d{6}-\d{2})", re.I), _european),
    ("ctri", re.compile(r"\b(CTRI\s?/\s?\d{4}\s?/\s?\d{2,3}\s?/\s?\d{6})(?!\d)", re.I), _plain),
    ("kct", re.compile(r"\b(KCT\d{7})(?!\d)", re.I), _plain),
    ("irct", re.compile(r"\b(IRCT\s?\d{11,14}N\d{1,3})(?!\d)", re.I), _plain),
    ("pactr", re.compile(r"\b(PACTR\s?\d{12,15})(?!\d)", re.I), _plain),
    ("tctr", re.compile(r"\b(TCTR\d{11})(?!\d)", re.I), _plain),
    ("slctr", re.compile(r"\b(SLCTR/\d{4}/\d{3})(?!\d)", re.I), _plain),
    ("rbr-", re.compile(r"\b(RBR-[0-9a-z]{6,8})\b", re.I), lambda m: "RBR-" + m.group(1)[4:]),
    ("rpcec", re.compile(r"\b(RPCEC\d{8})(?!\d)", re.I), _plain),
    ("ntr", re.compile(r"\b(NTR\s?\d{1,5})(?!\d)"), _plain),
)


_REGISTRY_SIGNS = ("CT", "DRKS", "UMIN", "NTR", "RBR-", "RPCEC")
"""One of these stands in every text that names a registration."""

_SHORTEST = 6


def _may_hold_one(text: str) -> bool:
    if len(text) >= _SHORTEST:
        for sign in _REGISTRY_SIGNS:
            if sign in text:
                return True
    return False


def registry_ids_in(*texts: str | None) -> list[str]:
    """Trial registry identifiers in ``texts``, in normal form, each once, in order of registry.

    Known: ClinicalTrials.gov (NCT), ISRCTN, ACTRN, ChiCTR, DRKS, UMIN and jRCT (also behind
    ``JPRN-``), EudraCT (as ``EUCTR2004-000123-45``), CTRI, KCT, IRCT, PACTR, TCTR, SLCTR, RBR,
    RPCEC and the Netherlands' NTR.
    """
    found: dict[str, None] = {}
    for text in texts:
        if not text or not _may_hold_one(text):
            continue
        lowered = text.lower()
        for name, pattern, form in _REGISTRIES:
            if name in lowered:
                for match in pattern.finditer(text):
                    found[form(match)] = None
    return list(found)
