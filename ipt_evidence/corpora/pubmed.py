"""PubMed's baseline and update files: articles one by one, revised versions, deletions.

An update file holds articles whole that it adds or revises, and the numbers of deleted ones. Which
version counts is known only when all files are: `gathering` decides it by the numbers kept here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ipt_evidence.corpora.files import opened

__all__ = ["Article", "Numbers", "articles"]

_CHUNK = 4 * 1024 * 1024
_START = re.compile(rb"<Pubmed(Book)?Article[\s>]")
_PMID = re.compile(rb'<PMID(?:\s+Version="(\d{1,4})")?\s*>\s*(\d{1,12})\s*</PMID>')
_DELETED = re.compile(rb"<DeleteCitation>(.*?)(?:</DeleteCitation>|\Z)", re.DOTALL)
_PEOPLE, _PEOPLE_END, _DATA = b"<AuthorList", b"</AuthorList>", b"<PubmedData"


@dataclass(frozen=True, slots=True)
class Article:
    """An article's XML, and the part of it in which a tagger finds words (nobody's names)."""

    xml: bytes
    words: bytes


@dataclass(slots=True)
class Numbers:
    """PMIDs of a file in order, the version of each, those it deletes, articles left unclosed."""

    pmids: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    unclosed: int = 0


def articles(path: Path, numbers: Numbers) -> Iterator[Article]:
    """Every article of the file ``path`` in order; ``numbers`` is filled on the way.

    An article without a PMID has the number 0. Memory does not grow with the file.
    """
    rest = b""
    with opened(path) as file:
        while chunk := file.read(_CHUNK):
            buffer = rest + chunk
            end = 0
            while (start := _START.search(buffer, end)) is not None:
                closing = b"</PubmedBookArticle>" if start.group(1) else b"</PubmedArticle>"
                at = buffer.find(closing, start.end())
                if at < 0:
                    break
                end = at + len(closing)
                yield _article(buffer[start.start() : end], numbers)
            rest = buffer[end:]
    numbers.unclosed += len(_START.findall(rest))
    for section in _DELETED.findall(rest):
        numbers.deleted += [int(found.group(2)) for found in _PMID.finditer(section)]


def _article(xml: bytes, numbers: Numbers) -> Article:
    found = _PMID.search(xml)
    numbers.pmids.append(int(found.group(2)) if found else 0)
    numbers.versions.append(int(found.group(1) or 1) if found else 1)
    data = xml.find(_DATA)
    end = data if data >= 0 else len(xml)
    people = xml.find(_PEOPLE, 0, end)
    after = xml.find(_PEOPLE_END, people, end) if people >= 0 else -1
    return Article(xml, xml[:end] if after < 0 else xml[:people] + xml[after:end])
