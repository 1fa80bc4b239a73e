"""What follows the authors of a printed reference: its title, and where it appeared."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ipt_evidence.citations.normal_forms import normal_pages
from ipt_evidence.citations.readers.printed_names import take_authors

__all__ = ["Source", "first_sentence", "read_source", "split_between_commas", "split_title"]


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
    # 168, no. 6 (2011): 581-592   Chicago
    re.compile(
        rf"(?<!\d)(?P<volume>\d+),?\s*[Nn]os?\.\s*(?P<issue>\d+(?:[-–/]\d+)?)\s*\([^()]*{_YEAR_TEXT}[^()]*\)\s*[:,]"
        rf"\s*(?P<pages>{_RANGE})"
    ),
    # 168.6 (2011): 581-592        MLA
    re.compile(
        rf"(?<!\d)(?P<volume>\d+)(?:\.(?P<issue>\d+(?:[-–/]\d+)?))?\s*\([^()]*{_YEAR_TEXT}[^()]*\)\s*[:,]\s*(?P<pages>{_RANGE})"
    ),
    # 168 (6) (2011) 581-592         Elsevier
    re.compile(
        rf"(?<!\d)(?P<volume>\d+)\s*(?:\((?P<issue>\d{{1,4}}(?:[-–/]\d+)?)\)\s*)?\({_YEAR_TEXT}\)\s*(?:pp?\.?\s*)?"
        rf"(?P<pages>{_RANGE})"
    ),
    # 2011 Jun;168(6):581-92       Vancouver
    re.compile(
        rf"{_YEAR_TEXT}[^;:()\d]{{0,12}}\d{{0,2}}\s*;\s*(?P<volume>\d+)\s*(?:\((?P<issue>[^()]{{1,25}})\))?\s*:\s*(?P<pages>{_RANGE})"
    ),
    # 168(6), 581-592              APA
    re.compile(
        rf"(?<!\d)(?P<volume>\d+)\s*,?\s*\((?P<issue>(?!{_YEAR_TEXT}\))[^()]{{1,20}})\)\s*[:,.]?\s*(?:pp?\.?\s*)?(?P<pages>{_RANGE})"
    ),
    # vol. 13, no. 6, pp. 930-945  IEEE
    re.compile(
        rf"\b[Vv]ol(?:ume)?\.?\s*(?P<volume>\d+)(?:[,;\s]+(?:[Nn]o|[Nn]r|[Ii]ssue|n°|n\.|N°)\.?\s*(?P<issue>\d+(?:[-–/]\d+)?))?"
        rf"(?:[^\d]{{0,30}}pp?\.?\s*(?P<pages>{_RANGE}))?"
    ),
    # 61, 327-335 and 18:27-35
    re.compile(
        rf"(?<![\d–-])(?!{_YEAR_TEXT}\s*[,:])(?P<volume>\d{{1,4}})(?P<issue>(?!))?\s*[,:]\s*(?:pp?\.?\s*)?(?P<pages>{_PAGE}\s*[-‐‑–—−]+\s*{_PAGE}|[Ee]?\d{{2,7}})(?!\d)"
    ),
    # 168(6)
    re.compile(r"(?<!\d)(?P<volume>\d{1,4})\s*\((?P<issue>\d{1,3})\)(?P<pages>(?!))?"),
)
_PAGES = re.compile(
    rf"(?:\bpp?\.?|\bpages?|\bS\.|:)\s*({_RANGE})|\b(\d+\s*[-–]\s*\d+)\b", re.IGNORECASE
)
_NAMED_PAGES = re.compile(rf"(?:\bpp?\.|\bS\.)\s*({_RANGE})()")
_CONTAINER_END = re.compile(
    r"\s*[,.;:]?\s*[(\[]?\s*(?<!\bthe\s)(?<!\bProceedings\s)(?<!\bof\s)(?<!['’])"
    rf"(?:\b(?:v|vol(?:ume)?|no?|nr|num|pp?|pages?|pgs?|issue|bd|jg|iss|tome|t|s|art)\b\.?\s*\d|n°|{_YEAR_TEXT}|(?<!\d)\d+\s*(?:[(.:,]|$)|\d{{1,4}}\b)",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|spring|summer|autumn|fall|winter|janv|févr|"
    r"mars|avril|mai|juin|juil|août|octo|déc|enero|febr|marzo|abril|mayo|junio|julio|agosto|dici|"
    r"gennaio|maggio|giugno|luglio|märz|okt|dez)[a-zé]*\.?"
)
_DATE_END = re.compile(
    rf"\s*[,;(]\s*(?:\d{{1,2}}\.?\s+)?{_MONTH}(?:\s*[-–/]\s*{_MONTH})?(?=[\s,;.)\d]|$)"
    r"|\s*[,;(]\s*(?:in press|to appear|ahead of print|forthcoming|art\.?\s?n[ro]|online)\b.*",
    re.IGNORECASE,
)
_LEADING_DATE = re.compile(rf"^\(?{_YEAR_TEXT}\)?[,.:]?\s+(?=[^\W\d_])")
_LAW_REPORT = re.compile(
    rf"\({_YEAR_TEXT}\)\s+(?P<volume>\d{{1,4}})\s+(?P<name>[^\W\d_][^\d]{{3,80}}?)\s+(?P<pages>\d+(?:[-–]\d+)?)$"
)
"""``(2013) 12 Modern Law Review 34``: the volume before the journal."""
_EDITORS = re.compile(
    r"^(?P<names>.{3,300}?)[\s,]*[(\[]?\b(?:eds?|editors?|hrsg|hg|dirs?|coords?|orgs?|éds?)\b\.?(?:\s*(?:&|and)\s*[Tt]rans\.?)?\s*[)\]]?"
    r"\s*[.,:;]?\s+(?=\S)",
    re.IGNORECASE,
)
_EDITED = re.compile(
    r"\s*[,.;]\s+\(?(?i:edited|eds?\.?|hrsg\.?|hg\.?|herausgegeben|translated|trans\.?|"
    r"sous la (?:dir|direction)\b\.?)(?:\s+(?:and\s+\w+\s+)?(?:by|von|de))?"
    r"\s+(?=[^\W\d_a-zß-ÿ]).*$",
    re.DOTALL,
)
_EDITOR_LAST = re.compile(
    r",\s+(?:(?:[^\W\d_a-z]\.[\s-]?)+[^\W\d_a-z][\w'’-]+(?:,\s+and\s+|,\s+|\s+and\s+)?){1,6},?\s+Eds?\..*$",
    re.DOTALL,
)
"""``Handbook of Things, B. Birch, Ed. New York: ...``, as IEEE prints editors."""
_EDITORS_IN_BRACKETS = re.compile(r"^\([^()]{3,200}\bEds?\.\)\s*")
_EDITION = re.compile(
    r"\s*[,.(]?\s*\(?\b(?:\d+(?:st|nd|rd|th)|first|second|third|revised|rev\.?)\s+ed(?:n|ition)?\b\.?.*$",
    re.IGNORECASE | re.DOTALL,
)
_PLACE = re.compile(r"\s*\([^():]{2,40}:[^()]*(?:\)|$).*$", re.DOTALL)
_PUBLISHER = re.compile(
    r"(?:[^:.]|(?<=\bSt)\.){2,40}\s*:\s*\S|.*\b(?:Press|Verlag|Publishers?|Publishing|Books)\b"
)
_BOOK_OF_EDITORS = re.compile(r"(?=[^,.\d]{3,150},\s+edited\s+by\s)")
_IN = re.compile(r"^\W*\b(?:in|In|IN|en|dans)\b\s*:?\s+")


def _is_year(text: str | None) -> bool:
    return text is not None and re.fullmatch(_YEAR_TEXT, text) is not None


def read_source(text: str) -> Source:
    """Journal or book, volume, issue and pages that stand in ``text``."""
    text = text.strip(" ,.;:")
    law = _LAW_REPORT.match(text)
    if law is not None:
        return Source(law["name"], law["volume"], None, law["pages"], "article")
    text = _LEADING_DATE.sub("", text)
    source = Source()
    if not text:
        return source
    chapter = _IN.match(text) or _BOOK_OF_EDITORS.match(text)
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
        pages = _NAMED_PAGES.search(text) or _PAGES.search(text)
        found = (pages.group(1) or pages.group(2)) if pages else None
        if found and not re.fullmatch(_YEAR_TEXT, found):
            source.pages = normal_pages(found)
    if source.volume is None and source.kind == "misc" and _PUBLISHER.match(_ended(text)):
        source.kind = "book"
        return source
    source.container = _container(text, chapter is not None)
    return source


def _ended(text: str) -> str:
    """``text`` up to the volume, date or pages that follow the name of a journal or book."""
    ends = [end.start() for form in (_CONTAINER_END, _DATE_END) if (end := form.search(text))]
    return text[: min(ends)] if ends and min(ends) > 0 else text


def _container(text: str, is_chapter: bool) -> str:
    """The name of the journal, or of the book without its editors, edition and publisher."""
    text = _EDITOR_LAST.sub("", _EDITORS_IN_BRACKETS.sub("", text))
    if is_chapter:
        editors = _EDITORS.match(text)
        if editors is not None and _are_names(editors["names"]):
            text = text[editors.end() :]
    text = _PLACE.sub("", _EDITED.sub("", text))
    if is_chapter:
        text = first_sentence(_EDITION.sub("", text))[0]
    name = _ended(text).strip(' ,.;:“”"«»[]')
    if name.endswith(")") and "(" not in name:
        name = name.rstrip(") ")
    elif "(" in name and ")" not in name:
        name = name.partition("(")[0].rstrip(" ,") if name.index("(") > 3 else name.strip("( ")
    name = _VOLUME_LEFT.sub("", name).strip(" ,.;:")
    if _ABBREVIATED.fullmatch(name) and f"{name}." in text:
        name += "."
    return "" if _is_year(name) else name


_ABBREVIATED = re.compile(
    r"(?:[^\W\d_][\w-]*\.?\s)*[^\W\d_][\w-]*\.\s?(?:[^\W\d_][\w-]*\.?\s)*[^\W\d_][\w-]{0,9}"
)
"""``J. Imag. Disord``: other words have their full stop, and so has the last."""


_VOLUME_LEFT = re.compile(r",?\s*\bv(?:ol)?\.?,?(?:\s*[IVXLC]+)?$|(?<=[a-z])\s+[IVXL]{2,}$")
"""A volume in Roman figures behind a journal, or what is left of ``v. 31``."""


def _are_names(text: str) -> bool:
    """Whether nothing but names stands in ``text``."""
    people, _, end = take_authors(text)
    return (bool(people) and len(text[end:].split()) <= 2) or (
        len(text.split()) <= 12 and not re.search(r"\d|:", text)
    )


_SENTENCE_END = re.compile(r"(?<=[.?!])[\"”’)\]]?\s+(?=[^\s])|(?<=[.?!])[\"”’)]\s+")
_ABBREVIATION = re.compile(
    r"(?:\b(?:vs|v|al|ed|eds|vol|no|nos|pp|p|St|Dr|Mr|Mrs|Ms|Jr|Sr|etc|cf|e\.g|i\.e|approx|ca|[Nn]os?|[Vv]ols?|[Aa]rt|Proc|Trans|Int|Symp|Conf|Ph\.D|M\.D|Univ|Inc|Tr|tr)|\b[A-ZÀ-Þ])\.$"
)
_SOURCE_FOLLOWS = re.compile(
    r"(?:In:?\s|[^.?!]{2,120}?[.,:;]?\s*\(?(?:vol\b|no\b|n°|\d)|(?:[A-Z]\w{0,9}\.\s+){1,6}\(?\d)",
    re.IGNORECASE,
)
_SECOND_TITLE = re.compile(r"(?:An?|Eine?|Results?|Findings|Une?|Una|Preliminary|A\s)\s[^.]{8,}\.")
_ONLY_SOURCE = re.compile(r"[^,.]{2,30}(?:\.\s?[^,.]{1,12}){0,3}\.?,?\s*\d+\s*,\s*[A-Z]?\d+\W*$")
_COMMA_SOURCE = re.compile(r"(\S+(?:\s+\S+){3,}?),\s+([A-ZÀ-Þ].*\d.*)$")


_NAMED_ABBREVIATION = re.compile(
    r"^(.*\S{3,}),\s+(J\.(?:\s[A-Z][\w-]*\.?)*|(?:[A-ZÀ-Þ][\w-]{0,6}\.?\s)*(?:[A-Z]|Int|Am|Br|Eur|Proc|Trans|Phys|Rev|Lett|Math|"
    r"Ann|Arch|Appl|Clin|Can|Chem|Biol|Bull|Nucl|Sci|Soc|Comput|Commun|Comm|Adv|Exp|Jpn|Aust|Natl?|Opt|"
    r"Electron|Med|Psychol|Psychiatr|Behav|Ther|Acad))$"
)
_PUBLISHED = re.compile(
    r"\s\((?:[^():\d]{2,60}:\s[^()]{2,80}|[^()]{0,60}\b(?:Press|Verlag|Publish\w+|Universit\w+)\b[^()]{0,40})"
    r"(?:\)|$)"
)
_SPAN = r"[\s(]\d{4}\s?[-–]\s?\d{2,4}\b\)?"
"""Years that a title is about."""
_IN_A_BOOK = re.compile(r"(?<=[.?!])\s+In:?\s+(?=[^\W\d_a-zß-ÿ])")
_NUMBERS = re.compile(
    rf",?\s*(?:\b(?:v|vol(?:ume)?|no|nr|pp?|pages?)\b\.?\s*\d|n°\s*\d|\(?{_YEAR_TEXT}\b|\d+\s*[(:,]|\d+\s*$)",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\b(?:Journal|Transactions|Annals|Archives|Proceedings|Review|Bulletin)\b")
_TITLE_WORD = re.compile(r"(?<!\S)[a-zß-ÿ]{4,}")
_LEAST_TITLE = 3
"""Words of a title that only a comma parts from its journal."""


def split_title(text: str) -> tuple[str, str]:
    """Title and source, parted by a full stop or else by a comma before a capital."""
    if _is_source_alone(text):
        return "", text
    published = _PUBLISHED.search(text)
    if published is not None and not re.search(
        r"[.?!]\s|\d\s*[(:]|\d,\s*\d|\d$", re.sub(_SPAN, "", text[: published.start()])
    ):
        return text[: published.start()], text[published.start() :].strip(" ()")
    book = _IN_A_BOOK.search(text)
    if book is not None and not re.search(r"\d", text[: book.start()]):
        return text[: book.start()], text[book.start() :].strip()
    title, after = first_sentence(text)
    if after:
        title, after = _with_second_sentence(title, after)
    abbreviated = _NAMED_ABBREVIATION.match(title) if after else None
    if abbreviated is not None and re.match(r"[A-ZÀ-Þ][\w-]*\.?\s", after):
        return abbreviated.group(1), f"{abbreviated.group(2).rstrip(chr(46))}. {after}"
    if not after or re.match(rf"\W*(?!{_YEAR_TEXT}\b)\d", after):
        return _split_at_comma(text)
    numbered = _NUMBERS.search(title)
    if numbered is not None and "," in title[: numbered.start()] and "," in numbered.group():
        return _split_at_comma(text)
    return title, after


_CITIES = (
    r"(?:"
    r"Amsterdam|Athens|Baltimore|Barcelona|Basel|Beijing|Berkeley|Berlin|Bogot[áa]|Bologna|"
    r"Bonn|Bordeaux|Boston|Brussels|Bruxelles|Budapest|Buenos Aires|California|Cambridge|"
    r"Chicago|Copenhagen|Delhi|Dordrecht|Dublin|Edinburgh|Firenze|Florence|"
    r"Frankfurt(?: am Main)?|Gen[èe]v[ea]|Göttingen|Grenoble|Hamburg|Heidelberg|Helsinki|"
    r"Hildesheim|Istanbul|Jerusalem|Köln|København|Leiden|Leipzig|Lisboa|Lisbon|London|"
    r"Londres|Los Angeles|Lyon|Madrid|Manchester|Marseille|Melbourne|M[ée]xico|Milano|"
    r"Montr[ée]al|Moscow|Moskva|M[üu]n(?:chen|ich)|Napoli|New Delhi|New York|Oslo|Oxford|"
    r"Paris|Philadelphia|Prague|Praha|Princeton|Rennes|Rio de Janeiro|Roma|Rome|Santiago|"
    r"São Paulo|Singapore|Stanford|Stockholm|Stuttgart|Sydney|The Hague|Tokyo|Torino|"
    r"Toronto|Toulouse|Tübingen|Venezia|Vienna|Warszawa|Washington|Wien|Z[üu]rich"
    r")"
)
"""Where books are published most; it tells ``Title, Paris, Gallimard, 2000`` from a journal."""
_STATE = r"(?:,\s+(?:[A-Z]{2}|[A-Z][a-z]{2,5}\.))?"
_NO_SENTENCE = r"[^\W\d_a-zß-ÿ](?:[^,\d.]|(?<![a-z]{4})(?<!\))\.){3,80}"
_BETWEEN_COMMAS = (
    # Title, in: B. Birch (ed.), Book, Publisher, Place, 1992
    re.compile(r"(?P<title>.{6,}?),\s+(?P<after>[Ii]n:?\s+(?=[^\W\d_a-zß-ÿ])(?:[^,]*[,(]){2}.*)$"),
    # Title, Paris, Gallimard, 2000
    re.compile(
        rf"(?P<title>.{{6,}}?)(?P<after>,\s+(?:{_CITIES}{_STATE}(?:,\s+[^,\d]{{2,60}}){{0,2}}"
        rf"|[^,\d]{{2,60}},\s+{_CITIES}{_STATE}|[^,\d]{{2,60}},\s+[^,\d]{{2,30}},\s+[A-Z]{{2}})"
        rf"(?:\s+u\.\s?a\.)?,?\s+\(?{_YEAR_TEXT}(?:,[^,]{{1,20}})?\W*)$"
    ),
    # Title, Journal, 29, 1999, 117-150
    re.compile(
        rf"(?P<title>.{{6,}}),\s+(?P<after>{_NO_SENTENCE},\s+"
        rf"(?:[Vv]ol\.?\s?|[Nn]o\.?\s?|n[°º]\s?|[Tt]\.\s?)?"
        rf"\d{{1,4}}(?:\s?\(\d+\))?,\s+(?:[^\W\d_]{{3,12}}\.?\s+)?{_YEAR_TEXT}(?:,\s+.*)?)$"
    ),
    # Title, Journal, Vol. 15, No. 6 (July 1992), pp. 388-395
    re.compile(
        rf"(?P<title>.{{6,}}),\s+(?P<after>{_NO_SENTENCE},\s+"
        rf"(?:(?:[Vv]ol(?:ume)?|[Vv]|[Nn]o|[Tt]ome|Bd)\.?\s*\d|{_YEAR_TEXT},\s+pp?\.\s?\d).*)$"
    ),
    # Title, Math. Programming, 60 (1993), pp. 295-337
    re.compile(
        r"(?P<title>.{6,}?),\s+(?P<after>(?=[^,]*\.)"
        r"(?:[^\W\d_a-zß-ÿ][\w-]*\.?\s+|(?:of|and|for|the|de|&)\s+)*"
        r"[^\W\d_a-zß-ÿ][\w-]*\.?,?\s+(?:ser\.?\s\w+,?\s+)?(?:vol\.?\s*)?\d{1,4}\s*[(,:].*)$"
    ),
    # Title, Proceedings of a Meeting, Place, Publisher, 1994
    re.compile(
        r"(?P<title>.{6,}?),\s+(?P<after>(?:in\s+)?(?:Proc\.|Proceedings|Lecture Notes)\s.*)$"
    ),
)
"""References whose parts stand between commas, in the usual forms."""


def split_between_commas(text: str) -> tuple[str, str] | None:
    """Title and source of a reference with commas between its parts; None for an unusual form."""
    for form in _BETWEEN_COMMAS:
        match = form.match(text)
        if match is not None:
            return match["title"], match["after"].strip(" ,")
    return None


_LONGEST_ABBREVIATION = 8


def _with_second_sentence(title: str, after: str) -> tuple[str, str]:
    """The title with the sentence behind it where that is neither a journal nor a publisher."""
    second, rest = first_sentence(after)
    if not rest or not re.search(r"\d", rest) or re.match(r"\W*\d", rest):
        return title, after
    words = re.findall(r"[^\W\d_]{4,}", second)
    lower = sum(word.islower() for word in words)
    if second.endswith("?") and rest[:1].isupper():
        return f"{title} {second}", rest
    if len(words) < 3 or lower < 0.6 * len(words) or re.search(r"\d|:|^In\b", second):
        return title, after
    return f"{title} {second}", rest


_WORDS_THEN_ABBREVIATIONS = re.compile(
    r"(?:[^\W\d_][\w-]{3,}\s)+[^\W\d_][\w-]{4,}\.\s+(?:[^\W\d_a-z]\w*\.\s+){2,}"
    r"|[^.]+\s[a-zß-ÿ]{3,}\.\s+[A-ZÀ-Þ][a-zß-ÿ]{3,}\s"
)
"""``Talking Therapy. J. Imag. Ther.``, ``Mood in old age. Ment. Health``: a title first."""


def _is_source_alone(text: str) -> bool:
    """Whether ``text`` is ``Nano Lett. 2009, 9, 4153-4157``: abbreviated, with volume and page."""
    if _ONLY_SOURCE.match(text):
        return True
    first = re.search(r"\d", text)
    if first is None or not 2 <= first.start() <= 60:
        return False
    name, numbers = text[: first.start()], text[first.start() :]
    if re.search(r"[^\W\d_]{3,}", re.sub(r"\bpp?\.|\b[Ff]irst published\b", "", numbers)):
        return False
    if _WORDS_THEN_ABBREVIATIONS.match(name):
        return False
    words = re.findall(r"[^\W\d_][\w.&-]*", name)
    if any(word.endswith(".") and len(word) > _LONGEST_ABBREVIATION for word in words):
        return False
    short = sum(word.endswith(".") or len(word) < 5 for word in words)
    return (
        len(re.findall(r"\d+", numbers)) >= 3
        and 0 < len(words) <= 6
        and (short >= len(words) / 2 or len(words) <= 2)
        and not _TITLE_WORD.search(name)
    )


def _split_at_comma(text: str) -> tuple[str, str]:
    """Title and source where only commas stand between them.

    The source is the last part before the numbers; ``IEEE Transactions on Systems, Man, and
    Cybernetics`` begins where its serial is named.
    """
    numbers = _NUMBERS.search(text)
    while numbers is not None and len(text[: numbers.start()].split(", ")) < 2:
        numbers = _NUMBERS.search(text, numbers.end())
    if numbers is None:
        match = _COMMA_SOURCE.match(text)
        return (match.group(1), match.group(2)) if match else (text.strip(), "")
    parts = text[: numbers.start()].split(", ")
    at = len(parts) - 1
    while at > 1 and not _SERIAL.search(parts[at]) and _SERIAL.search(", ".join(parts[1:at])):
        at -= 1
    title = ", ".join(parts[:at]).strip()
    if len(title.split()) < _LEAST_TITLE or not re.match(r"\W*[A-ZÀ-Þ]", parts[at]):
        match = _COMMA_SOURCE.match(text)
        return (match.group(1), match.group(2)) if match else (text.strip(), "")
    return title, ", ".join([*parts[at:-1], text[text.index(parts[-1], len(title)) :]])


def first_sentence(text: str) -> tuple[str, str]:
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
