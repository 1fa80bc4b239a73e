"""RIS: EndNote, Zotero, Mendeley, Scopus, Ovid, ProQuest, Rayyan, Covidence, publishers' sites.

A record starts at ``TY`` and ends at ``ER``; where either is missing, the other ends it, with a
note. Tags in lower case or with odd space around the dash are read, with a note. Lines without a
tag go on with the field before them. Every tag is kept in ``raw``, known or not.
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
from ipt_evidence.citations.normal_forms import (
    iso_date,
    normal_pages,
    page_range,
    reading_text,
    same_title,
)
from ipt_evidence.citations.people import people_of, people_of_cell
from ipt_evidence.citations.readers.fields import (
    UNENDED,
    Tags,
    build_record,
    first_of,
    join_repeats,
    rejected,
    types_of,
)
from ipt_evidence.citations.records import ReadResult, Record, Repaired

__all__ = ["RIS_TYPES", "cut_ris", "find_ris", "read_ris"]

_TAGS: Tags = {
    "title": ("TI", "T1", "CT", "BT", "ST"),
    "container_title": ("JF", "JO", "T2", "BT", "JA", "J2", "J1", "T3"),
    "date": ("PY", "Y1", "DA"),
    "volume": ("VL", "VO"),
    "issue": ("IS", "CP"),
    "abstract": ("AB", "N2"),
    "keywords": ("KW",),
    "url": ("UR", "L2", "LK"),
    "language": ("LA",),
    "pmcid": ("C2",),
    "issn": ("SN",),
}
_EDITORS = ("A2", "ED", "A3")
_DOI_TAGS = ("DI", "M3", "L3", "L2", "N1", "UR", "LK", "AN", "ID")
_PMID_NOTES = ("AN", "ID", "N1", "UR", "M1", "C2")
_PMID_TAGS = frozenset({"PM", "C8", "C3", "C5", "U2", "M2", *_PMID_NOTES})
_REGISTERED = (
    "TI",
    "T1",
    "N1",
    "AN",
    "ID",
    "M1",
    "M3",
    "U1",
    "U2",
    "C1",
    "C3",
    "C4",
    "C5",
    "N2",
    "UR",
)
"""Fields, beside the abstract, that may name a trial's registration."""

RIS_TYPES = {
    "article": "JOUR|JFULL|EJOUR|MGZN|NEWS|INPR|ABST|JOURNAL ARTICLE",
    "book": "BOOK|EBOOK",
    "collection": "EDBOOK",
    "incollection": "CHAP|ECHAP",
    "inreference": "ENCYC|DICT",
    "proceedings": "CONF",
    "inproceedings": "CPAPER",
    "phdthesis": "THES",
    "techreport": "RPRT|GOVDOC|STAND",
    "unpublished": "UNPB|MANSCPT",
    "booklet": "PAMP",
    "patent": "PAT",
    "dataset": "DATA",
    "software": "COMP",
    "online": "ELEC|BLOG|WEB",
}
_TYPES = types_of(RIS_TYPES)
_STANDARD_TAGS = frozenset(
    "TY AU A1 A2 A3 A4 AB AD AN AV C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DO DP ED EP ER ET "
    "ID IS J1 J2 JA JF JO KW L1 L2 L3 L4 LA LB LK LP M1 M2 M3 N1 N2 NV OP PB PP PY RI RN RP SE SN "
    "SP ST T1 T2 T3 TA TI TT U1 U2 U3 U4 U5 UR VL VO Y1 Y2 BT JN PM PMID".split()
)
_MEDLINE = ("medline", "pubmed", "nlm")
_PMID_OF_DATABASE = {
    "AN": _MEDLINE,
    "ID": _MEDLINE,
    "C5": ("embase", "medline"),
    "C2": ("scopus",),
}
"""Field → databases (in DB) of which a bare number in it is PubMed's."""

_SHORTEST_PMID = 7
"""A shorter number in ID is the record's place in EndNote's library, whatever the database."""

_PMID_NUMBER = re.compile(r"(?:NLM)?\d{1,8}")
# Web of Science writes MEDLINE:31000005, ProQuest its own number and then PubMed's.
_MEDLINE_NUMBER = re.compile(r"(MEDLINE:|NLM)(\d{1,8})|\d{5,12};\s*(\d{1,8})")
_LINKED_NUMBER = re.compile(r"(\d{1,8}) \[https?://[^\]]*/pubmed/[^\]]*\]")
"""Ovid's link to PubMed, in whatever field the reader has asked for it."""

_PUBMED_OF_CENTRAL = re.compile(r"\bPUBMED\s+(\d{1,8})(?!\d)", re.IGNORECASE)

