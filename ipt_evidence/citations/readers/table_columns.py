"""What the columns of tables are called and hold: one table of synonyms for every exporter.

RefWorks, OpenAlex, Embase, Covidence, Rayyan, Google Scholar, PubMed, Springer, Lens, Dimensions,
EPPI-Reviewer, Abstrackr, ASReview, Publish or Perish, Scopus, Web of Science, ClinicalTrials.gov
(old and new), WHO ICTRP, Zotero, JabRef, and hand-made tables in six languages.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = [
    "EMPTY_CELLS",
    "MEANINGS",
    "TYPE_WORDS",
    "is_web_of_science",
    "known_columns",
    "plain_heading",
    "refitted",
]

MEANINGS: dict[str, str] = {
    "key": "key|citationkey|citekey|bibtexkey|bibtexcitationkey|recordid|ref|refid|reference_id|id|"
    "identifier|uniqueid|label|itemid|lensid|publicationid|eid|referenceid|rayyanid|openalexid|ut|"
    "covidence|internalid|sourceid",
    "type": "documenttype|itemtype|publicationtype|referencetype|entrytype|bibliographytype|type|"
    "typeofwork|sourcetype|ty|contenttype|typeofreference|articletype|pubtype|typedocument|documentidentifier",
    "title": "title|articletitle|documenttitle|primarytitle|ti|titel|titulo|titre|t1|worktitle|"
    "papertitle|originaltitle|publicationtitlearticle|name|referencetitle|displayname|itemtitle|"
    "titleprimary|studytitle|publictitle|scientifictitle|brieftitle|officialtitle|titletitle|"
    "translatedtitle|titolo|citationtitle",
    "full_names": "authorfullnames|authorsfullnames|authorsfullname|af|fullauthornames|fau|"
    "fullauthors|authorfullname",
    "authors": "authors|author|authornames|au|a1|autoren|autores|auteurs|autor|"
    "firstauthors|creators|contributors|authorlist|authorsall|authorsprimary|primaryauthors|"
    "authorshipsauthordisplayname|authorshipsrawauthorname|authorsdisplayname|authornameslist|"
    "authornameslast|authorsname|authorshipsauthornames|authorname|autori|auteur|authorss",
    "family": "lastname|familyname|surname|authorlastname",
    "given": "firstname|givenname|forename|authorfirstname",
    "corporate": "corporateauthor|corporateauthors|groupauthors|groupauthor|collectivename",
    "year": "year|publicationyear|pubyear|yearofpublication|py|jahr|ano|annee|yearpublished|"
    "published|datepublished|publishedyear|yearofpub|anno|articleyear|yr|pubdateyear",
    "month": "month|publishedmonth|pubmonthday|pubmonth|publicationmonth|pubdatefreefrom|monat",
    "day": "day|publishedday",
    "date": "date|publicationdate|publishdate|pubdate|datecreated|publicationdatefull|"
    "da|issued|coverdate|dateofpublication|firstposted|dateregistration|"
    "registrationdate|earlyaccessdate|dateregistration3|publishedprint|publishedonline",
    "container_title": "journal|sourcetitle|journalbook|publicationtitle|journaltitle|source|"
    "publicationname|so|secondarytitle|booktitle|t2|jf|zeitschrift|revista|revue|containertitle|"
    "periodical|journalname|journalabbreviation|jo|publication|periodicalfull|titlesecondary|"
    "primarylocationsourcedisplayname|primarylocationdisplayname|hostvenuedisplayname|"
    "parenttitle|periodicalabbrev|abbreviatedsourcetitle|anthologytitle|venue|rivista|journalfull|"
    "sourcename|pubtitle|publishedin|bookseriestitle|isoabbreviation|sourcedisplayname|fulljournalname|journalbooktitle",
    "citation": "citation|bibliographiccitation|citationtext|sourceline",
    "volume": "volume|vol|vl|band|volumen|bibliovolume|journalvolume|tome|volumenumber",
    "issue": "issue|number|issuenumber|no|is|heft|numero|iss|biblioissue|journalissue|ip|issuepart",
    "pages": "pages|page|pagerange|pagination|seiten|paginas|articlepages|pg|pagenumbers|"
    "pageinfo|pagesfirstlast|medlinepgn",
    "start": "pagestart|startpage|firstpage|sp|beginningpage|bp|firstpagenumber|bibliofirstpage|"
    "startingpage|beginpage",
    "end": "pageend|endpage|lastpage|ep|endingpage|otherpages|op|bibliolastpage|lastpagenumber",
    "article_number": "artno|articlenumber|articleno|ar|elocationid|articlenum|articlenr",
    "doi": "doi|digitalobjectidentifier|do|di|doilink|doiurl|articledoi|electronicresourcenumber|"
    "itemdoi|idsdoi|externalids|dois|prismdoi|doinumber",
    "pmid": "pmid|pubmedid|medlinepmid|pm|pubmed|pubmedpmid|medlineid|idspmid|pubmedidpmid|"
    "externalidspubmed|medlineaccessionnumber",
    "pmcid": "pmcid|pmc|pubmedcentralid|idspmcid|pmcnumber",
    "abstract": "abstract|abstracttext|ab|abstractnote|zusammenfassung|resumen|resume|"
    "notesabstract|briefsummary|abstracts|riassunto|abstractes|abstractnotes",
    "keywords": "keywords|authorkeywords|keyword|indexkeywords|manualtags|tags|kw|de|subjects|"
    "emtreedrugindexterms|emtreemedicalindexterms|embasekeywords|meshterms|keywordsplus|"
    "subjectterms|automatictags|descriptors|topics|schlagworte|descriptor|conditions|condition|"
    "keywordsdisplayname|conceptsdisplayname|meshheadings|subjectheadings|fieldsofstudy|userkeys",
    "url": "url|link|links|urls|ur|fulltexturl|website|webaddress|weblink|landingpageurl|studyurl|"
    "primarylocationlandingpageurl|externalurl|articleurl|openurllink|sourceurls|fulltextlink|"
    "embaselink|sourceurl|uri|weburl|dimensionsurl|plink|permalink|"
    "persistentlink|documenturl",
    "language": "language|languageoforiginaldocument|languages|la|sprache|idioma|langue|"
    "articlelanguage|languageofdocument|languageofarticle|lg|lingua|lang|sourcelanguage",
    "issn": "issn|sn|issnisbn|printissn|eissn|isbnissn|isbn|issns|standardnumber|issnl|"
    "primarylocationissnl|primarylocationissns|primarylocationsourceissnl|primarylocationsourceissn|issnprint|issnelectronic|pissn|"
    "issnonline|onlineissn",
    "note": "extra|notes|note",
    "registry": "clinicaltrialnumber|trialregistration|trialregistrationnumber|registrynumber|"
    "nctnumber|registrationnumber|trialid|clinicaltrialsgovid|clinicaltrialnumbers|nctid|nct|"
    "trialregistrynumber|clinicaltrialids|secondaryid|secondaryids|otherids|trialnumber|"
    "mainid|clinicaltrialsids|linkedclinicaltrials|trialregistryid",
}
_WEB_OF_SCIENCE = {
    "PT": "wos_type",
    "AU": "authors",
    "AF": "full_names",
    "BA": "authors",
    "BF": "full_names",
    "CA": "corporate",
    "GP": "corporate",
    "TI": "title",
    "SO": "container_title",
    "LA": "language",
    "DT": "type",
    "DE": "keywords",
    "ID": "keywords",
    "AB": "abstract",
    "SN": "issn",
    "EI": "issn",
    "PD": "month",
    "PY": "year",
    "VL": "volume",
    "IS": "issue",
    "BP": "start",
    "PS": "pages",
    "EP": "end",
    "AR": "article_number",
    "DI": "doi",
    "D2": "doi",
    "PM": "pmid",
    "UT": "key",
}
"""Web of Science's own headings, some of which mean something else in other tables (ID, CA)."""

