"""Tagged texts of databases that are neither RIS nor PubMed's, by the tables of their dialects.

Ovid (two-letter tags and field names), RefWorks and CNKI, the Cochrane Library's citation export,
Embase's and ProQuest's and EBSCO's text, NoteExpress, Biblioscape, Copac and RePEc.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ipt_evidence.citations.identifiers import (
    doi_of,
    find_doi,
    normal_pmid,
    noted_pmid,
    registry_ids_in,
)
from ipt_evidence.citations.normal_forms import keywords_of, normal_pages, page_range
from ipt_evidence.citations.people import people_of_cell
from ipt_evidence.citations.readers.fields import Tags, build_record, rejected
from ipt_evidence.citations.readers.source_lines import split_source
from ipt_evidence.citations.readers.tagged_dialects import DIALECTS, Dialect
from ipt_evidence.citations.records import ReadResult, Record

__all__ = ["cut_tagged_text", "dialect_of", "find_tagged_text", "read_tagged_text"]

_SHARED: Tags = {
    "title": ("title",),
    "container_title": ("container_title",),
    "date": ("year", "date"),
    "volume": ("volume",),
    "issue": ("issue",),
    "abstract": ("abstract",),
    "url": ("url",),
    "language": ("language",),
    "pmcid": ("pmcid",),
    "issn": ("issn",),
}


_SHORT_TAG = 4
_LOOKED_AT = 20_000
"""A dialect is known by a record that starts this early: all files of other formats are asked."""
_LISTS = frozenset(
    {"authors", "full_names", "corporate", "keywords", "editors", "issn", "registry"}
)
_ORDER = (
    ("thesis", "phdthesis"),
    ("dissertation", "phdthesis"),
    ("chapter", "incollection"),
    ("section", "incollection"),
    ("conference proceeding", "inproceedings"),
    ("redif-paper", "techreport"),
    ("redif-book", "book"),
    ("report", "techreport"),
    ("book review", "article"),
    ("trial registry record", "misc"),
    ("journal", "article"),
    ("book", "book"),
    ("text", "book"),
)


def dialect_of(text: str) -> tuple[Dialect, int] | None:
    """The dialect whose first record stands first in ``text``, and where; None for none."""
    best: tuple[Dialect, int] | None = None
    begin = text[:_LOOKED_AT]
    for dialect in DIALECTS:
        match = dialect.start.search(begin)
        if match is None or (best is not None and match.start() >= best[1]):
            continue
        if dialect.sign is None or dialect.sign.search(text, match.start(), match.end() + 5_000):
            best = dialect, match.start()
    return best


def find_tagged_text(text: str) -> int | None:
    """Where the first record of a dialect starts in ``text``; None when there is none."""
    found = dialect_of(text)
    return found[1] if found else None


def cut_tagged_text(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    found = dialect_of(text)
    if found is None:
        return 0
    starts = [match.start() for match in found[0].start.finditer(text)]
    return starts[-1] if len(starts) > 1 else 0


def read_tagged_text(text: str) -> ReadResult:
    """Records of a tagged text; what has a start but no field that is known is rejected."""
    found = dialect_of(text)
    if found is None:
        return ReadResult(note="no record of a known tagged format")
    dialect = found[0]
    result = ReadResult(note=f"tagged text of {dialect.name.partition(',')[0]}")
    for line, block in _blocks(text, dialect):
        raw = _fields(block, dialect)
        texts = _meanings(raw, dialect)
        if not any(texts.get(name) for name in ("title", "authors", "doi", "pmid", "source")):
            result.rejected.append(rejected(line, block))
            continue
        result.records.append(_record(texts, raw, line, dialect))
    return result


def _blocks(text: str, dialect: Dialect) -> Iterator[tuple[int, str]]:
    starts = [match.start() for match in dialect.start.finditer(text)]
    line, before = 1, 0
    for start, stop in pairwise([*starts, len(text)]):
        line += text.count("\n", before, start)
        before = start
        yield line, text[start:stop]


def _fields(block: str, dialect: Dialect) -> dict[str, str]:
    """Tag → its values, a line each; wrapped lines are joined."""
    values: dict[str, list[str]] = {}
    tag, ended = "", False
    lines = block.split("\n")
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        match = dialect.field.fullmatch(line.rstrip())
        if match is not None and _is_field(match, line, following, dialect):
            tag, ended = match.group("tag").strip(), False
            values.setdefault(tag, []).append(match.group("value").strip())
        elif not line.strip(" \t-_="):
            ended = dialect.known_only and not dialect.headings
        elif not tag and dialect.name == "ProQuest" and not dialect.start.match(line):
            values.setdefault("Title", [line.strip()])  # on a line of its own
        elif tag and not ended:
            held = values[tag]
            if dialect.known_only and held[-1] and dialect.tags.get(tag.lower()) in _LISTS:
                held.append(line.strip())
            else:
                held[-1] = f"{held[-1]} {line.strip()}".strip()
    return {tag: "\n".join(texts) for tag, texts in values.items()}


def _is_field(match: re.Match[str], line: str, following: str, dialect: Dialect) -> bool:
    """Whether a line that looks like a tag is one: words must be known, short tags in capitals.

    A heading that is not known is one, too, where its text is indented and it is not.
    """
    tag = match.group("tag").strip()
    if (
        dialect.headings
        and not line[:1].isspace()
        and following[:2].isspace()
        and following.strip()
    ):
        return True
    if dialect.known_only:
        return not line[:1].isspace() and tag.lower() in dialect.tags
    if tag.isupper() or tag == "vo":  # CNKI writes this one tag in lower case
        return True
    return len(tag) > _SHORT_TAG or (len(tag) > 2 and tag.lower() in dialect.tags)


def _meanings(raw: dict[str, str], dialect: Dialect) -> dict[str, str]:
    """Our names of fields → their texts, in the order of the record; the first of equals counts."""
    texts: dict[str, str] = {}
    for tag, text in raw.items():
        name = dialect.tags.get(tag.lower())
        if name is None or not text.strip():
            continue
        if name == "container":  # RefWorks: JF, then JO, then T2
            name = "container_title"
        if name in _LISTS:  # ProQuest names the authors twice
            both = f"{texts.get(name, '')}\n{text}".split("\n")
            texts[name] = "\n".join(dict.fromkeys(filter(None, map(str.strip, both))))
        else:
            texts.setdefault(name, text)
    return texts


_OVID_NAMES = re.compile(
    r"(?<=[^\W\d_]{3})\.\s+(?=[^\W\d_])|(?<=\s[A-Z])\.\s+(?=[^\W\d_]{2,})|"
    r"(?<=\s[A-Z]{2})\.\s+(?=[^\W\d_]{2,})"
)
_KIND_OF_TEXT = re.compile(
    r"\.?\s*\[(?:article|report|miscellaneous|letters?|editorial|review|review article|"
    r"abstract|correspondence|commentary|news|book review|original article|case report|"
    r"original articles?|meta-analysis|random(?:ized|ised) controlled trial)s?\]\.?$",
    re.IGNORECASE,
)
"""What Journals@Ovid puts behind a title."""

_PMID_DATABASES = ("medline", "pubmed", "nlm")
_CENTRAL_PMID = re.compile(r"\bPUBMED\s+(\d{1,8})", re.IGNORECASE)


def _record(texts: dict[str, str], raw: dict[str, str], line: int, dialect: Dialect) -> Record:
    source = texts.get("source", "")
    parts = split_source(source)
    for name, value in parts.items():
        if not texts.get(name):
            texts[name] = value
    texts.setdefault("date", parts.get("year", ""))  # with its month, where it has one
    if source and not texts.get("container_title"):  # the Cochrane Library has the journal alone
        whole = source.strip()
        alone = whole.endswith(".") and "." not in whole[:-1]
        texts["container_title"] = whole[:-1] if alone else whole
    for name in ("title", "container_title", "volume", "issue", "year", "language"):
        if "\n" in texts.get(name, ""):
            texts[name] = texts[name].partition("\n")[0]
    if "Publication title" in raw:  # ProQuest puts the place behind it
        texts["container_title"] = texts["container_title"].partition(";")[0]
    texts["title"] = _KIND_OF_TEXT.sub("", texts.get("title") or texts.get("original_title", ""))
    if dialect.name == "Copac":  # the title page's statement of who wrote it
        texts["title"] = texts["title"].partition(" / ")[0]
    texts["language"] = texts.get("language", "").strip(" ;.")
    if texts.get("month") and texts.get("year"):
        texts["date"] = f"{texts['year']} {texts['month']}"
    if texts.get("date") and texts.get("year", "") not in texts["date"]:
        texts["date"] = f"{texts['year']} {texts['date']}"
    authors, et_al = people_of_cell(_names(texts))
    authors += (
        {"family": name.strip(" ."), "given": ""}
        for name in texts.get("corporate", "").split("\n")
        if name.strip(" .")
    )
    doi = doi_of(texts.get("doi")) or find_doi(source)
    pages = page_range(texts.get("start"), texts.get("end")) or normal_pages(texts.get("pages"))
    return build_record(
        texts,
        line,
        _SHARED,
        raw=raw,
        type=_type(texts),
        authors=authors,
        et_al=et_al,
        pages=pages,
        doi=doi,
        pmid=_pmid(texts),
        keywords=keywords_of(texts.get("keywords", "").replace("*", ""), "\n;；"),
        registry_ids=registry_ids_in(
            *map(texts.get, ("title", "abstract", "registry", "accession", "authors", "crossed"))
        ),
    )


def _names(texts: dict[str, str]) -> str:
    """The names of the authors, one a line; Ovid's older exports part them by full stops."""
    names = texts.get("full_names") or texts.get("authors") or texts.get("editors", "")
    names = _AFFILIATIONS.sub("", names)
    names = _FOOTNOTES.sub("", re.sub(r";\s*", "\n", _ROLE.sub("", names)))
    if "\n" not in names and _OVID_NAMES.search(names) and not _DEGREES.fullmatch(names):
        names = _OVID_NAMES.sub("\n", names)
    lines = (line.strip(" ;") for line in re.sub(r",(?=\S)", ", ", names).split("\n"))
    return "\n".join(
        _plain_name(line) for line in lines if line and not _DEGREE_ALONE.fullmatch(line)
    )


