"""PubMed's XML, as ``efetch`` and PubMed's own downloads write it: articles and books."""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element

from ipt_evidence.citations.identifiers import (
    doi_of,
    normal_issn,
    normal_pmcid,
    normal_pmid,
    registry_ids_in,
)
from ipt_evidence.citations.normal_forms import (
    date_of,
    normal_language,
    normal_pages,
    page_range,
    reading_text,
)
from ipt_evidence.citations.readers.fields import rejected
from ipt_evidence.citations.readers.nbib import NBIB_TYPES
from ipt_evidence.citations.readers.xml_records import (
    XmlFault,
    elements,
    parse_element,
    text_of,
)
from ipt_evidence.citations.records import Person, ReadResult, Record, Repaired

__all__ = ["cut_pubmed_xml", "find_pubmed_xml", "read_pubmed_xml"]

_RECORDS = ("PubmedArticle", "PubmedBookArticle")
_OPENING = re.compile(r"<(?:PubmedArticleSet|PubmedArticle|PubmedBookArticle)[\s>/]")


def find_pubmed_xml(text: str) -> int | None:
    """Where the records start in ``text``; None when it is no PubMed XML."""
    if text.lstrip()[:1] != "<":
        return None
    match = _OPENING.search(text)
    return match.start() if match else None