_BY_HEADING = {
    heading: meaning for meaning, names in MEANINGS.items() for heading in names.split("|")
}
TYPE_WORDS = (
    ("book review", "article"),
    ("journal", "article"),
    ("conference", "inproceedings"),
    ("proceeding", "inproceedings"),
    ("chapter", "incollection"),
    ("section", "incollection"),
    ("incollection", "incollection"),
    ("thesis", "phdthesis"),
    ("dissertation", "phdthesis"),
    ("report", "techreport"),
    ("dataset", "dataset"),
    ("preprint", "unpublished"),
    ("unpublished", "unpublished"),
    ("webpage", "online"),
    ("web page", "online"),
    ("book", "book"),
)
"""Word in a cell for the type, in lower case, and our type; the first that occurs counts."""

_SIGNS = re.compile(r"[^\w]+|_")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_TELLING = frozenset({"title", "doi", "pmid", "authors", "abstract", "container_title", "registry"})
_DATABASE = frozenset({"source", "so"})
_MIN_KNOWN = 2
_TAG_LENGTH = 2
_MAX_PLAIN_HEADING = 40
_MAX_HEADING = 60


def _trimmed(heading: str) -> str:
    return heading.strip().strip("\ufeff\"'")


def is_web_of_science(headings: list[str]) -> bool:
    """Whether these are the two-letter headings of Web of Science, as bibliometrix keeps them."""
    return {"AU", "TI", "SO", "PY"} <= {_trimmed(heading) for heading in headings}


def _meaning(heading: str) -> str | None:
    return _BY_HEADING.get(plain_heading(heading))


