"""One printed reference → its parts, whatever the style.

Five shapes cover the styles that people paste: a mark of the kind behind the title (the Chinese
standard GB/T 7714); a title in quotation marks (MLA, Chicago, IEEE);
a year straight after the authors (APA, Harvard); authors, title, journal as sentences (Vancouver,
ACM); and authors and title parted by commas. The first that fits is taken.

"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ipt_evidence.citations.identifiers import find_doi, normal_pmid
from ipt_evidence.citations.normal_forms import year_in
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.readers.printed_names import is_body, parse_author_text, take_authors
from ipt_evidence.citations.readers.printed_source import (
    Source,
    first_sentence,
    read_source,
    split_between_commas,
    split_title,
)
from ipt_evidence.citations.records import Person

__all__ = ["Reference", "Source", "parse_reference"]


@dataclass(slots=True)
class Reference:
    """What could be read in a printed reference; parts that are not there stay empty."""

    title: str = ""
    authors: list[Person] = field(default_factory=list)
    et_al: bool = False
    year: int | None = None
    source: Source = field(default_factory=Source)
    doi: str | None = None
    pmid: str | None = None
    url: str | None = None


_DOI_TEXT = re.compile(
    r"(?:https?://(?:dx\.)?doi\.org/|\bdoi:?\s*(?:org/)?|\[doi\]\s*)?10\.\d{4,9}/\S+", re.IGNORECASE
)
_PMID = re.compile(r"\bPMID:?\s*(\d{1,9})\.?", re.IGNORECASE)
_PMC = re.compile(r"\b(?:PMCID:?\s*)?PMC\d+\.?", re.IGNORECASE)
_URL = re.compile(r"<?(https?://[^\s<>\]]+|www\.[^\s<>\]]+)>?", re.IGNORECASE)
_ACCESS = re.compile(
    r"[\[(]?\b(?:accessed|retrieved(?: from)?|retirado de|available (?:at|from|online)|"
    r"disponible en|abgerufen|last accessed|viewed|epub)\b[^.\]]*[\])]?\.?:?",
    re.IGNORECASE,
)
_ACCESSED = re.compile(
    r"[\[(,;]?\s*\b(?:last )?(?:accessed|cited|retrieved|viewed|updated|checked|"
    r"consulted|abgerufen|"
    r"zugriff|consulté|consultado|acesso)\b(?:\s+(?:on|am|le|el|em))?[\s:]*"
    r"(?:\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{4}|\d{4}\s+[^\W\d_]{3,9}\.?(?:\s+\d{1,2})?|"
    r"(?:\d{1,2}(?:st|nd|rd|th)?\.?\s+)?[^\W\d_]{3,9}\.?(?:\s+\d{1,2}(?:st|nd|rd|th)?)?,?\s+\d{4})[\])]?",
    re.IGNORECASE,
)
"""When a page was seen: no year of its own."""
_OF_ACCESS = (
    *("access", "cited", "retriev", "viewed", "update", "check", "consult", "abgerufen", "zugriff"),
    *("acesso", "retirado", "available", "disponible", "epub"),
)
"""One of these stands in every text that says when a page was seen; sought first, for speed."""
_FIRST_EDITION = re.compile(
    r"(?<=\d{4})\s*\[(?:1[5-9]|20)\d\d\]|"
    r"\s*\[(?:1[5-9]|20)\d\d\](?=[^\[\]]*\b(?:1[5-9]|20)\d\d\b)|"
    r"(?<=\d{4})\s*\((?:orig|first published|1st ed)[^()\d]{0,20}(?:1[5-9]|20)\d\d\)|"
    r"[\[(](?:original(?: work)? published|first published)[^()\[\]]{0,20}[\])]",
    re.IGNORECASE,
)
_NUMBER = re.compile(
    r"^\s*(?:\[\d{1,4}\]?|\[[A-Za-z][\w+.:-]{2,30}\](?=\s)|\(\d{1,4}\)|\d{1,4}[.)]|\d{1,3}(?=\s+[^\W\d_]))\s*"
)
_QUOTED = re.compile(
    r"“(.{3,}?)[”\"](?=[\s,.;:(]|$)|[\"”](.{3,}?)[\"”“](?=[\s,.;:(]|$)|«\s*(.{3,}?)\s*»"
    r"|‘(.{8,}?)’(?=[,.;\s]|$)|,,(.{3,}?)[”\"]|„(.{3,}?)[“”]|``(.{3,}?)''"
)
_SINGLE_QUOTED = re.compile(r"(?<![^\s(])['‘](.{8,}?)['’](?=[,.;]|\s+(?:in|In)\b|\s*\(|$)")
_DATED = re.compile(
    r"[\s.,]*[(\[]\s*(?:(?:1[5-9]|20)\d\d/)?((?:1[5-9]|20)\d\d)(?:[/–-]\d{2,4})?[a-z]?(?:[,;\s][^()\[\]]{0,40})?[)\]]"
    r"\s*[.,:]?\s*"
)
_BARE_YEAR = re.compile(r"[\s.,:;]+((?:1[5-9]|20)\d\d)[a-z]?(?:\s*[.,:]\s+|\s+(?=[^\W\d_]))")
_IN_PRESS = re.compile(
    r"[\s.,]*\((?:in press|forthcoming|submitted|n\.\s?d\.)\)[.,]?\s*", re.IGNORECASE
)
_HYPHENATED = re.compile(
    r"(?<=[^\W\d_])- (?!and\b|or\b|und\b|to\b|y\b|et\b|oder\b)(?=[a-zß-ÿ]{3,})"
)
_LABELS = re.compile(
    r"\s*\[(?:doi|internet|online|abstract|thesis|dissertation|in [a-z]+)\]", re.IGNORECASE
)


_LONGEST_WORDS = 14
_UNSPACED = re.compile(
    r"(?<=[^\W\d_],)(?=[^\W\d_])|(?<=[a-zß-ÿ]{2}[.,:;])(?=[A-ZÀ-Þ\d])|(?<=\)\.)(?=[A-ZÀ-Þ])|"
    r"(?<=\),)(?=\d)|(?<=[A-Z]\.)(?=\(\d{4})|(?<=\d,)(?=[A-ZÀ-Þ])"
)
"""Where a space is missing in a reference that was printed without: ``Elm,A.(2014).Title.J``."""


def parse_reference(text: str) -> Reference:
    """The parts of one printed reference."""
    reference = Reference(doi=find_doi(text))
    if text.count(" ") < len(text) / _LONGEST_WORDS:
        text = _UNSPACED.sub(" ", text)
    text = _HYPHENATED.sub("", text)  # words that a line end has cut
    body = _strip_identifiers(_NUMBER.sub("", text, count=1), reference)
    for shape in (_marked, _quoted, _dated, _sentences, _commas):
        if shape(body, reference):
            break
    if reference.year is None and not _IN_PRESS.search(body[:400]):
        reference.year = _likely_year(body)
    if not reference.et_al and len(reference.authors) > 2:
        reference.et_al = _POINTS.search(body.partition(reference.title or "(")[0]) is not None
    reference.title = _clean_title(reference.title)
    _take_back_title(reference)
    return reference


_NO_TITLE = re.compile(r"(?:(?![^\W\d_]{3}).)*|(?:[Ee]d|[Hh]rsg|[Tt]rans)s?\.\s.*", re.DOTALL)
"""Without a word of three letters, or an editor."""
_LEAST_WORDS = 3


def _take_back_title(reference: Reference) -> None:
    """Give a work without authors its title, which was taken for the name of a body."""
    if len(reference.authors) != 1 or not _NO_TITLE.fullmatch(reference.title):
        return
    name = reference.authors[0]
    found = reference.url or reference.source.container or reference.source.kind == "book"
    if not name["given"] and len(name["family"].split()) >= _LEAST_WORDS and found:
        reference.title, reference.authors = _clean_title(name["family"]), []


def _strip_identifiers(text: str, reference: Reference) -> str:
    pmid = _PMID.search(text)
    if pmid is not None:
        reference.pmid = normal_pmid(pmid.group(1))
    if "PM" in text.upper():
        text = _PMC.sub(" ", _PMID.sub(" ", text))
    address = _URL.search(text) if "://" in text or "www." in text else None
    if address is not None:
        reference.url = address.group(1).rstrip(".,;)")
        text = _URL.sub(" ", text)
    if "10." in text:
        text = _DOI_TEXT.sub(" ", text)
    low = text.lower()
    accessed = any(word in low for word in _OF_ACCESS)
    text = _FIRST_EDITION.sub("", _ACCESSED.sub(" ", text) if accessed else text)
    text = re.sub(r",?\s+from:?\s*$", "", text)
    text = _LABELS.sub("", _ACCESS.sub(" ", text) if accessed else text)
    return " ".join(text.split()).strip()


def _likely_year(text: str) -> int | None:
    """The year in brackets if there is one, otherwise the last that is no page number."""
    bracketed = re.findall(
        r"[(\[][^()\[\]]{0,20}?((?:1[5-9]|20)\d\d)[a-z]?[^()\[\]]{0,20}[)\]]", text
    )
    if bracketed:
        return int(bracketed[-1])
    free = re.findall(r"(?<![\d\-–:.])((?:1[5-9]|20)\d\d)(?![\d\-–])", text)
    return int(free[-1]) if free else year_in(text)


_TITLE_NOTE = re.compile(
    r"[.,]?\s*\((?:[^()]*\b(?:ed(?:n|s|ition)?|eds?|trans|tr|dissertation|thesis|Hrsg)\b[^()]*)\)?\W*$"
    r"|[.,]\s*\d+(?:st|nd|rd|th|\.ª)?\.?\s+ed(?:n|ition)?\b.*$|[.,]\s*[Vv]ol\.\s*\w+\W*$",
    re.IGNORECASE,
)


_EDITED_BY = re.compile(
    r",\s+(?:(?:(?:edited|translated)\s+by|eds?\.|trans(?:l|lated)?\.|[Tt]rad\.?|[Üü]bers\.|hrsg\.)"
    r"\s+[^\W\d_].*|(?:[^\W\d_a-z][\w.]*\s){2,4}\((?:trans|ed)s?\.\)\W*|trans\.?|(?:volume|pages?|pp?\.)\s*\d+.*"
    r"|(?:Ph\.?\s?D\.?|Doctoral|Master\S*|M\.?Sc\.?)\s+(?:[Tt]hesis|[Dd]issertation).*)$"
)
"""Editor, translator or volume behind the title of a book."""


def _clean_title(title: str) -> str:
    title = re.sub(r"[.,;]\s+\(?(?:1[5-9]|20)\d\d\W*$", "", title)
    title = _TITLE_NOTE.sub("", _EDITED_BY.sub("", title))
    title = title.strip().strip('“”"«»„').strip()
    title = re.sub(r"\s*\[(?:[A-Za-z ]{4,30})\]\s*$", "", title)
    return title.strip(" ,;:").rstrip(".").strip() if not title.endswith("...") else title


_POINTS = re.compile(r",\s*(?:(?:\.\s?){3}|…)\s*&?\s*(?=[^\W\d_])")
"""What stands for the authors that APA leaves out."""

_PLAIN_SIGNS = str.maketrans("，．：；（）［］", ",.:;()[]")
_MARKED = re.compile(
    r"(?P<names>[^.]{2,400})\.\s*(?P<title>.{2,500}?)\s*\[(?P<kind>[JMDCNRP])(?:/[A-Z]{2})?\]\s*[.,]?"
    r"\s*(?://)?\s*(?P<place>[^\d].{0,200}?)[,:]\s*(?P<year>(?:1[89]|20)\d\d)(?:,\s*(?P<volume>\w+))?"
    r"\s*(?:\((?P<issue>[^()]{1,20})\))?(?:\s*:\s*(?P<pages>[\w–-]+(?:\+\d+)?))?.*"
)
_KINDS = {"J": "article", "M": "book", "D": "phdthesis", "C": "inproceedings", "R": "techreport"}


def _marked(body: str, reference: Reference) -> bool:
    """张三,李四,等.Title[J].Journal,2018,32(5):401-405."""
    match = _MARKED.fullmatch(body.translate(_PLAIN_SIGNS))
    if match is None:
        return False
    names = [name for part in match["names"].split(",") if (name := part.strip())]
    known = [name for name in names if name not in ("等", "et al")]
    reference.authors, more = people_of(known)
    reference.et_al = more or len(known) < len(names)
    reference.title, reference.year = match["title"], int(match["year"])
    kind = _KINDS.get(match["kind"], "misc")
    container = match["place"].strip() if kind in ("article", "inproceedings") else ""
    reference.source = Source(
        container=container,
        volume=match["volume"],
        issue=match["issue"],
        pages=match["pages"],
        kind=kind,
    )
    return True


def _quoted(body: str, reference: Reference) -> bool:
    """Authors. “Title.” Journal 168.6 (2011): 581-592."""
    match = _QUOTED.search(body) or _SINGLE_QUOTED.search(body)
    if match is None or match.start() > 0.8 * len(body) or match.start() > 1_500:
        return False
    title = next(group for group in match.groups() if group)
    before, after = body[: match.start()], body[match.end() :]
    if len(title.split()) < 2 and len(before.split()) > 8:
        return False
    if re.match(r"\s*(?:[-–—:]|(?!in\b)[a-zß-ÿ])", after):
        return False  # the quotation opens a title
    dated = _DATED.search(before) or re.search(r"[\s.,]+((?:1[5-9]|20)\d\d)[a-z]?[\s.,:]*$", before)
    if dated is not None:
        reference.year = int(dated.group(1))
        before = before[: dated.start() + (before[dated.start()] == ".")]
    if len(re.findall(r"[.!?]\s+[^\W\d_]{4,}\s+[^\W\d_]{2,}", before)) > 1:
        return False  # the quotation stands inside a title
    people, _, end = take_authors(before)
    if people and len(re.findall(r"[^\W\d_]{3,}", before[end:])) >= 2:
        return False
    reference.title = title
    reference.authors, reference.et_al = parse_author_text(before)
    reference.source = read_source(after)
    if reference.source.kind == "misc" and reference.source.container:
        reference.source.kind = "article"
    return True


def _dated(body: str, reference: Reference) -> bool:
    """Authors (2011). Title. Journal, 168(6), 581-592."""
    people, others, end = take_authors(body)
    dated = _DATED.search(body[:400])
    if dated is not None and is_body(body[: dated.start()]):
        end = dated.start()
        people = [{"family": body[:end].strip(" .,;:"), "given": ""}]
    editors = re.match(r"[\s,.]*\(?\b(?:Eds?|Hrsg|Org)\b\.?\)?[\s,.]*", body[end:])
    end += editors.end() if people and editors else 0
    match = _DATED.match(body, end) or _BARE_YEAR.match(body, end) or _IN_PRESS.match(body, end)
    if match is None or not people:
        match = _DATED.search(body[:400]) or _IN_PRESS.search(body[:400])
        if match is None or len(body) - match.end() < 10 or match.start() < 2:
            return False
        before = body[: match.start()]
        if (
            re.search(r"\d", before)
            or len(body) - match.end() < 0.3 * len(before)
            or _has_title(before, people, end)
        ):
            return False
        people, others = parse_author_text(before)
    year = max(map(int, re.findall(r"(?:1[5-9]|20)\d\d", match.group())[:2]), default=None)
    rest = body[match.end() :].lstrip(" .,:;")
    if len(rest.split()) < (1 if reference.url else 2):
        return False
    reference.authors, reference.et_al, reference.year = people, others, year
    reference.title, after = split_title(rest)
    reference.source = read_source(after)
    return True


def _has_title(before: str, people: list[Person], end: int) -> bool:
    """Whether the text before a year goes on with a title after the authors."""
    return bool(people) and len(before[end:].split()) >= 4


def _sentences(body: str, reference: Reference) -> bool:
    """Authors. Title. Journal 2011;168(6):581-92."""
    people, others, end = take_authors(body)
    rest = body[end:]
    opening = re.match(r"\s*(?:\((?:eds?|hrsg)\.?\))?\s*[.:]\s*(?=\S)", rest, re.IGNORECASE)
    if people and (
        opening
        or (others and rest[:1] in " ,:")
        or (body[end - 1 : end] == "." and rest[:1] == " ")
    ):
        text = rest[opening.end() :] if opening else rest.lstrip(" ,:.")
        title, after = split_title(text)
        if title and len(title.split()) < 2 and len(title) < 5:
            return False
        reference.authors, reference.et_al = people, others
        reference.title = title
        reference.source = read_source(after)
        return True
    head, tail = first_sentence(body)
    if not tail or len(head) > 250 or (people and abs(len(head) - end) > 3):
        return False
    reference.authors, reference.et_al = parse_author_text(head)
    reference.title, after = first_sentence(tail)
    reference.source = read_source(after)
    return len(reference.title.split()) >= 2


def _commas(body: str, reference: Reference) -> bool:
    """Authors, Title, Journal 168, 581 (2011)."""
    people, others, end = take_authors(body)
    if not people:
        head, _, tail = body.partition(",")
        people, end = parse_author_text(head)[0], len(head) + 1 if tail else 0
    reference.authors, reference.et_al = people, others
    rest = body[end:].strip(" ,.;:")
    title, after = split_between_commas(rest) or split_title(rest)
    if not after and re.search(r",\s", title):
        title, _, after = title.partition(", ")
    if title or after:
        reference.title, reference.source = title, read_source(after)
        return bool(people)
    reference.source = read_source(rest)
    return bool(people)