def cut_pubmed_xml(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    ends = [text.rfind(f"</{name}>") + len(name) + 3 for name in _RECORDS if f"</{name}>" in text]
    return max(ends, default=0)


def read_pubmed_xml(text: str) -> ReadResult:
    """Records of a PubMed XML text; elements that cannot be parsed are rejected one by one."""
    result = ReadResult()
    for line, block, closed in elements(text, _RECORDS):
        try:
            if not closed:
                raise XmlFault("the record is not closed")
            element, repaired = parse_element(block)
        except XmlFault as error:
            result.rejected.append(rejected(line, block, str(error)))
            continue
        record = _record(element, line)
        if record.title is None and not record.authors and record.pmid is None:
            result.rejected.append(rejected(line, block))
            continue
        result.records.append(record)
        if repaired:
            note = "signs that XML does not allow were read as text"
            result.repaired.append(Repaired(line, record.key, note))
    return result


def _record(element: Element, line: int) -> Record:
    book = element.find("BookDocument")
    citation = book if book is not None else element.find("MedlineCitation")
    citation = citation if citation is not None else element
    article = citation.find("Article")
    article = article if article is not None else citation
    values: dict[str, list[str]] = {}
    _collect(citation, "", values)
    raw = {name: "\n".join(texts) for name, texts in values.items()}
    data = element.find("PubmedData" if book is None else "PubmedBookData")
    identifiers = _identifiers(data, article, citation)
    pmid = normal_pmid(text_of(citation.find("PMID")))
    authors, et_al = _authors(article)
    year, date = _dates(article)
    title, container = _titles(article, citation, book)
    abstract = _abstract(article)
    keywords = [text_of(item) for item in citation.iter("Keyword")]
    keywords += [text_of(item) for item in citation.iter("DescriptorName")]
    types = raw.get("Article.PublicationTypeList.PublicationType", "")
    banks = " ".join(text_of(item) for item in citation.iter("AccessionNumber"))
    return Record(
        key=f"pmid{pmid}" if pmid else "",
        type=_type(types, book, container),
        source_line=line,
        raw=raw,
        title=title,
        authors=authors,
        et_al=et_al,
        year=year,
        date=date,
        container_title=container,
        volume=reading_text(text_of(article.find("Journal/JournalIssue/Volume"))),
        issue=reading_text(text_of(article.find("Journal/JournalIssue/Issue"))),
        pages=_pages(article),
        doi=doi_of(identifiers.get("doi")),
        pmid=pmid,
        abstract=abstract,
        keywords=list(dict.fromkeys(word for word in keywords if word)),
        language=normal_language(text_of(article.find("Language"))),
        pmcid=normal_pmcid(identifiers.get("pmc")),
        issn=normal_issn(text_of(article.find("Journal/ISSN")))
        or normal_issn(text_of(citation.find("MedlineJournalInfo/ISSNLinking"))),
        registry_ids=registry_ids_in(title, abstract, banks),
    )


def _collect(element: Element, path: str, values: dict[str, list[str]]) -> None:
    """Texts of the leaves under their dotted path; a leaf's type face elements count as text."""
    for child in element:
        name = f"{path}.{child.tag}" if path else str(child.tag)
        if len(child) and any(inner.tag[:1].isupper() for inner in child):
            _collect(child, name, values)
            continue
        value = text_of(child)
        if value:
            values.setdefault(name, []).append(value)


def _identifiers(data: Element | None, article: Element, citation: Element) -> dict[str, str]:
    """Type of identifier → identifier; not those of the references that the article cites."""
    found: dict[str, str] = {}
    lists = [
        citation.find("ArticleIdList"),
        data.find("ArticleIdList") if data is not None else None,
    ]
    for item in [one for group in lists if group is not None for one in group]:
        found.setdefault(item.get("IdType", ""), text_of(item))
    for item in article.findall("ELocationID"):
        found.setdefault(item.get("EIdType", ""), text_of(item))
    return found


def _authors(article: Element) -> tuple[list[Person], bool]:
    people: list[Person] = []
    lists = article.findall("AuthorList") or article.findall("Book/AuthorList")
    chosen = next((item for item in lists if item.get("Type") != "editors"), None)
    if chosen is None:
        return people, False
    for author in chosen.findall("Author"):
        family = text_of(author.find("LastName"))
        given = text_of(author.find("ForeName")) or text_of(author.find("Initials"))
        suffix = text_of(author.find("Suffix"))
        if not family:
            family, given = text_of(author.find("CollectiveName")) or given, ""
        if family:
            person = {"family": family, "given": given}
            people.append(person | {"suffix": suffix} if suffix else person)
    return people, chosen.get("CompleteYN") == "N"


_ARTICLE_NUMBER = re.compile(r"(?:[A-Za-z]{1,3})?\d{1,6}")


def _pages(article: Element) -> str | None:
    """Pages as one text, as first and last, or the number of an article without pages."""
    whole = normal_pages(text_of(article.find("Pagination/MedlinePgn")))
    first, last = (text_of(article.find(f"Pagination/{name}Page")) for name in ("Start", "End"))
    if whole or first:
        return whole or page_range(first, last)
    for item in article.findall("ELocationID"):
        if item.get("EIdType") == "pii" and _ARTICLE_NUMBER.fullmatch(text_of(item)):
            return text_of(item)
    return None


def _dates(article: Element) -> tuple[int | None, str | None]:
    texts = []
    places = ("Journal/JournalIssue/PubDate", "ArticleDate", "Book/PubDate", "ContributionDate")
    for place in places:
        date = article.find(place)
        if date is None:
            continue
        parts = [text_of(date.find(part)) for part in ("Year", "Month", "Day")]
        texts.append(" ".join(parts) if parts[0] else text_of(date.find("MedlineDate")))
    return date_of(*texts)


def _titles(
    article: Element, citation: Element, book: Element | None
) -> tuple[str | None, str | None]:
    title = reading_text(text_of(article.find("ArticleTitle")))
    if title in (None, "[Not Available].", "[Not Available]", "Not Available"):
        title = reading_text(text_of(article.find("VernacularTitle"))) or title
    if title:
        title = title[:-1] if title[-1] == "." and not title.endswith("..") else title
        bracketed = title[:1] == "[" and title[-1:] == "]" and title.count("[") == 1
        title = title[1:-1].rstrip(".") if bracketed else title
    if book is None:
        container = article.find("Journal/Title")
        container = container if container is not None else citation.find(".//MedlineTA")
        return title, reading_text(text_of(container))
    of_book = reading_text(text_of(book.find("Book/BookTitle")))
    return (title, of_book) if title else (of_book, None)


def _abstract(article: Element) -> str | None:
    parts = []
    abstract = article.find("Abstract")
    for item in abstract.findall("AbstractText") if abstract is not None else []:
        label, text = item.get("Label"), text_of(item)
        parts.append(f"{label}: {text}" if label and text else text)
    return reading_text(" ".join(part for part in parts if part))


def _type(types: str, book: Element | None, container: str | None) -> str:
    if book is not None:
        return "incollection" if container else "book"
    for name, kind in NBIB_TYPES:
        if name in types.split("\n"):
            return kind
    return "article"