_ROLE = re.compile(
    r"\s*\[(?:author|inventor|editor|eds?|e-?mail|reprint|corresponding|compiler|assignee)\b"
    r"[^\]\n]*\]?",
    re.IGNORECASE,
)
_DEGREE = (
    r"(?:M\.?D|Ph\.?\s?D|D\.?Phil|Psy\.?D|Ed\.?D|D\.?Sc|Sc\.?D|Pharm\.?D|Dr\.?P\.?H|M\.?P\.?H|"
    r"M\.?Sc|B\.?Sc|M\.?S|M\.?A|B\.?A|M\.?B\.?A|M\.?S\.?W|M\.?B\.?B\.?S|M\.?B\.?Ch\.?B|D\.?O|R\.?N|"
    r"F\.?[A-Z]{2,4}[a-z]?(?:\([^)]*\))?|LCSW|MRCPsych|FRCPsych|BSN|MSN|CNS)\.?"
)
_DEGREES = re.compile(rf"([^,]+, [^\W\d_][a-zß-ÿ'-]+.*?)(?:,?\s+{_DEGREE})+")
_DEGREE_ALONE = re.compile(_DEGREE)
_AFFILIATIONS = re.compile(r"(?<=\s\d)\s+1\s+[^\W\d_].*$", re.DOTALL)
"""What ProQuest puts behind the last author: ``Birch, Bo 2 1 University of Nowhere 2 ...``."""

