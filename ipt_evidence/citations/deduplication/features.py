"""What of a record is compared: its row of the table, folded once; pages and volumes as numbers."""

from __future__ import annotations

import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from ipt_evidence.citations.deduplication.titles import TitleForm, title_form
from ipt_evidence.citations.identifiers import normal_doi
from ipt_evidence.citations.normal_forms import normal_pages, normal_title

__all__ = ["Features", "Pages", "digests_of", "distrust_shared", "features_of", "parse_pages"]

WHOLE_ARTICLE = 3
"""Pages that two different articles cannot share; shorter items often stand on one page."""


@dataclass(frozen=True, slots=True)
class Pages:
    """First and last page: letters before the number, and the numbers. ``last`` may be missing."""

    prefix: str
    first: int
    last: int | None

    @property
    def is_article_number(self) -> bool:
        """Whether it numbers an article instead of a page."""
        return self.last is None and (self.first > 9_999 or self.prefix in ("e", "cd"))

    @property
    def tells_works_apart(self) -> bool:
        """Whether two works cannot share it: an article number, or three pages and more.

        Where articles have numbers, the pages of each begin with 1.
        """
        span = 0 if self.last is None or self.first == 1 else self.last - self.first + 1
        return span >= WHOLE_ARTICLE or self.is_article_number


_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_MONTH = re.compile(rf"(?:{'|'.join(_MONTHS)})(?=[-/\d]|$)|(?<=[-/])(?:{'|'.join(_MONTHS)})", re.I)
_DATED_PAGES = re.compile(rf"(\d{{1,2}})-({'|'.join(_MONTHS)})|({'|'.join(_MONTHS)})-(\d{{2}})")
_PAGE_COUNT = re.compile(r"(?<=\d)[.,;]?\s+\(?\d{1,4}\s?p\b.*$")
_ARTICLE_NUMBER = re.compile(
    r"^art(?:icles?|n|\.)?[\s.:]*(?:(?:id|no|num|number)\b[\s.:]*)?(?=\w*\d)"
)
_PAGE = re.compile(r"^([a-z]{0,7})[ .]?(\d{1,12})(?:-([a-z]{0,7})[ .]?(\d{1,12}))?")


def parse_pages(text: str) -> Pages | None:
    """``1234-45`` as 1234 to 1245; None for a count of pages or what holds no number.

    CINAHL's ``573-579 7p`` ends in the count of its pages; Web of Science writes ``ARTN e33123``;
    spreadsheets make ``18-Dec`` of 12-18.
    """
    pages = _PAGE_COUNT.sub("", (normal_pages(text) or "").lower())
    dated = _DATED_PAGES.fullmatch(pages)
    if dated is not None:
        pages = _undated(*dated.groups())
    numbered = _ARTICLE_NUMBER.sub("", pages)
    if re.search(r"\d\s*(?:pages?|pp?|seiten)\.?$", pages):
        return None
    found = _PAGE.match(numbered)
    if found is None:
        return None
    prefix, first, _, last = found.groups()
    if numbered != pages and not last:
        prefix = prefix or "e"
    end = int(last) if last else None
    if last and len(last) < len(first):
        end = int(first[: len(first) - len(last)] + last)
    return Pages(prefix, int(first), end if end is None or end >= int(first) else None)


def _undated(day: str | None, month: str, named: str | None, year: str | None) -> str:
    """The pages that a spreadsheet made a date: ``18-Dec`` was 12-18, ``Jan-45`` 1-45."""
    one = _MONTHS.index(named or month) + 1
    two = int(day or year or 0)
    return f"{min(one, two)}-{max(one, two)}"


_LONGEST_ISSUE = 5
_RUNNING = re.compile(r"\d{4}-\d{4,}|^[A-Za-z]{2,5}[-:]?\d{5,}")


def issue_number(text: str) -> str:
    """The number that counts in a volume or issue: ``Vol. 12 (Suppl 1)`` is 12.

    The number of a supplement is none, nor is a date that a spreadsheet made of ``2-3``, nor the
    running number of a database.
    """
    if text and (text[0] in "Ss" or _MONTH.search(text)):
        return ""
    found = re.search(r"\d+", text)
    if found is None or len(found.group()) > _LONGEST_ISSUE or _RUNNING.search(text):
        return ""
    return found.group().lstrip("0")


