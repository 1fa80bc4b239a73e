"""The faults that exported records have, one function each."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from typing import Any

from benchmarks.exports.databases import Row

__all__ = ["FAULTS", "spoil"]


def _typo(text: str, chance: random.Random) -> str:
    place = chance.randrange(len(text) // 2, len(text))
    return text[:place] + text[place + 1 :]


def spoil(row: Row, chance: random.Random) -> str:
    """One of the faults that exports have; returns its name."""
    fault = chance.choice(list(FAULTS))
    FAULTS[fault](row, chance)
    return fault


def _set(**fields: Any) -> Callable[[Row, random.Random], None]:
    def change(row: Row, _: random.Random) -> None:
        row.update(fields)

    return change


def _on(name: str, change: Callable[[str], str]) -> Callable[[Row, random.Random], None]:
    def changed(row: Row, _: random.Random) -> None:
        row[name] = change(row[name])

    return changed


def _ahead(row: Row, chance: random.Random) -> None:
    row.update(volume="", number="", pages="", year=str(int(row["year"]) - 1))


def _article_number(row: Row, chance: random.Random) -> None:
    row["pages"] = chance.choice(
        (f"e{chance.randrange(100, 99999)}", str(chance.randrange(10**5, 10**6)))
    )


def _numbered_from_one(row: Row, chance: random.Random) -> None:
    row["pages"] = f"1-{chance.randrange(5, 20)}"


def _garbled(row: Row, chance: random.Random) -> None:
    """UTF-8 that was read as Latin-1."""
    for name in ("title", "journal"):
        row[name] = row[name].encode().decode("cp1252", "replace")
    row["author"] = [name.encode().decode("cp1252", "replace") for name in row["author"]]


def _turned_names(row: Row, chance: random.Random) -> None:
    parts = [name.partition(",") for name in row["author"]]
    row["author"] = [f"{given.strip()}, {family}".strip(", ") for family, _, given in parts]


def _merged_issue(row: Row, chance: random.Random) -> None:
    row["volume"], row["number"] = f"{row['volume']}({row['number'] or 1})", ""


def _subtitle_lost(row: Row, chance: random.Random) -> None:
    head = re.split(r"[:.?] ", row["title"])[0]
    row["title"] = head if len(head) > 35 else row["title"]


def _swap_journal(row: Row, chance: random.Random) -> None:
    row["journal"] = row["journal"] + chance.choice(
        (" (Baltimore, Md.)", ": official publication of the Society", " (London)", " : JX")
    )


def _initials_first(row: Row, chance: random.Random) -> None:
    turned = []
    for name in row["author"]:
        family, _, given = name.partition(",")
        turned.append(f"{given.strip()} {family}".strip() if given else name)
    row["author"] = turned


def _family_twice(row: Row, chance: random.Random) -> None:
    row["author"] = row["author"][::-1]


FAULTS: dict[str, Callable[[Row, random.Random], None]] = {
    "title in capitals": _on("title", str.upper),
    "title cut off": _on("title", lambda t: t[: max(40, len(t) * 2 // 3)]),
    "title cut off with dots": _on("title", lambda t: t[: max(40, len(t) * 2 // 3)] + "..."),
    "title in brackets": _on("title", lambda t: f"[{t}]"),
    "title with language": _on("title", lambda t: f"{t}. [German]"),
    "title with note": _on("title", lambda t: f"{t} [see comment]"),
    "title with markup": _on("title", lambda t: "<i>" + t.replace(" ", "</i> ", 1)),
    "title with entities": _on("title", lambda t: t.replace("-", "&#45;").replace("'", "&apos;")),
    "title with ?": _on("title", lambda t: t.replace("-", "?").replace("'", "?")),
    "title misspelt": lambda row, chance: row.update(title=_typo(row["title"], chance)),
    "title spelling": _on(
        "title", lambda t: t.replace("isation", "ization").replace("aviour", "avior")
    ),
    "subtitle lost": _subtitle_lost,
    "no authors": _set(author=[]),
    "anonymous": _set(author=["Anonymous"]),
    "first author only": lambda row, _: row.update(author=row["author"][:1]),
    "et al": lambda row, _: row.update(author=[*row["author"][:1], "et al."]),
    "initials first": _initials_first,
    "authors in another order": _family_twice,
    "no year": _set(year=""),
    "year later": lambda row, _: row.update(year=str(int(row["year"]) + 1)),
    "year two earlier": lambda row, _: row.update(year=str(int(row["year"]) - 2)),
    "no journal": _set(journal=""),
    "journal with an ending": _swap_journal,
    "no volume": _set(volume=""),
    "no pages": _set(pages=""),
    "no place": _set(volume="", number="", pages=""),
    "ahead of print": _ahead,
    "article number": _article_number,
    "numbered from one": _numbered_from_one,
    "volume with issue": _merged_issue,
    "garbled": _garbled,
    "given name first": _turned_names,
    "group of authors": _set(author=["The Depression Study Group"]),
    "issue is a supplement": _set(number="SUPPL. 3"),
    "doi of a view": lambda row, _: row.update(doi=f"{row['doi']}/full" if row["doi"] else ""),
    "issue wrong": _set(number="9"),
    "no doi": _set(doi=""),
    "no abstract": _set(abstract=""),
    "title and year only": _set(author=[], journal="", volume="", number="", pages="", doi=""),
}
