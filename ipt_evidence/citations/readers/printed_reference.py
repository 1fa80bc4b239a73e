"""One printed reference → its parts, whatever the style.

Four shapes cover the styles that people paste: a title in quotation marks (MLA, Chicago, IEEE);
a year straight after the authors (APA, Harvard); authors, title, journal as sentences (Vancouver,
ACM); and authors and title parted by commas. The first that fits is taken.

"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from ipt_evidence.citations.identifiers import find_doi, normal_pmid
from ipt_evidence.citations.normal_forms import normal_pages, year_in
from ipt_evidence.citations.readers.printed_names import parse_author_text, take_authors
from ipt_evidence.citations.records import Person

__all__ = ["Reference", "Source", "parse_reference"]


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
_YEAR_TEXT = r"(?:1[5-9]|20)\d\d"
_SOURCE_FORMS = (
    # 168.6 (2011): 581-592        MLA
    re.compile(
        rf"(?P<volume>\d+)(?:\.(?P<issue>\d+(?:[-–/]\d+)?))?\s*\([^()]*{_YEAR_TEXT}[^()]*\)\s*[:,]\s*(?P<pages>{_RANGE})"
    ),
    # 2011 Jun;168(6):581-92       Vancouver
    re.compile(
        rf"{_YEAR_TEXT}[^;:()\d]{{0,12}}\d{{0,2}}\s*;\s*(?P<volume>\d+)\s*(?:\((?P<issue>[^()]{{1,25}})\))?\s*:\s*(?P<pages>{_RANGE})"
    ),
    # 168(6), 581-592              APA
    re.compile(
        rf"(?P<volume>\d+)\s*,?\s*\((?P<issue>(?!{_YEAR_TEXT}\))[^()]{{1,20}})\)\s*[:,.]?\s*(?:pp?\.?\s*)?(?P<pages>{_RANGE})"
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
    rf"\s*[,.;:]?\s*[(\[]?\s*(?:\b(?:vol(?:ume)?|no|nr|pp?|issue|bd|jg)\b\.?\s*\d|n°|{_YEAR_TEXT}|\d+\s*[(.:,]|\d+\s*$|\d{{1,4}}\b)",
    re.IGNORECASE,
)
_PUBLISHER = re.compile(r"[^:]{2,40}\s*:\s*\S|.*\b(?:Press|Verlag|Publishers?|Publishing|Books)\b")
_IN = re.compile(r"^\W*\b(?:in|In|IN|en|dans)\b\s*:?\s+")


def _is_year(text: str | None) -> bool:
    return text is not None and re.fullmatch(_YEAR_TEXT, text) is not None


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
    for form in _SOURCE_FORMS:
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
        if found and not re.fullmatch(_YEAR_TEXT, found):
            source.pages = normal_pages(found)
    end = _CONTAINER_END.search(text)
    container = text[: end.start()] if end else text
    if source.volume is None and source.kind == "misc" and _PUBLISHER.match(container):
        source.kind = "book"
        return source
    source.container = container.strip(' ,.;:()[]“”"«»')
    return source


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
_NUMBER = re.compile(r"^\s*(?:\[\d{1,4}\]?|\(\d{1,4}\)|\d{1,4}[.)]|\d{1,3}(?=\s+[^\W\d_]))\s*")
_QUOTED = re.compile(
    r"“(.{3,}?)[”\"](?=[\s,.;:(]|$)|[\"”](.{3,}?)[\"”“](?=[\s,.;:(]|$)|«\s*(.{3,}?)\s*»"
    r"|‘(.{8,}?)’(?=[,.;\s]|$)|,,(.{3,}?)[”\"]|„(.{3,}?)[“”]|``(.{3,}?)''"
)
_DATED = re.compile(
    r"[\s.,]*[(\[]\s*((?:1[5-9]|20)\d\d)(?:/\d{2,4})?[a-z]?(?:[,;\s][^()\[\]]{0,40})?[)\]]"
    r"\s*[.,:]?\s*"
)
_BARE_YEAR = re.compile(r"[\s.,:;]+((?:1[5-9]|20)\d\d)[a-z]?(?:\s*[.,:]\s+|\s+(?=[^\W\d_]))")
_IN_PRESS = re.compile(
    r"[\s.,]*\((?:in press|forthcoming|submitted|n\.\s?d\.)\)[.,]?\s*", re.IGNORECASE
)
_SENTENCE_END = re.compile(r"(?<=[.?!])[\"”’)\]]?\s+(?=[^\s])|(?<=[.?!])[\"”’)]\s+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:vs|v|al|ed|eds|vol|no|nos|pp|p|St|Dr|Mr|Mrs|Ms|Jr|Sr|etc|cf|e\.g|i\.e|approx|ca|Ph\.D|M\.D|Univ|Inc|Tr|tr)|\b[A-ZÀ-Þ])\.$"
)
_SOURCE_FOLLOWS = re.compile(
    r"(?:In:?\s|[^.?!]{2,80}?[.,:;]?\s*\(?(?:vol\b|no\b|n°|\d))", re.IGNORECASE
)
_SECOND_TITLE = re.compile(r"(?:An?|Eine?|Results?|Findings|Une?|Una|Preliminary|A\s)\s[^.]{8,}\.")
_ONLY_SOURCE = re.compile(r"[^,.]{2,30}(?:\.\s?[^,.]{1,12}){0,3}\.?,?\s*\d+\s*,\s*[A-Z]?\d+\W*$")
_COMMA_SOURCE = re.compile(r"(\S+(?:\s+\S+){3,}?),\s+([A-ZÀ-Þ].*\d.*)$")
_HYPHENATED = re.compile(
    r"(?<=[^\W\d_])- (?!and\b|or\b|und\b|to\b|y\b|et\b|oder\b)(?=[a-zß-ÿ]{3,})"
)
_LABELS = re.compile(
    r"\s*\[(?:doi|internet|online|abstract|thesis|dissertation|in [a-z]+)\]", re.IGNORECASE
)


def parse_reference(text: str) -> Reference:
    """The parts of one printed reference."""
    reference = Reference(doi=find_doi(text))
    text = _HYPHENATED.sub("", text)  # words that a line end has cut
    body = _strip_identifiers(_NUMBER.sub("", text, count=1), reference)
    for shape in (_quoted, _dated, _sentences, _commas):
        if shape(body, reference):
            break
    if reference.year is None:
        reference.year = _likely_year(body)
    reference.title = _clean_title(reference.title)
    return reference


def _strip_identifiers(text: str, reference: Reference) -> str:
    pmid = _PMID.search(text)
    if pmid is not None:
        reference.pmid = normal_pmid(pmid.group(1))
    text = _PMC.sub(" ", _PMID.sub(" ", text))
    address = _URL.search(text)
    if address is not None:
        reference.url = address.group(1).rstrip(".,;)")
    text = _URL.sub(" ", _DOI_TEXT.sub(" ", text))
    text = _LABELS.sub("", _ACCESS.sub(" ", text))
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


def _clean_title(title: str) -> str:
    title = re.sub(r"[.,;]*\s+(?:1[5-9]|20)\d\d\W*$", "", title) if "," in title[-8:] else title
    title = title.strip().strip('“”"«»„').strip()
    title = re.sub(r"\s*\[(?:[A-Za-z ]{4,30})\]\s*$", "", title)
    return title.strip(" ,;:").rstrip(".").strip() if not title.endswith("...") else title


def _quoted(body: str, reference: Reference) -> bool:
    """Authors. “Title.” Journal 168.6 (2011): 581-592."""
    match = _QUOTED.search(body)
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
        before = before[: dated.start()]
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
    year = year_in(match.group())
    rest = body[match.end() :].lstrip(" .,:;")
    if len(rest.split()) < 2:
        return False
    reference.authors, reference.et_al, reference.year = people, others, year
    reference.title, after = _split_title(rest)
    reference.source = read_source(after)
    return True


def _split_title(text: str) -> tuple[str, str]:
    """Title and source, parted by a full stop or else by a comma before a capital."""
    if _ONLY_SOURCE.match(text):
        return "", text
    title, after = _first_sentence(text)
    if not after:
        match = _COMMA_SOURCE.match(title)
        if match is not None:
            return match.group(1), match.group(2)
    return title, after


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
        title, after = _first_sentence(text)
        if len(title.split()) < 2 and len(title) < 5:
            return False
        reference.authors, reference.et_al = people, others
        reference.title = title
        reference.source = read_source(after)
        return True
    head, tail = _first_sentence(body)
    if not tail or len(head) > 250 or (people and abs(len(head) - end) > 3):
        return False
    reference.authors, reference.et_al = parse_author_text(head)
    reference.title, after = _first_sentence(tail)
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
    pieces = re.split(r",\s+|\.\s+", rest)
    for count, piece in enumerate(pieces):
        if len(piece.split()) >= 4 and sum(c.isalpha() for c in piece) > 0.7 * len(
            piece.replace(" ", "")
        ):
            title = ", ".join(pieces[: count + 1]) if count == 0 else piece
            reference.title = title
            reference.source = read_source(", ".join(pieces[count + 1 :]))
            return True
    if pieces and len(pieces[0].split()) >= 2 and not re.search(r"\d|\b[A-Z][a-z]*\.", pieces[0]):
        reference.title = pieces[0]
        reference.source = read_source(", ".join(pieces[1:]))
        return True
    reference.source = read_source(rest)
    return bool(people)


def _first_sentence(text: str) -> tuple[str, str]:
    """``text`` up to the end of its first sentence, and the rest.

    Initials and abbreviations end no sentence; a question mark does when a source follows it.
    """
    for match in _SENTENCE_END.finditer(text):
        head, tail = text[: match.start()].rstrip(), text[match.end() :]
        if _ABBREVIATION.search(head) or len(head) < 2:
            continue
        if re.search(r"(?:^|\s)[A-ZÀ-Þ]\.$", head) and re.match(r"[A-ZÀ-Þ]\.|[A-ZÀ-Þ]\w+,", tail):
            continue
        if head[-1] in "?!" and not _SOURCE_FOLLOWS.match(tail):
            continue
        if _SECOND_TITLE.match(tail) and _SENTENCE_END.search(tail):
            continue
        if tail[:1].islower() and not re.match(r"(?:in|e|n)\b", tail):
            continue
        return head, tail
    return text.strip(), ""