_FOOTNOTES = re.compile(r"(?<=[^\W_]|\.)\s+[\d*+†‡§][\d*+†‡§, ]*$", re.MULTILINE)
"""Degrees and numbers of affiliations behind a name, as Journals@Ovid writes them."""


def _plain_name(name: str) -> str:
    """``name`` without degrees and footnotes, and without a full stop that is no initial's."""
    full = _DEGREES.fullmatch(name)
    name = full.group(1) if full else name
    return name[:-1] if re.search(r"[a-zß-ÿ]{2}\.$|\s[A-Z][a-zß-ÿ]\.$", name) else name


def _pmid(texts: dict[str, str]) -> str | None:
    """Its own field, Cochrane's cross-reference, or the number that MEDLINE gave the record."""
    own = texts.get("pmid") or texts.get("crossed", "")
    central = _CENTRAL_PMID.search(own)
    if central is not None:
        return normal_pmid(central.group(1))
    if texts.get("pmid"):
        return normal_pmid(texts["pmid"])
    number = texts.get("accession", "").strip()
    named = any(word in texts.get("database", "").lower() for word in _PMID_DATABASES)
    if named and number.isdigit():
        return normal_pmid(number)
    return noted_pmid(texts.get("note", ""))


def _type(texts: dict[str, str]) -> str:
    named = texts.get("type", "").lower()
    kind = next((kind for word, kind in _ORDER if word in named), None)
    return kind or ("article" if named or texts.get("container_title") else "misc")