def plain_heading(heading: str) -> str:
    """A heading for comparing: ``Author(s) ID`` and ``author_ids`` differ, case does not."""
    text = _trimmed(heading).casefold()
    plain = _SIGNS.sub("", text)
    return plain if plain in _BY_HEADING else _SIGNS.sub("", _BRACKETS.sub("", text))


def known_columns(headings: list[str]) -> dict[str, list[int]] | None:
    """Meaning → positions of its columns; None when these are not a bibliography's headings."""
    if _trimmed(headings[0]).endswith(":"):  # Title:, then the title of one record
        return None
    found: dict[str, list[int]] = {}
    own = is_web_of_science(headings)
    for position, heading in enumerate(headings):
        if len(heading) > _MAX_HEADING:
            continue
        tag = own and len(_trimmed(heading)) == _TAG_LENGTH
        meaning = _WEB_OF_SCIENCE.get(_trimmed(heading)) if tag else _meaning(heading)
        if meaning is not None:
            found.setdefault(meaning, []).append(position)
    telling = _TELLING & found.keys()
    named = "title" in found or "doi" in found or "pmid" in found
    short = all(len(heading) <= _MAX_PLAIN_HEADING for heading in headings)
    enough = len(found) >= _MIN_KNOWN or ("title" in found and short)
    _databases_apart(headings, found)
    return found if telling and named and enough else None


def _databases_apart(headings: list[str], found: dict[str, list[int]]) -> None:
    """``source`` beside a column for the journal names the database, or is a source line."""
    places = found.get("container_title", [])
    journals = [place for place in places if plain_heading(headings[place]) not in _DATABASE]
    if journals and len(journals) < len(places):
        found["container_title"] = journals
        found.setdefault("citation", [place for place in places if place not in journals])


EMPTY_CELLS = frozenset(
    {
        "NA",
        "N/A",
        "na",
        "n/a",
        "NaN",
        "nan",
        "NULL",
        "None",
        "-",
        "--",
        "[]",
        "[No abstract available]",
    }
    | {"[No author name available]", "[No author id available]", "[No title available]"}
    | {"No author name available", "No abstract available"}
)
"""What exporters write where they have nothing."""

_FITTING = {
    "year": re.compile(r".*\d{4}.*|"),
    "date": re.compile(r".*\d{4}.*|"),
    "doi": re.compile(r".*10\..*/.*|"),
    "pmid": re.compile(r"(?:[^\d]*\d{1,9}(?:\.0)?)?", re.DOTALL),
    "pmcid": re.compile(r".*\d.*|"),
    "issn": re.compile(r".*\d{3}.*|"),
    "language": re.compile(r"[^\d]*"),
    "url": re.compile(r".*(?:://|www\.).*|", re.DOTALL),
    "start": re.compile(r".*\d.*|[ivxlc]+|", re.IGNORECASE),
    "end": re.compile(r".*\d.*|[ivxlc]+|", re.IGNORECASE),
    "type": re.compile(r"[^\d]{0,60}|\d{1,2}"),
}
"""What a cell of a column looks like when it stands in the right one."""

_MAX_FITTED = 60


def refitted(cells: list[str], count: int, known: dict[str, list[int]]) -> list[str] | None:
    """Cells of a row that has more than ``count``, under the headings to which they belong.

    Those that fit as they stand are left, with what is beyond; otherwise one cell that is empty, or
    two that a separator without quotation marks parted, are the fault. None where that cannot be
    told, because no single way makes every cell fit.
    """
    spaced = [n for n, cell in enumerate(cells) if n and cell[:1] == " " and cell.strip()]
    if len(cells) == count + 1 and len(spaced) == 1:
        at = spaced[0]
        joined = [*cells[: at - 1], f"{cells[at - 1]},{cells[at]}", *cells[at + 1 :]]
        if _fit(joined, known):
            return joined
    if _fit(cells, known):
        return cells
    if len(cells) != count + 1 or count > _MAX_FITTED:
        return None
    ways = {
        tuple(cells[:at] + cells[at + 1 :]) for at, cell in enumerate(cells) if not cell.strip()
    }
    fitting = [list(way) for way in ways if _fit(list(way), known)]
    if not fitting:
        ways = {
            (*cells[:at], f"{cells[at]}, {cells[at + 1]}", *cells[at + 2 :])
            for at in range(len(cells) - 1)
        }
        fitting = [list(way) for way in ways if _fit(list(way), known)]
    seen = {tuple(_known_cells(way, known)) for way in fitting}
    return fitting[0] if len(seen) == 1 else None


def _known_cells(cells: list[str], known: dict[str, list[int]]) -> Iterator[str]:
    return (cells[place] for places in known.values() for place in places if place < len(cells))


def _fit(cells: list[str], known: dict[str, list[int]]) -> bool:
    return all(
        pattern.fullmatch(cells[place].strip())
        for meaning, pattern in _FITTING.items()
        for place in known.get(meaning, ())
        if place < len(cells) and cells[place] not in EMPTY_CELLS
    )
