"""The dialects of tagged text: what starts a record, what a field looks like, what tags mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["DIALECTS", "Dialect"]


@dataclass(frozen=True, slots=True)
class Dialect:
    """A tagged format: what starts a record, what a field looks like, and what its tags mean.

    ``field`` has the groups ``tag`` and ``value``; a line without a tag goes on with the field
    before it. ``tags`` are tag → our name of the field, in lower case; a tag that is not in it is
    kept in ``raw``. ``known_only`` says that only known tags are tags, because they are words, and
    ``headings`` that these stand on lines of their own. ``sign`` must stand near the first start.
    """

    name: str
    start: re.Pattern[str]
    field: re.Pattern[str]
    tags: Mapping[str, str]
    headings: bool = False
    known_only: bool = False
    sign: re.Pattern[str] | None = None


def _tags(**names: str) -> dict[str, str]:
    return {tag.lower(): name for name, row in names.items() for tag in row.split("|")}


_OVID = _tags(
    title="TI|Title|Article Title|Title of Article",
    original_title="OT|TT|Original Title|Title (Original)|Vernacular Title",
    authors="AU|A1|Author|Authors|Author(s)|Personal Author",
    editors="ED|Editor|Editors|Book Editors",
    full_names="FA|FAU|AF|Authors Full Name|Author Full Name|Full Author Name(s)",
    corporate="CN|CA|CO|GA|Corporate Author|Group Author|Investigator Group",
    source="SO|Source|Bibliographic Source",
    container_title="JN|JT|JO|Journal Name|Journal Title|Journal|Title of Journal",
    year="YR|PY|Year of Publication|Publication Year|Year|Publication Date",
    date="DP|DA|Date of Publication|Publication History Date",
    volume="VO|VL|VI|Volume",
    issue="IP|NO|Issue/Part|Issue",
    pages="PG|PP|Page|Pages|Page Range|Pagination",
    doi="DO|DOI|DI|Digital Object Identifier|DOI Number",
    pmid="PM|PMID|PubMed ID|PubMed Identifier|Medline PMID|PubMed PMID",
    pmcid="PMC|PubMed Central ID",
    accession="AN|UI|Accession Number|Unique Identifier|ID",
    database="DB|Database|ST|Status",
    issn="IS|SN|ISSN|ISSN Print|ISSN Electronic|ISSN Linking|International Standard Serial Number",
    abstract="AB|Abstract|Abstract Text",
    keywords="KW|KF|MH|SH|DE|HW|Keyword Heading|Keywords|MeSH Subject Headings|Subject Headings|"
    "Heading Word|Index Terms|Emtree Heading|MeSH Headings|Key Concepts",
    type="PT|Publication Type|Document Type|DT",
    language="LG|LA|Language",
    url="UR|LK|URL|Link to the Ovid Full Text or citation|XL|Link to the External Link Resolver",
    registry="CR|CT|NT|Clinical Trial Number|Trial Registry Number|Secondary Source ID|SI|"
    "Clinical Trial Registry Number",
)
_REFWORKS = _tags(
    type="RT",
    authors="A1|AU",
    editors="A2",
    title="T1|TI",
    container="JF|JO|T2|JA",
    year="YR|PY",
    date="FD",
    volume="VO|VL",
    issue="IS",
    start="SP",
    end="OP",
    keywords="K1|KW",
    abstract="AB",
    issn="SN",
    language="LA",
    doi="DO|DI",
    pmid="PM",
    note="NO",
    url="UL|LK|UR",
    database="DB|DS",
    accession="AN",
)
_CENTRAL = _tags(
    accession="ID|AN",
    authors="AU",
    title="TI",
    source="SO",
    year="YR",
    volume="VL",
    issue="NO",
    pages="PG",
    pmid="PM",
    crossed="XR",
    type="PT",
    keywords="KY",
    doi="DOI",
    abstract="AB",
    url="US",
    database="CC",
    publisher="PB",
    registry="TN",
    start="SP",
    end="EP",
)
_EMBASE = _tags(
    title="TITLE",
    original_title="ORIGINAL TITLE|ORIGINAL (NON-ENGLISH) TITLE",
    authors="AUTHOR NAMES|AUTHORS|AUTHOR",
    source="SOURCE",
    container_title="SOURCE TITLE",
    year="PUBLICATION YEAR",
    date="DATE OF PUBLICATION|PUBLICATION DATE",
    volume="VOLUME",
    issue="ISSUE",
    start="FIRST PAGE",
    end="LAST PAGE",
    doi="DOI",
    pmid="MEDLINE PMID|PUI PMID",
    issn="ISSN",
    abstract="ABSTRACT",
    keywords="AUTHOR KEYWORDS|EMTREE DRUG INDEX TERMS|EMTREE MEDICAL INDEX TERMS|"
    "EMTREE MEDICAL INDEX TERMS (MAJOR FOCUS)|EMTREE DRUG INDEX TERMS (MAJOR FOCUS)",
    type="PUBLICATION TYPE",
    language="LANGUAGE OF ARTICLE|ARTICLE LANGUAGE",
    registry="CLINICAL TRIAL NUMBERS",
    url="FULL TEXT LINK|EMBASE LINK|OPEN URL LINK",
)
_LABELLED = _tags(
    title="Title|Document title|Article Title",
    authors="Author|Authors|Author(s)",
    corporate="Corporate author|Group Author",
    source="Publication info|Source",
    container_title="Publication title|Journal|Journal Title|Publication",
    year="Publication year|Publication date|Year|Date",
    volume="Volume",
    issue="Issue|Number",
    pages="Pages|Pagination",
    start="First page|Start Page",
    doi="DOI|Digital Object Identifier",
    pmid="PubMed ID|PMID|MEDLINE Info|PubMed",
    accession="Accession number|Accession Number",
    issn="ISSN|E-ISSN",
    abstract="Abstract",
    keywords="Subject|Subjects|Subject Terms|Keywords|Identifier / keyword|"
    "Author-Supplied Keywords|MeSH Terms|Major Subjects",
    type="Document type|Publication Type|Source type",
    language="Language|Language of publication|Languages",
    url="Document URL|Persistent link to this record (Permalink)|Permalink|URL",
    database="Database",
)
_OTHER_LABELS = (
    "publisher|place of publication|country of publication|proquest document id|copyright|links|"
    "last updated|company / organization|people|location|classification|number of references|"
    "number of pages|publication frequency|publication subject|section|coden|full text|affiliation|"
    "author affiliations|author affiliation|correspondence author|electronic publication date|"
    "methodology|population|age group|publisher location|cite as|database copyright|isbn|"
    "journal subset|special interest|grant information|entry date|revision date|nlm uid|"
    "full text word count|language of abstract|release date|correction date|format covered|"
    "publication status|contact individual|tests and measures|notes|author e-mail|email|credit|"
    "test & measure|e-mail address|subset|publication history|conference|tests & measures|"
    "proquest document link|peer reviewed|document feature|publication year (online)|dissertation"
)
_REPEC = _tags(
    type="Template-Type",
    authors="Author-Name",
    title="Title",
    container_title="Journal|Book-Title|Series",
    year="Year|Creation-Date",
    month="Month",
    volume="Volume",
    issue="Number|Issue",
    pages="Pages|Article-Number",
    doi="DOI",
    abstract="Abstract",
    keywords="Keywords",
    url="File-URL",
    issn="ISSN",
)
_COPAC = _tags(
    title="TI", authors="AU", year="PY", container_title="SE", issn="IS", keywords="KW",
    language="LA", type="DT", url="UR",
)  # fmt: skip
_BIBLIOSCAPE = _tags(
    title="TI", authors="AU", editors="ED", container_title="JO|ST|TB", year="YP", volume="VL",
    issue="NB", start="PS", end="PE", pages="PP", keywords="KW", abstract="AB", type="RT",
    doi="DO|DI", url="UR|WP|AT", issn="IS|IB", language="LG",
)  # fmt: skip
_NOTE_EXPRESS = _tags(
    type="Reference Type|SrcDatabase",
    authors="Author",
    title="Title",
    container_title="Journal|Source",
    year="Year",
    date="Date|PubTime",
    volume="Volume|Roll",
    issue="Issue|Period",
    pages="Pages|Page",
    keywords="Keywords|Keyword",
    abstract="Abstract|Summary",
    doi="DOI",
    issn="ISBN/ISSN|ISSN",
    url="URL|Link",
)

_TWO = r"(?P<tag>[A-Za-z][A-Za-z0-9]{1,3})"
DIALECTS = (
    Dialect(
        "Ovid",
        re.compile(
            r"^[ \t]*(?:<\d+\s?\.?\s?>|\d{1,6}\.)[ \t]*$"
            r"(?=\n\s*(?!TY|PMID|PMC|OWN)[A-Z][A-Z0-9]{1,3} {0,2}-[ \t])",
            re.M,
        ),
        re.compile(r"[ \t]{0,3}" + _TWO + r" {0,2}-(?: |$)(?P<value>.*)"),
        _OVID,
        sign=re.compile(r"^[ \t]*(?:VN  ?- ?Ovid|(?:TI|AU|SO|UI|AN) {1,3}- )", re.M),
    ),
    Dialect(
        "Ovid",  # without numbers
        re.compile(r"^[ \t]*VN {1,3}- ?Ovid", re.M),
        re.compile(r"[ \t]{0,3}" + _TWO + r" {0,2}-(?: |$)(?P<value>.*)"),
        _OVID,
    ),
    Dialect(
        "Ovid, field names",
        re.compile(
            r"^[ \t]*(?:<\d+\s?\.?\s?>|\d{1,6}\.)[ \t]*$"
            r"(?=\n\s*(?:[A-Z][A-Za-z()/. ]{1,40}|[A-Z]{2})[ \t]*\n[ \t]+\S)",
            re.M,
        ),
        re.compile(r"(?P<tag>[A-Z][\w()/., -]{1,59}):?[ \t]*(?P<value>)"),
        _OVID,
        headings=True,
        known_only=True,
        sign=re.compile(r"^(?:Title|TI|Unique Identifier|Accession Number|UI|AN)[ \t]*$", re.M),
    ),
    Dialect(
        "RefWorks",
        re.compile(r"^RT[ \t]+[A-Z]", re.M),
        re.compile(r"(?P<tag>[A-Za-z][A-Za-z0-9])(?:[ \t]+|$)(?P<value>.*)"),
        _REFWORKS,
        sign=re.compile(r"^(?:T1|A1|SR|ID|YR|JF)[ \t]", re.M),
    ),
    Dialect(
        "Cochrane Library",
        re.compile(r"^Record #\d+ of \d+[ \t]*$(?=\s*\n(?:[A-Z]{2,3}: ))", re.M),
        re.compile(r"(?P<tag>[A-Z]{2,3}): ?(?P<value>.*)"),
        _CENTRAL,
    ),
    Dialect(
        "Embase",
        re.compile(r"^[ \t]*(?:\d+\.\s+)?RECORD \d+[ \t]*$", re.M),
        re.compile(r"(?P<tag>[A-Z][A-Z()/& -]{1,59})[ \t]*(?P<value>)"),
        _EMBASE,
        headings=True,
        known_only=True,
        sign=re.compile(r"^(?:TITLE|AUTHOR NAMES)[ \t]*$", re.M),
    ),
    Dialect(
        "ProQuest",
        re.compile(r"^(?:_{20,}\s*\n\s*)?Document \d+ of \d+[ \t]*$", re.M),
        re.compile(r"(?P<tag>[A-Z][A-Za-z()/ -]{1,44}): (?P<value>.*)"),
        _LABELLED | dict.fromkeys(_OTHER_LABELS.split("|"), "other"),
        known_only=True,
        sign=re.compile(r"^(?:Title|Publication info|Author): ", re.M),
    ),
    Dialect(
        "EBSCO",
        re.compile(r"^Record: \d+[ \t]*$", re.M),
        re.compile(r"(?P<tag>[A-Z][A-Za-z()/ -]{1,44}):(?:\s+|$)(?P<value>.*)"),
        _LABELLED | dict.fromkeys(_OTHER_LABELS.split("|"), "other"),
        known_only=True,
        sign=re.compile(r"^(?:Title|Source|Authors?):", re.M),
    ),
    Dialect(
        "NoteExpress",
        re.compile(r"^\{Reference Type\}:", re.M),
        re.compile(r"\{(?P<tag>[^{}]{2,40})\}:[ \t]*(?P<value>.*)"),
        _NOTE_EXPRESS,
    ),
    Dialect(
        "CNKI",
        re.compile(r"^(?:DataType: \d+\s*\n)?SrcDatabase-[^\n:]{1,12}:", re.M),
        re.compile(r"(?P<tag>[A-Z][A-Za-z]{2,15})-[^\s:]{1,12}:[ \t]*(?P<value>.*)"),
        _NOTE_EXPRESS,
    ),
    Dialect(
        "RePEc",
        re.compile(r"^Template-[Tt]ype:", re.M),
        re.compile(r"(?P<tag>[A-Z][A-Za-z]*(?:-[A-Za-z]+)*):(?:[ \t]+|$)(?P<value>.*)"),
        _REPEC,
    ),
    Dialect(
        "Biblioscape",
        re.compile(r"(?:\A\s*|^-{4,}[ \t]*\n\s*)(?=--[A-Z][A-Z\d]-- )", re.M),
        re.compile(r"--(?P<tag>[A-Z][A-Z\d])--(?: |$)(?P<value>.*)"),
        _BIBLIOSCAPE,
    ),
    Dialect(
        "Copac",
        re.compile(r"^TI- ", re.M),
        re.compile(r"(?P<tag>[A-Z]{2})- (?P<value>.*)"),
        _COPAC,
        sign=re.compile(r"^(?:PU|HD|PD|IB|SE)- ", re.M),
    ),
)
