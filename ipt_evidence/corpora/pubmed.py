"""PubMed's baseline and update files: articles one by one, revised versions, deletions.

An update file holds articles whole that it adds or revises, and the numbers of deleted ones. Which
version counts is known only when all files are: `gathering` decides it by the numbers kept here.
"""

from __future__ import annotations

import re
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ipt_evidence.corpora.coarse import Coarse
from ipt_evidence.corpora.files import opened

__all__ = ["Numbers", "passing"]

_CHUNK = 1024 * 1024
_START = re.compile(rb"<Pubmed(Book)?Article[\s>]")
_PMID = re.compile(rb'<PMID(?:\s+Version="(\d{1,4})")?\s*>\s*(\d{1,12})\s*</PMID>')
_DELETED = re.compile(rb"<DeleteCitation>(.*?)(?:</DeleteCitation>|\Z)", re.DOTALL)
_PEOPLE, _PEOPLE_END, _DATA = b"<AuthorList", b"</AuthorList>", b"<PubmedData"


@dataclass(slots=True)
class Numbers:
    """PMIDs of a file in order, the version of each, those it deletes, articles left unclosed."""

    pmids: list[int] = field(default_factory=list)
    versions: list[int] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)
    unclosed: int = 0


def passing(path: Path, numbers: Numbers, coarse: Coarse) -> Iterator[tuple[int, bytes]]:
    """The articles of the file ``path`` that pass: which of the file it is, from 1, and its XML.

    ``numbers`` is filled on the way; an article without a PMID has the number 0. Memory does not
    grow with the file.
    """
    rest = b""
    with opened(path) as file:
        while chunk := file.read(_CHUNK):
            buffer = rest + chunk
            places = coarse.places(buffer).tolist()
            end = 0
            while (start := _START.search(buffer, end)) is not None:
                closing = b"</PubmedBookArticle>" if start.group(1) else b"</PubmedArticle>"
                at = buffer.find(closing, start.end())
                if at < 0:
                    break
                begin, end = start.start(), at + len(closing)
                _number(buffer, begin, end, numbers)
                if bisect(places, begin) < bisect(places, end):
                    xml = buffer[begin:end]
                    if coarse.matches(_words(xml)):
                        yield len(numbers.pmids), xml
            rest = buffer[end:]
    numbers.unclosed += len(_START.findall(rest))
    for section in _DELETED.findall(rest):
        numbers.deleted += [int(found.group(2)) for found in _PMID.finditer(section)]


def _number(buffer: bytes, begin: int, end: int, numbers: Numbers) -> None:
    found = _PMID.search(buffer, begin, end)
    numbers.pmids.append(int(found.group(2)) if found else 0)
    numbers.versions.append(int(found.group(1) or 1) if found else 1)


def _words(xml: bytes) -> bytes:
    """The part of an article in which a tagger finds words: nobody's names, no references."""
    data = xml.find(_DATA)
    end = data if data >= 0 else len(xml)
    people = xml.find(_PEOPLE, 0, end)
    after = xml.find(_PEOPLE_END, people, end) if people >= 0 else -1
    return xml[:end] if after < 0 else xml[:people] + xml[after:end]
