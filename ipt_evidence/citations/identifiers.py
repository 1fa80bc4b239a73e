"""Identifiers of records: DOI, PubMed, PubMed Central, ISSN, trial registries.

Every function is idempotent: normalising twice is normalising once.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache
from urllib.parse import unquote

__all__ = [
    "doi_of",
    "find_doi",
    "may_name_trial",
    "normal_doi",
    "normal_issn",
    "normal_pmcid",
    "normal_pmid",
    "noted_pmid",
    "pmid_of_accession",
    "registry_ids_in",
]

_DOI = re.compile(r"10\.\d{4,9}(?:\.\d+)*/[^\s\"<>{}|\\^`]+", re.IGNORECASE)
# The Serial Item and Contribution Identifier in DOIs of Wiley, the AMS and others holds < and ; and
# ends in a version and mostly a check character, with or without the word SICI in front:
# (sici)1097-0258(19980815/30)17:15<1661::aid-sim968>3.0.co;2-2, 1520-0493(1999)127<9:a>2.0.co;2
_SICI = re.compile(
    r"10\.\d{4,9}/[^\s\"{}|\\^`<>]{5,80}<[^\s\"{}|\\^`<>]{1,80}>\d\.\d\.[a-z]{2};\d(?:-[\w#])?",
    re.IGNORECASE,
)
_LESS = ("<", "&lt", "textless", "&#60", "&#x3c")
_WRITTEN_SIGN = re.compile(r"\{?\\+text(less|greater)(?:\{\})?\}?|\$([<>])\$|\\([_&%#;<>])")
_DOI_TRAIL = ".,;:!?'\"*’”»"
# What follows a DOI in an address: ...?doi=10.1016/j.x&partnerID=40 and ...10.1016/j.x?via=y
_QUERY = re.compile(r"(?:&(?:amp;)?|\?)[A-Za-z][\w-]*=")
# The page of an article that an address leads to: .../10.1002/jclp.1/abstract, ...;jsessionid=3
_VIEW = re.compile(r"(?:/(?:abstract|full|fulltext|e?pdf|pdfdirect|summary)|;jsessionid=.*)$")
_PAIRS = {")": "(", "]": "["}
_OF_CENTRAL = "10.1002/central/"
"""Cochrane's page about a trial has an address like a DOI; the trial's report has its own."""


def _trim_doi(doi: str) -> str:
    """Drop sentence punctuation and brackets that were never opened inside the DOI."""
    while doi:
        last = doi[-1]
        unopened = last in _PAIRS and doi.count(last) > doi.count(_PAIRS[last])
        if last not in _DOI_TRAIL and not unopened:
            break
        doi = doi[:-1]
    return doi


def _sign(match: re.Match[str]) -> str:
    """The sign that a LaTeX command of `_WRITTEN_SIGN` stands for."""
    named, plain, escaped = match.groups()
    return {"less": "<", "greater": ">"}[named] if named else plain or escaped


def _has_less(lowered: str) -> bool:
    return any(sign in lowered for sign in _LESS)


def find_doi(text: str) -> str | None:
    """First DOI that stands anywhere in ``text``, in normal form, or None."""
    if "10." not in text:
        return None
    if "%2" in text or "%3" in text:
        text = unquote(text)
    if ("<" in text or "&" in text or "\\" in text) and _has_less(text.lower()):
        match = _SICI.search(html.unescape(_WRITTEN_SIGN.sub(_sign, text)))
        if match is not None:
            return match.group().lower()
    match = _DOI.search(text)
    if match is None:
        return None
    doi = _VIEW.sub("", _trim_doi(_QUERY.split(match.group(), maxsplit=1)[0]).lower())
    if doi.startswith(_OF_CENTRAL):
        return None
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
    plain = _PLAIN_DOI.fullmatch(lowered) and not lowered.startswith(_OF_CENTRAL)
    if plain and _VIEW.search(lowered):
        plain = False
    return lowered if plain else find_doi(value)


def normal_pmid(text: str | None) -> str | None:
    """The digits of a PubMed identifier, without leading zeros; None when there are none."""
    if not text:
        return None
    if text.isascii() and text.isdigit() and text[0] != "0" and len(text) <= 9:
        return text
    match = re.search(r"(?<!\d)0*([1-9]\d{0,8})(?!\d)", text)
    return match.group(1) if match and "pmc" not in text.lower() else None


_NOTED_PMID = re.compile(
    r"(?:^|[.;,|(]\s*|\n\s*)(?:PMID|PubMed(?: ID| PMID)?)\s?[:=#–-]?\s*(?:NLM)?(\d{1,8})(?!\d)",
    re.I,
)
_OF_OTHERS = re.compile(
    r"\b(?:comment (?:in|on)|erratum (?:in|for)|update (?:in|of)|retraction (?:in|of)|cite[sd]|"
    r"references?|summary for|see also|republished)\b|\((?:1[89]|20)\d\d[a-z]?\)",
    re.IGNORECASE,
)
_PUBMED_ADDRESS = re.compile(
    r"https?://(?:www\.)?(?:pubmed\.ncbi\.nlm\.nih\.gov|ncbi\.nlm\.nih\.gov/pubmed|pubmed\.gov)"
    r"/(?:\?term=)?(\d{1,8})\b[^\s]*",
    re.IGNORECASE,
)


def noted_pmid(note: str) -> str | None:
    """The record's own PubMed identifier in a note: labelled, and not that of a cited work.

    ``PMID: 123``, ``PubMed ID: 123``, ``PMID: NLM123`` (EBSCO) and PubMed's own address count where
    they begin a line or a statement of it; lines that cite a work with its year, and comments,
    errata and reference lists do not. Where a note names several, none of them is the record's.
    """
    if "pm" not in note.lower() and "pubmed" not in note.lower():
        return None
    found = set()
    for line in note.split("\n"):
        if not _OF_OTHERS.search(line):
            found.update(_NOTED_PMID.findall(line))
            address = _PUBMED_ADDRESS.fullmatch(line.strip())
            if address is not None:
                found.add(address.group(1))
    return normal_pmid(found.pop()) if len(found) == 1 else None


_MAX_PMID = 8


def pmid_of_accession(accession: str, database: str) -> str | None:
    """PubMed identifier of an accession number: every database has its own numbers.

    ``database`` is what the record says about the origin of the number. Where it names none, up to
    eight digits are taken for PubMed's, because that is what EndNote fills the field from most.
    """
    number = accession.strip().removeprefix("NLM")
    if not (number.isascii() and number.isdigit()) or len(number) > _MAX_PMID:
        return None
    named = database.strip().lower()
    if named and not any(word in named for word in ("medline", "pubmed", "nlm")):
        return None
    return normal_pmid(number)


_PMCID = re.compile(r"\bPMC(?:\s?|/articles/)0*([1-9]\d{0,9})\b", re.IGNORECASE)
_ISSN = re.compile(
    r"(?:(?<![\dX-])|(?<=ISSN-))(\d{4})(?:--?|[‐–])?(\d{3}[\dX])(?![\dX-])", re.IGNORECASE
)


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


# Sign that stands in the text in lower case, the number behind or in its name, and how the registry
# writes it before the number.
_REGISTRIES = tuple(
    (sign, re.compile(pattern, re.IGNORECASE if sign != "ntr" else 0), prefix)
    for sign, pattern, prefix in (
        ("nct", r"\bNCT[\s:#-]{0,2}(\d{8})(?!\d)", "NCT"),
        ("isrctn", r"\bISRCTN[\s:#-]{0,2}(\d{8})(?!\d)", "ISRCTN"),
        ("actrn", r"\bACTRN?[\s:#-]{0,2}(\d{14})p?(?!\d)", "ACTRN"),
        ("chictr", r"\bChiCTR[\s:]{0,2}((?:-[A-Z]{2,5}-?)?\d{8,10})(?!\d)", "ChiCTR"),
        ("drks", r"\bDRKS\s?(\d{8})(?!\d)", "DRKS"),
        ("umin", r"\bUMIN[\s:-]{0,2}(?:CTR[\s:-]{0,2})?(\d{9})(?!\d)", "UMIN"),
        ("jrct", r"\bjRCT\s?(s?\d{9,10})(?!\d)", "jRCT"),
        (
            "eudra",
            r"\bEudraCT(?:\s+(?:no|nr|number))?[\s.:#]{0,3}(\d{4}[-‐–]\d{6}[-‐–]\d{2})",
            "EUCTR",
        ),
        ("euctr", r"\bEUCTR[\s:]?(\d{4}-\d{6}-\d{2})", "EUCTR"),
        ("ctri", r"\bCTRI(\s?/\s?\d{4}\s?/\s?\d{2,3}\s?/\s?\d{6})(?!\d)", "CTRI"),
        ("kct", r"\bKCT(\d{7})(?!\d)", "KCT"),
        ("irct", r"\bIRCT(\s?\d{11,14}N\d{1,3})(?!\d)", "IRCT"),
        ("pactr", r"\bPACTR(\s?\d{12,15})(?!\d)", "PACTR"),
        ("tctr", r"\bTCTR(\d{11})(?!\d)", "TCTR"),
        ("slctr", r"\bSLCTR(/\d{4}/\d{3})(?!\d)", "SLCTR"),
        ("rbr-", r"\bRBR-([0-9a-z]{6,8})\b", "RBR-"),
        ("rpcec", r"\bRPCEC(\d{8})(?!\d)", "RPCEC"),
        ("ntr", r"\bNTR(\s?\d{1,5})(?!\d)", "NTR"),
        ("japiccti", r"\bJapicCTI[\s-]?(\d{6})(?!\d)", "JapicCTI-"),
        ("jma-iia", r"\bJMA-IIA(\d{5})(?!\d)", "JMA-IIA"),
        ("per-", r"\bPER-(\d{3}-\d{2})(?![\d-])", "PER-"),
        ("lbctr", r"\bLBCTR(\d{10})(?!\d)", "LBCTR"),
        ("itmctr", r"\bITMCTR(\d{10})(?!\d)", "ITMCTR"),
        ("hkuctr", r"\bHKUCTR[\s-](\d{1,5})(?!\d)", "HKUCTR-"),
        ("omon", r"\bNL-?OMON(\d{3,6})(?!\d)", "NL-OMON"),
        ("phrr", r"\bPHRR(\d{6}-\d{6})(?!\d)", "PHRR"),
        (
            "ct",
            r"\b(?:CTIS|EU[\s-]CT)[^\d\s]{0,2}\s?(?:(?:no|nr|number)\.?:?\s?)?"
            r"(20\d\d-5\d{5}-\d{2}-\d{2})(?!\d)",
            "CTIS",
        ),
    )
)
_CASE_KEPT = frozenset({"rbr-"})
_LOWER_CASE = frozenset({"jrct"})

_REGISTRY_SIGNS = ("CT", "DRKS", "UMIN", "NTR", "RBR-", "RPCEC", "JMA-", "PER-", "OMON", "PHRR")
"""One of these stands in every text that names a registration."""

_SIGN_IN_CAPITALS = re.compile("|".join(sign.strip("-") for sign in _REGISTRY_SIGNS).encode())
_NO_CAPITALS = bytes(set(range(256)) - set(range(65, 91)))
_SHORTEST = 6


def may_name_trial(text: str) -> bool:
    """Whether a registry's sign stands in ``text``; sought among its capitals first.

    For an abstract this takes a fifth of the time of the searches in the text itself.
    """
    if len(text) < _SHORTEST:
        return False
    capitals = text.encode("latin-1", "ignore").translate(None, _NO_CAPITALS)
    if _SIGN_IN_CAPITALS.search(capitals) is None:
        return False
    return any(sign in text for sign in _REGISTRY_SIGNS)


def _registry_number(text: str, sign: str) -> str:
    number = re.sub(r"[‐–]", "-", re.sub(r"\s", "", text))
    if sign in _CASE_KEPT:
        return number
    return number.lower() if sign in _LOWER_CASE else number.upper()


def registry_ids_in(*texts: str | None) -> list[str]:
    """Trial registry identifiers in ``texts``, in normal form, each once, in order of registry.

    Known: ClinicalTrials.gov (NCT), ISRCTN, ACTRN, ChiCTR, DRKS, UMIN and jRCT (also behind
    ``JPRN-``), EudraCT (as ``EUCTR2004-000123-45``), CTRI, KCT, IRCT, PACTR, TCTR, SLCTR, RBR,
    RPCEC, the Netherlands' NTR and OMON, JapicCTI, JMA-IIA, PER, LBCTR, ITMCTR, HKUCTR, PHRR and
    the EU's CTIS.
    """
    found: dict[str, None] = {}
    for text in texts:
        if not text or not may_name_trial(text):
            continue
        lowered = text.lower()
        for sign, pattern, prefix in _REGISTRIES:
            if sign in lowered:
                for number in pattern.findall(text):
                    found[prefix + _registry_number(number, sign)] = None
    return list(found)