_REGISTRY_ID = re.compile(
    r"\b(NCT\d{8}|ISRCTN\d{8}|ACTRN\d{14}|DRKS\d{8}|EUCTR\d{4}-\d{6}-\d{2}|ChiCTR[-\w]{5,20}|"
    r"CTRI/\d{4}/\d{2,3}/\d{6}|IRCT\d{8,20}N\d{1,3}|UMIN\d{9}|JPRN-[-\w]{5,24}|KCT\d{7}|"
    r"NTR\d{2,5}|NL\d{3,5}|PACTR\d{15,16}|RBR-[a-z0-9]{6,8}|SLCTR/\d{4}/\d{3}|TCTR\d{11})\b",
    re.IGNORECASE,
)
_REGISTRIES = re.compile(
    r"clinicaltrials\.gov|who\.int/(?:trialsearch|ictrp)|trialsearch\.who|isrctn\.(?:com|org)|"
    r"anzctr\.org|clinicaltrialsregister\.eu|drks\.de|controlled-trials\.com|chictr\.org",
    re.IGNORECASE,
)
_REGISTRY_NAMES = frozenset(
    "nct isrctn actrn drks euctr chictr ctri irct umin jprn kct ntr per rbr tctr pactr".split()
)
_NAMES = (
    "type", "title", "authors", "year", "container_title", "volume", "issue", "pages", "doi",
    "pmid", "abstract", "url", "raw", "issn",
)  # fmt: skip
_NOBODY = frozenset({"anonymous", "anon", "no authors listed", "unknown", "na", "none", ""})
_ABSTRACT_KIND = re.compile(r"(?:conference|meeting) abstract|abstract report", re.IGNORECASE)
_ISSN = re.compile(r"\b(\d{4}-?\d{3}[\dXx])\b")
_KIND_FIELDS = frozenset(
    "work-type m3 pt dt work_type type_of_work custom3 document_type".split()
) | {"document type", "type of work"}
_SERIAL_FIELDS = frozenset("issn isbn sn is eissn".split())
_ABSTRACT = 600
_PREPRINT_DOIS = re.compile(
    r"10\.(?:1101/(?:\d{4}\.\d\d\.\d\d|\d{6}$)|2139/ssrn|21203/rs\.|20944/preprints|48550/arxiv|"
    r"(?:31234|31219|31235|31222|26434|36227|22541|64898)/)"
)
_PREPRINT_PLACES = re.compile(
    r"^(?:arxiv|biorxiv|medrxiv|psyarxiv|socarxiv|chemrxiv|ssrn|research square|preprints?\b"
    r"|osf preprints|authorea|techrxiv)",
    re.IGNORECASE,
)
# The Cochrane register of trials gives its records DOIs of their own, beside that of the article.
_RECORD_DOIS = ("10.1002/central/",)
_DOI = frozenset({"doi"})
# A SICI ends in its check character; cut off at "<" or ";" it is that of the whole issue.
_WHOLE_SICI = re.compile(r";2-[\w#]$")
_MOST_TITLES = 4
_TITLE_START = 12
MAX_PMID_DIGITS = 8
"""Longer numbers in the place of a PMID are accession numbers of other databases."""


@dataclass(frozen=True, slots=True)
class Features:
    """One record as it is compared. Missing texts are empty, missing numbers None.

    ``distrusted`` names the identifiers (doi, pmid) that too many different titles share; ``given``
    has the given names of the first author, which some databases take for the family name;
    ``corporate`` whether the first author is a group or an institution.
    """

    title: TitleForm
    families: tuple[str, ...]
    initial: str
    year: int | None
    journal: str
    issns: frozenset[str]
    volume: str
    issue: str
    pages: Pages | None
    doi: str
    pmid: str
    registry: str
    is_registry: bool
    is_abstract: bool
    is_article: bool
    is_preprint: bool
    abstract: str
    is_thesis: bool = False
    given: frozenset[str] = frozenset()
    corporate: bool = False
    distrusted: frozenset[str] = frozenset()
    is_translated: bool = False
    is_supplement: bool = False


_TRANSLATED = re.compile(r"\[[^\[\]]+\]\s*\.?\s*$")
"""``[Interpersonal psychotherapy in hospital].``: how MEDLINE gives a translated title."""
_SUPPLEMENT = re.compile(r"\bsup(?:p|pl|plement)?\b|(?:^|\s)S\d|suppl", re.IGNORECASE)
_THESES = re.compile(
    r"(?:dissertation|masters?|thesis|theses) abstracts?|proquest (?:dissertation|thes)",
    re.IGNORECASE,
)
_CORPORATE = re.compile(
    r"\b(?:group|study|stud(?:y|ies)|investigators?|collaborat\w*|consortium|committee|network|trial|"
    r"trialists|society|association|organi[sz]ation|institut\w*|centre|center|universit\w+|"
    r"ministry|department|team|council|agency)\b"
)


def features_of(citations: pd.DataFrame) -> list[Features]:
    """The features of each row, in order. Columns that the table lacks count as missing."""
    return [_features(row) for row in _rows(citations)]


def distrust_shared(features: list[Features]) -> None:
    """Mark identifiers that stand on many works: a supplement's DOI, a database's own number."""
    for name in ("doi", "pmid"):
        _distrust_shared(features, name)


def _distrust_shared(features: list[Features], name: str) -> None:
    holders: defaultdict[str, list[int]] = defaultdict(list)
    for position, record in enumerate(features):
        if identifier := getattr(record, name):
            holders[identifier].append(position)
    for positions in holders.values():
        if len(positions) <= _MOST_TITLES:
            continue
        starts = {features[item].title.core[:_TITLE_START] for item in positions} - {""}
        if len(starts) > _MOST_TITLES:
            for item in positions:
                distrusted = features[item].distrusted | {name}
                features[item] = replace(features[item], distrusted=distrusted)


