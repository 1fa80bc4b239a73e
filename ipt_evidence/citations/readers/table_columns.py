"""What the columns of bibliographic tables are called, by whom, and what they mean here.

A heading is compared without case, signs and spaces. The first column of a meaning that holds
something counts; every column is kept in ``raw``.
"""

from __future__ import annotations

import re

__all__ = ["MEANINGS", "known_columns", "plain_heading"]

MEANINGS: dict[str, str] = {
    "key": "key|citationkey|citekey|bibtexkey|bibtexcitationkey|recordid|ref|refid|reference_id|id|"
    "identifier|uniqueid|label",
    "type": "documenttype|itemtype|publicationtype|referencetype|entrytype|bibliographytype|type|"
    "typeofwork|sourcetype|ty",
    "title": "title|articletitle|documenttitle|primarytitle|ti|titel|titulo|titre|t1|worktitle|"
    "papertitle|originaltitle|publicationtitlearticle|name|referencetitle",
    "authors": "authors|author|authornames|authorfullnames|au|a1|autoren|autores|auteurs|autor|"
    "firstauthors|creators|contributors|authorlist|authorsall",
    "year": "year|publicationyear|pubyear|yearofpublication|py|jahr|ano|annee|yearpublished|"
    "published|datepublished",
    "date": "date|publicationdate|publishdate|pubdate|createdate|datecreated|publicationdatefull|"
    "da|issued|coverdate|entrydate",
    "container_title": "journal|sourcetitle|journalbook|publicationtitle|journaltitle|source|"
    "publicationname|so|secondarytitle|booktitle|t2|jf|zeitschrift|revista|revue|containertitle|"
    "periodical|journalname|journalabbreviation|jo",
    "volume": "volume|vol|vl|band|volumen",
    "issue": "issue|number|issuenumber|no|is|heft|numero|iss",
    "pages": "pages|page|pagerange|pagination|seiten|paginas|articlepages|pg",
    "start": "pagestart|startpage|firstpage|sp|beginningpage|bp|firstpagenumber",
    "end": "pageend|endpage|lastpage|ep|endingpage",
    "article_number": "artno|articlenumber|articleno|ar|elocationid",
    "doi": "doi|digitalobjectidentifier|do|di|doilink|doiurl|articledoi|electronicresourcenumber",
    "pmid": "pmid|pubmedid|medlinepmid|pm|pubmed|pubmedpmid|medlineid",
    "pmcid": "pmcid|pmc|pubmedcentralid",
    "abstract": "abstract|abstracttext|ab|abstractnote|zusammenfassung|resumen|resume|"
    "notesabstract",
    "keywords": "keywords|authorkeywords|keyword|indexkeywords|manualtags|tags|kw|de|subjects|"
    "emtreedrugindexterms|emtreemedicalindexterms|embasekeywords|meshterms|keywordsplus|"
    "subjectterms|automatictags|descriptors|topics|schlagworte",
    "url": "url|link|links|urls|ur|fulltexturl|website|webaddress|weblink|landingpageurl",
    "language": "language|languageoforiginaldocument|languages|la|sprache|idioma|langue|"
    "articlelanguage|languageofdocument",
    "issn": "issn|sn|issnisbn|printissn|eissn|isbnissn|isbn",
    "registry": "clinicaltrialnumber|trialregistration|trialregistrationnumber|registrynumber|"
    "nctnumber|registrationnumber|trialid|clinicaltrialsgovid",
}
_BY_HEADING = {
    heading: meaning for meaning, names in MEANINGS.items() for heading in names.split("|")
}
_SIGNS = re.compile(r"[^\w]+|_")
_BRACKETS = re.compile(r"\([^)]*\)|\[[^\]]*\]")
_TELLING = frozenset({"title", "doi", "pmid", "authors", "abstract", "container_title"})
_DATABASE = frozenset({"source", "so"})
_MIN_KNOWN = 2
_MAX_PLAIN_HEADING = 40


def plain_heading(heading: str) -> str:
    """A heading for comparing: ``Author(s) ID`` and ``author_ids`` differ, case does not."""
    text = heading.strip().strip("\ufeff\"'").casefold()
    plain = _SIGNS.sub("", text)
    return plain if plain in _BY_HEADING else _SIGNS.sub("", _BRACKETS.sub("", text))


def known_columns(headings: list[str]) -> dict[str, list[int]] | None:
    """Meaning → positions of its columns; None when these are not a bibliography's headings."""
    found: dict[str, list[int]] = {}
    for position, heading in enumerate(headings):
        if len(heading) > 60:
            continue
        meaning = _BY_HEADING.get(plain_heading(heading))
        if meaning is not None:
            found.setdefault(meaning, []).append(position)
    telling = _TELLING & found.keys()
    named = "title" in found or "doi" in found or "pmid" in found
    short = all(len(heading) <= _MAX_PLAIN_HEADING for heading in headings)
    enough = len(found) >= _MIN_KNOWN or ("title" in found and short)
    _databases_apart(headings, found)
    return found if telling and named and enough else None


def _databases_apart(headings: list[str], found: dict[str, list[int]]) -> None:
    """``source`` beside a column for the journal names the database that was searched."""
    places = found.get("container_title", [])
    journals = [place for place in places if plain_heading(headings[place]) not in _DATABASE]
    if journals:
        found["container_title"] = journals