_START = re.compile(r"\n[ \t\ufeff]*[Tt][Yy][ \t]{0,3}-")
_END = re.compile(r"\n[ \t]*[Ee][Rr](?:[ \t]{1,3}-|-[ \t]*(?=\n|\Z)|[ \t]{2}(?=\n|\Z))")
_TAGGED = re.compile(r"\n[A-Z][A-Z0-9]  -(?: |(?=\n)|\Z)")
_ODD_LINE = re.compile(
    r"[ \t\ufeff]*([A-Za-z][A-Za-z0-9]|DOI)(?:[ \t]{0,3}-(?:[ \t]+|(?=\Z))|[ \t]{1,3}-)"
)
_EXACT_TAGS = {
    sign: tag for tag in _STANDARD_TAGS - {"TY", "ER"} for sign in (f"{tag}  - ", f"{tag}  -")
}
_SIGNS = re.compile(r"[\W_]+")
_ODD_TAGS = "tags in lower case or with odd space around the dash were read"


def find_ris(text: str) -> int | None:
    """Where the first record starts in ``text``; None when it does not look like RIS."""
    text = f"\n{text}"
    match = _START.search(text)
    if match is not None:
        return match.start() if text[match.end() :].strip() else None
    first = _TAGGED.search(text)  # records without TY
    return first.start() if first and _END.search(text) else None


def cut_ris(text: str) -> int:
    """Up to where ``text`` holds only whole records; 0 when it may hold none."""
    found = text.rfind("\nTY  -")
    for odd in ("\nTY -", "\nty  -"):
        found = max(found, text.rfind(odd, max(found, 0)))
    if found >= 0:
        return found + 1
    end = text.rfind("\nER  -")
    return text.find("\n", end + 1) + 1 if end >= 0 else 0


def read_ris(text: str) -> ReadResult:
    """Records of a RIS text; what has tags but nothing to read in them is rejected."""
    result = ReadResult()
    before, *parts = f"\n{text}".split("\nTY  -")
    begun = _begun(before, parts[0]) if parts else ""
    before = before.removesuffix(begun)
    for start, block, notes in _records_before(before):
        _take(result, _fields(block, notes), start, block, notes)
    line = before.count("\n")
    for position, part in enumerate(parts):
        line += 1
        if begun:
            kind, _, fields = part.partition("\n")
            part = f"{kind}{begun}\n{fields}"
        raw = _exact_record(part)
        begun = ""
        if raw is None and position + 1 < len(parts):
            begun = _begun(part, parts[position + 1])
            if begun:
                part = part.removesuffix(begun)
                raw = _exact_record(part)
        if raw is not None:
            _take(result, raw, line, part, [])
        else:
            for start, block, notes in _records_of_part(part, line):
                _take(result, _fields(block, notes), start, block, notes)
        line += part.count("\n")
    return result


_SINGLE = frozenset("TI T1 CT PY Y1 DA JO JF T2 AB N2 VL IS SP DO".split())
"""Tags that a record has once."""


def _begun(text: str, following: str) -> str:
    """The fields at the end of ``text`` that belong to the record whose TY comes next.

    Some tools write TY in the middle of a record. ``following`` begins with the value of that TY;
    a field that both have shows two records, of which the first has neither TY nor ER.
    """
    _, closed, behind = text.rpartition("\nER  -")
    if "  -" not in behind or (not closed and text[:1] != "\n"):
        return ""  # as in most files; a part without ER is one record to its end
    end = 0
    for end_mark in _END.finditer(text):
        end = end_mark.end()
    first = _TAGGED.search(text, end)
    if first is None:
        return ""
    begun = text[first.start() :]
    if _START.search(begun) or not _END.search(following):
        return ""
    own = following[: (_END.search(following) or first).start()]
    tags = [{line[:2] for line in part.split("\n")} & _SINGLE for part in (begun, own)]
    return "" if tags[0] & tags[1] else begun


def _take(result: ReadResult, raw: dict[str, str], line: int, block: str, notes: list[str]) -> None:
    """Add the record of ``raw`` to ``result``, or reject its ``block`` when nothing is in it."""
    if not any(value for tag, value in raw.items() if tag != "TY"):
        result.rejected.append(rejected(line, block))
        return
    record = _record(raw, line)
    result.records.append(record)
    if notes:
        result.repaired += (Repaired(line, record.key, note) for note in notes)


def _exact_record(part: str) -> dict[str, str] | None:
    """Fields of a record to the letter of the standard, from the value of TY on; otherwise None."""
    lines = part.split("\n")
    while not (last := lines.pop()).strip() and lines:
        pass
    if last[:5] != "ER  -" or last[5:].strip() or not lines:
        return None
    raw = _tagged_fields(lines)
    return None if raw is None or "ER" in raw or _looks_odd(raw) else raw


