"""A reference as each database writes it: names, journals, pages and identifiers."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

import pandas as pd

__all__ = ["DATABASES", "Row", "base_row", "full_pages", "works_of"]

Row = dict[str, Any]

_ABBREVIATED = {
    "journal": "J", "american": "Am", "british": "Br", "archives": "Arch", "general": "Gen",
    "psychiatry": "Psychiatry", "psychology": "Psychol", "psychological": "Psychol",
    "medicine": "Med", "medical": "Med", "clinical": "Clin", "consulting": "Consult",
    "research": "Res", "disorders": "Disord", "affective": "Affect", "international": "Int",
    "disease": "Dis", "diseases": "Dis", "tropical": "Trop", "hygiene": "Hyg", "science": "Sci",
    "infectious": "Infect", "therapy": "Ther", "behaviour": "Behav", "behavior": "Behav",
    "dermatology": "Dermatol", "european": "Eur", "review": "Rev", "reviews": "Rev",
    "systematic": "Syst", "pharmacology": "Pharmacol", "neurology": "Neurol", "surgery": "Surg",
    "counseling": "Couns", "psychotherapy": "Psychother", "nursing": "Nurs", "health": "Health",
    "anxiety": "Anxiety", "depression": "Depress", "eating": "Eat", "adolescent": "Adolesc",
    "child": "Child", "academy": "Acad", "neuropsychopharmacology": "Neuropsychopharmacol",
}  # fmt: skip
_SMALL = frozenset("of the and for in on a an de et und der la & to with".split())


def works_of(citations: pd.DataFrame) -> list[Row]:
    """The references that are full enough to be written as any database would, one a work."""
    rows: list[Row] = []
    seen: set[str] = set()
    for row in citations.to_dict("records"):
        title = row["title"]
        people = row["authors"]
        needed = (title, row["container_title"], row["volume"], row["pages"])
        if not all(isinstance(value, str) and value for value in needed) or not people:
            continue
        compact = re.sub(r"\W", "", title.lower())
        if len(compact) < 25 or compact[:60] in seen or pd.isna(row["year"]):
            continue
        seen.add(compact[:60])
        rows.append({**row, "title": title.rstrip("."), "year": int(row["year"])})
    return rows


def _initials(person: Row) -> str:
    return "".join(part[0] for part in re.findall(r"[^\W\d_]+", person.get("given", "")))


def _dotted(person: Row, apart: str = " ") -> str:
    return apart.join(f"{sign}." for sign in _initials(person))


def _short_journal(name: str) -> str:
    words = [word for word in re.split(r"[\s,:]+", name) if word.lower() not in _SMALL]
    if len(words) == 1:
        return words[0]
    return " ".join(_ABBREVIATED.get(word.lower(), word) for word in words)


def _title_case(title: str) -> str:
    words = title.split()
    kept = [
        word if not word.islower() or (n and word in _SMALL) else word[0].upper() + word[1:]
        for n, word in enumerate(words)
    ]
    return " ".join(kept)


def full_pages(pages: str) -> tuple[str, str]:
    """First and last page in full."""
    first, _, last = pages.partition("-")
    if first.isdigit() and last.isdigit() and len(last) < len(first):
        last = first[: len(first) - len(last)] + last
    return first, last


def _short_pages(pages: str) -> str:
    first, last = full_pages(pages)
    if not last or len(first) != len(last):
        return pages
    same = 0
    while same < len(first) - 1 and first[same] == last[same]:
        same += 1
    return f"{first}-{last[same:]}"


def base_row(work: Row) -> Row:
    """The fields of a record as most databases agree on them."""
    first, last = full_pages(work["pages"])
    return {
        "title": work["title"],
        "author": [f"{p['family']}, {_dotted(p)}".strip(", ") for p in work["authors"]],
        "year": str(work["year"]),
        "journal": work["container_title"],
        "volume": work["volume"],
        "number": work["issue"] if isinstance(work["issue"], str) else "",
        "pages": f"{first}-{last}" if last else first,
        "doi": work["doi"] if isinstance(work["doi"], str) else "",
        "isbn": work["issn"] if isinstance(work["issn"], str) else "",
        "abstract": work["abstract"] if isinstance(work["abstract"], str) else "",
        "accession": "",
    }


def _pubmed(work: Row, chance: random.Random) -> Row:
    row = base_row(work)
    row["author"] = [f"{p['family']}, {_dotted(p)}".strip(", ") for p in work["authors"]]
    row["pages"] = _short_pages(row["pages"])
    if chance.random() < 0.7:
        row["journal"] = _short_journal(row["journal"])
    row["accession"] = work["pmid"] if isinstance(work["pmid"], str) else ""
    if chance.random() < 0.3:
        row["title"] += "."
    return row


def _embase(work: Row, chance: random.Random) -> Row:
    row = base_row(work)
    row["author"] = [f"{p['family']} {_dotted(p, '')}".strip() for p in work["authors"]]
    if row["doi"]:
        row["doi"] = "http://dx.doi.org/" + row["doi"] if chance.random() < 0.9 else ""
    if row["abstract"]:
        row["abstract"] += " Copyright © 2010 Elsevier B.V. All rights reserved."
    if row["number"] and chance.random() < 0.3:
        row["number"] += chance.choice((" SUPPL. 1", " (1)"))
    if chance.random() < 0.1:
        row["pages"] = row["pages"].replace("-", "+") if chance.random() < 0.2 else row["pages"]
    row["accession"] = str(chance.randrange(10**8, 10**9))
    return row


def _web_of_science(work: Row, chance: random.Random) -> Row:
    row = base_row(work)
    row["author"] = [f"{p['family']}, {_dotted(p)}".strip(", ") for p in work["authors"]]
    row["title"] = _title_case(row["title"]) if chance.random() < 0.6 else row["title"]
    row["journal"] = row["journal"].upper().replace("&", "AND")
    row["doi"] = row["doi"] if chance.random() < 0.6 else ""
    row["accession"] = f"WOS:{chance.randrange(10**14, 10**15)}"
    return row


def _scopus(work: Row, chance: random.Random) -> Row:
    row = base_row(work)
    row["author"] = [f"{p['family']} {_dotted(p, '')}".strip() for p in work["authors"]]
    if len(row["author"]) > 3 and chance.random() < 0.2:
        row["author"] = [*row["author"][:3], "et al."]
    row["abstract"] = row["abstract"] or ""
    return row


def _psycinfo(work: Row, chance: random.Random) -> Row:
    row = base_row(work)
    row["author"] = [f"{p['family']}, {p.get('given', '')}".strip(", ") for p in work["authors"]]
    row["title"] = _title_case(row["title"]) if chance.random() < 0.3 else row["title"]
    row["doi"] = row["doi"] if chance.random() < 0.6 else ""
    row["abstract"] = row["abstract"][:400] + " (PsycINFO Database Record (c) 2012 APA)"
    row["accession"] = f"{work['year']}-{chance.randrange(10000, 99999)}-001"
    return row


def _central(work: Row, chance: random.Random) -> Row:
    row = base_row(work)
    row["author"] = [f"{p['family']} {_initials(p)}".strip() for p in work["authors"]]
    row["pages"] = row["pages"].replace("-", "‐")
    row["title"] = row["title"].replace("-", "‐")
    number = f"CN-{chance.randrange(10**7, 10**8):08d}"
    row["doi"] = f"10.1002/central/{number}" if chance.random() < 0.3 else ""
    if chance.random() < 0.3:
        row["number"] = ""
    row["accession"] = number
    return row


def _cinahl(work: Row, chance: random.Random) -> Row:
    row = base_row(work)
    row["title"] = _title_case(row["title"]) + ("." if chance.random() < 0.4 else "")
    first, last = full_pages(work["pages"])
    if first.isdigit() and last.isdigit() and chance.random() < 0.4:
        row["pages"] = f"{row['pages']} {int(last) - int(first) + 1}p"
    row["author"] = [f"{p['family']} {_initials(p)}".strip() for p in work["authors"]]
    row["doi"] = row["doi"] if chance.random() < 0.4 else ""
    if chance.random() < 0.3:
        row["abstract"] = ""
    return row


def _lilacs(work: Row, chance: random.Random) -> Row:
    row = base_row(work)
    row["title"] = f"{row['title']} / [{row['title']}]" if chance.random() < 0.2 else row["title"]
    row["journal"] = _short_journal(row["journal"]).lower()
    row["doi"], row["abstract"] = "", ""
    return row


def _proquest(work: Row, chance: random.Random) -> Row:
    row = base_row(work)
    row["author"] = [f"{p['family']}, {p.get('given', '')}".strip(", ") for p in work["authors"]]
    row["doi"] = row["doi"] if chance.random() < 0.5 else ""
    if chance.random() < 0.4:
        row["pages"] = full_pages(row["pages"])[0]
    if chance.random() < 0.3:
        row["isbn"] = ""
    return row


DATABASES: dict[str, Callable[[Row, random.Random], Row]] = {
    "pubmed": _pubmed,
    "embase": _embase,
    "web of science": _web_of_science,
    "scopus": _scopus,
    "psycinfo": _psycinfo,
    "central": _central,
    "cinahl": _cinahl,
    "lilacs": _lilacs,
    "proquest": _proquest,
}