def _rows(citations: pd.DataFrame) -> Iterator[dict[str, Any]]:
    columns = [
        citations[name].astype(object).tolist() if name in citations else [None] * len(citations)
        for name in _NAMES
    ]
    for values in zip(*columns, strict=True):
        yield dict(zip(_NAMES, values, strict=True))


def digests_of(citations: pd.DataFrame) -> list[bytes | None]:
    """What tells copies of a record from others: a digest of ``raw``; None where it is empty."""
    if "raw" not in citations:
        return [None] * len(citations)
    return [_digest(raw) for raw in citations["raw"]]


def _digest(raw: object) -> bytes | None:
    if not isinstance(raw, Mapping) or not raw:
        return None
    return hashlib.blake2b(repr(raw).encode("utf-8", "replace"), digest_size=12).digest()


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _features(row: Mapping[str, Any]) -> Features:
    raw = row["raw"] if isinstance(row["raw"], Mapping) else {}
    journal, url, title = _text(row["container_title"]), _text(row["url"]), _text(row["title"])
    families, initial, given, registry_author = _people(row["authors"])
    in_registry = registry_author or bool(_REGISTRIES.search(journal))
    if not journal and not in_registry:
        in_registry = bool(_REGISTRIES.search(url)) or bool(_REGISTRY_ID.match(title))
    found = _REGISTRY_ID.search(f"{journal} {url} {title}") if in_registry else None
    if in_registry or "://" in journal:
        journal = ""
    kind = " ".join(_text(value) for name, value in raw.items() if name.lower() in _KIND_FIELDS)
    doi, pmid = normal_doi(_text(row["doi"])) or "", _text(row["pmid"])
    if doi.startswith(_RECORD_DOIS):
        doi = ""
    is_abstract = bool(_ABSTRACT_KIND.search(kind)) if kind else False
    is_thesis = "thesis" in _text(row["type"]).lower()
    volume, issue, pages = _text(row["volume"]), _text(row["issue"]), _text(row["pages"])
    if _THESES.match(journal):  # a list of theses: where it stands there is not its own place
        is_thesis, journal, volume, issue, pages = True, "", "", "", ""
    return Features(
        title=title_form(_repaired_text(title)),
        families=families,
        initial=initial,
        year=_year(row["year"]),
        journal=journal,
        issns=_issns(raw, row["issn"]),
        volume=issue_number(volume),
        issue=issue_number(issue),
        pages=parse_pages(pages),
        doi=doi,
        pmid=pmid if pmid.isdigit() and len(pmid) <= MAX_PMID_DIGITS else "",
        registry=found.group().upper() if found else "",
        is_registry=in_registry,
        is_abstract=is_abstract,
        is_article=not is_abstract and "article" in kind.lower(),
        is_preprint=bool(_PREPRINT_DOIS.match(doi)) or bool(_PREPRINT_PLACES.match(journal)),
        abstract=_text(row["abstract"])[:_ABSTRACT],
        is_thesis=is_thesis,
        given=given,
        corporate=bool(families) and bool(_CORPORATE.search(families[0])),
        is_translated=bool(_TRANSLATED.match(title)),
        is_supplement=bool(_SUPPLEMENT.search(f"{volume} {issue} {pages}")),
        distrusted=_DOI if "(sici)" in doi and not _WHOLE_SICI.search(doi) else frozenset(),
    )


def _people(authors: Any) -> tuple[tuple[str, ...], str, frozenset[str], bool]:
    """Folded family names, the first author's initial and given names, whether it is a registry."""
    nobody: frozenset[str] = frozenset()
    if not isinstance(authors, list | tuple):
        return (), "", nobody, False
    families: list[str] = []
    initial, given = "", nobody
    for person in authors:
        family = normal_title(_repaired_text(person.get("family", "")))
        registry = family in _REGISTRY_NAMES or _REGISTRY_ID.fullmatch(family)
        if len(authors) == 1 and registry and not person.get("given"):
            return (), "", nobody, True
        if family in _NOBODY:
            continue
        if not families:
            names = normal_title(person.get("given", ""))
            initial = names[:1]
            given = frozenset(name for name in names.split() if len(name) > 1) if names else nobody
        families.append(sys.intern(family))  # many records share them
    return tuple(families), initial, given, False


def _repaired_text(text: str) -> str:
    """``MÃ¼ller``, UTF-8 that was read as Latin-1, as ``Müller``; any other text as it is."""
    if "Ã" not in text and "â€" not in text:
        return text
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text


def _year(value: Any) -> int | None:
    return int(value) if isinstance(value, int | float) and value == value else None


def _issns(raw: Mapping[str, Any], known: object) -> frozenset[str]:
    found = [known.replace("-", "").upper()] if isinstance(known, str) else []
    for name, value in raw.items():
        if name.lower() in _SERIAL_FIELDS and isinstance(value, str):
            found += [item.replace("-", "").upper() for item in _ISSN.findall(value)]
    return frozenset(found)