def _records_of_part(part: str, line: int) -> Iterator[tuple[int, str, list[str]]]:
    """Line, text and notes of the records of a part that begins with the value of a TY."""
    body, end, behind = part.rpartition("\nER  -")
    if end and not behind.strip() and end not in body and "\nTY" not in part:
        yield line, body, []
        return
    starts = [match.span() for match in _START.finditer(part)]
    yield from _one(part[: starts[0][0] if starts else None], line, [])
    yield from _oddly_started(part, line, starts)


def _records_before(text: str) -> Iterator[tuple[int, str, list[str]]]:
    """As `_records_of_part`, of the line feed and the text before the first exact TY of a file."""
    starts = [match.span() for match in _START.finditer(text)]
    yield from _without_type(text[: starts[0][0] if starts else None], 1)
    yield from _oddly_started(text, 0, starts)


def _oddly_started(
    text: str, line: int, starts: list[tuple[int, int]]
) -> Iterator[tuple[int, str, list[str]]]:
    for (start, begin), (stop, _) in pairwise([*starts, (len(text), 0)]):
        yield from _one(text[begin:stop], line + text.count("\n", 0, start + 1), [_ODD_TAGS])


def _one(text: str, line: int, notes: list[str]) -> Iterator[tuple[int, str, list[str]]]:
    """The record that starts with the value of its TY, and what follows its end."""
    match = _END.search(text)
    end = match.start() if match else len(text)
    if match is None:
        notes.append(UNENDED)
    elif not text.startswith("\nER  -", end) and _ODD_TAGS not in notes:
        notes.append(_ODD_TAGS)
    yield line, text[:end], notes
    behind = text.find("\n", end + 1)
    if behind >= 0:
        yield from _without_type(text[behind:], line + text.count("\n", 0, behind) + 1)


def _without_type(text: str, line: int) -> Iterator[tuple[int, str, list[str]]]:
    """Records that have no TY, as fields followed by ER; anything else between records is none.

    ``text`` begins with the line feed before line number ``line``.
    """
    position = 0
    while (first := _TAGGED.search(text, position)) is not None:
        start = first.start()
        match = _END.search(text, start)
        end = match.start() if match else len(text)
        block = text[start:end]
        if end > start and (match or len(_TAGGED.findall(block)) > 1):
            yield line + text.count("\n", 0, start), block, ["the record has no type (TY)"]
        position = match.end() if match else len(text)


def _tagged_fields(lines: list[str]) -> dict[str, str] | None:
    """Tag → its values, a line each; None where a line does not begin with an exact tag.

    ``lines`` begin with the value of TY.
    """
    kind = lines[0].strip()
    raw = {"TY": kind} if kind else {}
    more: dict[str, list[str]] = {}
    tag_of = _EXACT_TAGS.get
    for line in lines[1:]:
        tag = tag_of(line[:6])
        if tag is None:
            if not line or line.isspace():
                continue
            if line[2:6] != "  - ":
                return None
            tag = line[:2]
        if tag not in raw:
            raw[tag] = line[6:]
        elif tag in more:
            more[tag].append(line[6:])
        else:
            more[tag] = [line[6:]]
    return join_repeats(raw, more)


def _looks_odd(raw: dict[str, str]) -> bool:
    return "TI" not in raw and any(map(str.islower, raw))


def _fields(block: str, notes: list[str]) -> dict[str, str]:
    """Tag → its values, a line each, where not every line begins with an exact tag.

    ``block`` begins with the value of TY, if it has one; odd tags are added to ``notes``.
    """
    lines = block.split("\n")
    if not notes:
        exact = _tagged_fields(lines)
        if exact is not None and not _looks_odd(exact):
            return exact
        if exact is not None:
            notes.append(_ODD_TAGS)
    kind = lines.pop(0).strip()
    raw = {"TY": kind} if kind else {}
    more: dict[str, list[str]] = {}
    tag = "TY"
    for line in lines:
        if not line or line.isspace():
            continue
        value = line.strip()
        odd = _ODD_LINE.match(line)
        if line[2:6] == "  - " and line[:2].isupper():
            tag, value = line[:2], line[6:]
        elif odd and line[2:] == "  -" and line[:2].isupper():
            tag, value = line[:2], ""
        elif odd and _is_tag(odd.group(1), notes):
            tag, value = odd.group(1).upper()[:2], line[odd.end() :]
            if _ODD_TAGS not in notes:
                notes.append(_ODD_TAGS)
        if tag in raw:
            more.setdefault(tag, []).append(value)
        else:
            raw[tag] = value
    return join_repeats(raw, more)


def _is_tag(tag: str, notes: list[str]) -> bool:
    """Whether an oddly spaced tag is one: in running text, ``to - do`` is none."""
    return tag.upper()[:2] in _STANDARD_TAGS and (tag.isupper() or _ODD_TAGS in notes)


