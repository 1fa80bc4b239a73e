"""BibTeX and biblatex: Zotero, Better BibTeX, Mendeley, JabRef, EndNote, Scopus, Google Scholar.

splitting.py    text → entries; well-formed ones are tokenised on the way
macros.py       months and @string
repair.py       entries that are not: bibtexparser, then field by field, with notes
inheritance.py  crossref and xdata
conversion.py   fields → record (LaTeX, names, DOI, ...)
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ipt_evidence.citations.keys import invented_key
from ipt_evidence.citations.readers.abstracts import finish_texts
from ipt_evidence.citations.readers.bibtex.conversion import to_record
from ipt_evidence.citations.readers.bibtex.inheritance import inherit
from ipt_evidence.citations.readers.bibtex.macros import Macros, resolve
from ipt_evidence.citations.readers.bibtex.repair import repair_block
from ipt_evidence.citations.readers.bibtex.splitting import Block, split_blocks
from ipt_evidence.citations.records import ReadResult, Rejected, Repaired, normal_space

__all__ = ["cut_bibtex", "find_bibtex", "macros_of", "read_bibtex"]

_ENTRY_START = re.compile(r"^[ \t]*@[ \t]*[^\W\d_]+[ \t\n]*[{(]", re.MULTILINE)
_LINE_START = re.compile(r"\n@[ \t]*[^\W\d_][\w-]*\s*[{(]")
_NEEDS_OTHERS = re.compile(r"[,\n]\s*(?:crossref|xdata)\s*=")
_STRING = re.compile(r"@string\s*(?:\{(?:[^{}@]|\{[^{}]*\})*\}|\([^()@]*\))", re.IGNORECASE)
_MAX_TRIED = 1_000
_MAX_DEFINITION = 5_000
_MAX_MACROS = 2_000_000
_MAX_SHOWN = 2_000


def find_bibtex(text: str) -> int | None:
    """Where the first entry starts in ``text``; None when there is none."""
    match = _ENTRY_START.search(text)
    return match.start() if match else None


def cut_bibtex(text: str) -> int:
    """Up to where ``text`` holds only whole entries; 0 when it may hold none.

    A line with ``@type{`` opens an entry for certain only behind the end of another.
    """
    end = len(text)
    uncertain = 0
    for _ in range(_MAX_TRIED):
        at = text.rfind("\n@", 0, end)
        if at <= 0:
            break
        if _LINE_START.match(text, at):
            if text[max(at - 200, 0) : at].rstrip()[-1:] in ("}", ")"):
                return at + 1
            uncertain = uncertain or at + 1
        end = at
    return uncertain


def macros_of(pieces: Iterable[str]) -> str | None:
    """All ``@string`` definitions of a file, on one line; None where its entries need each other.

    Entries with ``crossref`` or ``xdata`` can only be read with the whole file at hand.
    """
    definitions: list[str] = []
    tail = ""
    for piece in pieces:
        text = tail + piece
        lowered = text.lower()
        if ("crossref" in lowered or "xdata" in lowered) and _NEEDS_OTHERS.search(lowered):
            return None
        if any(part[:6] == "string" for part in lowered.split("@")):
            definitions += (" ".join(match.group().split()) for match in _STRING.finditer(text))
        tail = text[-_MAX_DEFINITION:]
    return " ".join(dict.fromkeys(definitions))[:_MAX_MACROS] + "\n" if definitions else ""


def read_bibtex(text: str) -> ReadResult:
    """Records of a BibTeX text, entries that are beyond repair, and what was repaired.

    Every entry (``@type{...}`` other than comment, preamble and string) becomes a record or a
    rejected row.
    """
    result = ReadResult()
    blocks, macros = split_blocks(text)
    kept: list[Block] = []
    for block in blocks:
        if block.fields is None:
            reason = repair_block(block)
            if reason is not None:
                result.rejected.append(
                    Rejected(block.line, block.text.strip()[:_MAX_SHOWN], reason)
                )
                continue
        if block.waiting:
            _resolve_waiting(block, macros)
        kept.append(block)
    completed = inherit(kept)
    notes: dict[str, list[str | None]] = {"note": [], "annote": []}
    for position, block in enumerate(kept):
        own = block.fields or {}
        fields = completed.get(position, own)
        record = to_record(block.type, block.key, block.line, fields, own)
        if not record.key:
            record.key = invented_key(record.authors, record.year, record.source_line)
            block.notes.append("the entry has no key; one was made from its first author and year")
        for note in block.notes:
            result.repaired.append(Repaired(block.line, record.key, note))
        result.records.append(record)
        for name, texts in notes.items():
            texts.append(fields.get(name))
    columns = result.as_columns()
    finish_texts(columns, ("abstract",), [columns["title"], *notes.values()], normal_space)
    return result


def _resolve_waiting(block: Block, macros: Macros) -> None:
    fields = block.fields
    if fields is None:
        return
    for name, pieces in block.waiting.items():
        fields[name], unknown = resolve(pieces, macros)
        for macro in unknown:
            block.notes.append(f"@string {macro} is not defined; its name is used in {name}")