def _record(raw: dict[str, str], line: int) -> Record:
    values = raw.values()
    if "NA" in values or "n/a" in values:  # R's missing value, and Wiley's
        raw = {tag: value for tag, value in raw.items() if value not in ("NA", "n/a")}
    names = raw.get("AU", "")
    if raw.get("A1", "").startswith("[\n"):
        names = raw["A1"]
    elif "A1" in raw or not names:  # where both stand, the first author's tag stands first
        both = "\n".join(raw[tag] for tag in raw if tag in ("AU", "A1"))
        once: dict[str, str] = {}
        for name in both.split("\n"):  # ProQuest has them in both
            once.setdefault(_SIGNS.sub("", name).casefold(), name)
        names = "\n".join(once.values()) or first_of(raw, _EDITORS)
    if names.startswith("[\n"):  # Python's list of names, which ASReview wrote letter by letter
        authors, et_al = people_of_cell(names.replace("\n", ""))
    else:
        authors, et_al = people_of(names.split("\n"))
    record = build_record(
        raw,
        line,
        _TAGS,
        key=_key(raw.get("ID", "")),
        type=_TYPES.get(raw.get("TY", "").strip().lower(), "misc"),
        authors=authors,
        et_al=et_al,
        pages=_pages(raw),
        doi=_doi(raw),
        pmid=_pmid(raw),
    )
    if record.title is None and not first_of(raw, _TAGS["title"]):
        if not (raw.get("JF") or raw.get("JO")):
            record.title = reading_text(raw.get("T2"))  # the name of the whole
    if same_title(record.container_title, record.title):
        record.container_title = None
    if record.year and record.date == str(record.year) and raw.get("DA", "")[:1].isalpha():
        record.date = iso_date(f"{record.year} {raw['DA']}")  # Web of Science: DA is MAR alone
    if record.type == "proceedings" and record.title and record.container_title:
        record.type = "inproceedings"
    record.registry_ids = registry_ids_in(record.abstract, *map(raw.get, _REGISTERED), names)
    return record


def _key(value: str) -> str:
    """The record's own id where it is more than a running number."""
    text = value.strip()
    return text if text and not text.isdigit() and len(text) <= 100 and " " not in text else ""


def _pages(raw: dict[str, str]) -> str | None:
    """Pages from first and last page, a range, or an article number."""
    start, end = raw.get("SP"), raw.get("EP") or raw.get("LP")  # HighWire's last page
    if start and end and not start.isspace():
        return page_range(start.partition("\n")[0], end.partition("\n")[0])
    return normal_pages(start or end or raw.get("C7") or raw.get("SE"))


def _doi(raw: dict[str, str]) -> str | None:
    """DOI of its own field, or of a note or address that says it is one."""
    found = doi_of(raw["DO"]) if "DO" in raw else None
    if found is not None:
        return found
    for tag in _DOI_TAGS:
        value = raw.get(tag)
        if value and "10." in value:
            at = value.lower().find("doi")
            if at >= 0 or tag in ("DI", "M3", "L3"):
                found = find_doi(value[max(at, 0) :])
                if found is not None:
                    return found
    return None


def _pmid(raw: dict[str, str]) -> str | None:
    """The record's own PubMed identifier, from where its database has it."""
    if raw.keys().isdisjoint(_PMID_TAGS):
        return None
    for tag in ("PM", "C8"):
        if tag in raw and raw[tag].strip().isdigit():
            return normal_pmid(raw[tag])
    for tag, words in _PMID_OF_DATABASE.items():
        if tag in raw and _PMID_NUMBER.fullmatch(number := raw[tag].strip()):
            if tag == "ID" and len(number) < _SHORTEST_PMID:
                continue
            origin = raw.get("DB", "").lower()
            if any(word in origin for word in words):
                return normal_pmid(raw[tag])
    labelled = _MEDLINE_NUMBER.fullmatch(raw["AN"].strip()) if "AN" in raw else None
    if labelled is not None and (labelled.group(1) or "medline" in raw.get("DB", "").lower()):
        return normal_pmid(labelled.group(2) or labelled.group(3))
    for tag in ("U2", "M2", "C5"):
        linked = _LINKED_NUMBER.fullmatch(raw[tag].strip()) if tag in raw else None
        if linked is not None:
            return normal_pmid(linked.group(1))
    central = _PUBMED_OF_CENTRAL.search(raw["C3"]) if "C3" in raw else None
    if central is not None:
        return normal_pmid(central.group(1))
    for tag in _PMID_NOTES:
        value = raw.get(tag)
        if value and ("PM" in value or "PubM" in value or "pubm" in value or "pmid" in value):
            found = noted_pmid(value)
            if found is not None:
                return found
    return None
