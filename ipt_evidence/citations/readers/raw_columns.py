"""The raw fields of many records, tag by tag."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from ipt_evidence.citations.readers.searching import END, START, holding
from ipt_evidence.citations.records import normal_url

__all__ = ["RawColumns", "addresses"]

_PLAIN_DOI = rf"{START}10\.[0-9]{{4,9}}/[A-Za-z0-9._/-]*[A-Za-z0-9]"
# Web addresses without a sign that normal_url would cut off.
_PLAIN_ADDRESS = rf"{START}(?:https?|ftp)://[!#-;=?-\[\]_a-z~]*[!#-+\-/-:=?-\[\]_a-z~]{END}"

Raw = dict[str, str]


class RawColumns:
    """Columns of the raw fields of records.

    Most tags of a format occur in no record of a file: those cost nothing here.
    """

    def __init__(self, raws: list[Raw]) -> None:
        self.raws = raws
        self.tags: set[str] = set().union(*raws)

    def known(self, tags: Sequence[str]) -> list[str]:
        """Those of ``tags`` that any record has."""
        return [tag for tag in tags if tag in self.tags]

    def get(self, tag: str) -> list[str | None]:
        """Values of ``tag``."""
        if tag not in self.tags:
            return [None] * len(self.raws)
        return [raw.get(tag) for raw in self.raws]

    def either(self, *tags: str) -> list[str | None]:
        """For each record the value of the first of ``tags`` that is not empty there."""
        known = self.known(tags)
        values = self.get(known[0] if known else "")
        for tag in known[1:]:
            values = [value or raw.get(tag) for value, raw in zip(values, self.raws, strict=True)]
        return values

    def filled(self, tags: Sequence[str]) -> list[str]:
        """As `either`, white space counting as nothing; empty where no tag has a value."""
        known = self.known(tags)
        values = [_filled(value) for value in self.get(known[0] if known else "")]
        for tag in known[1:]:
            if all(values):
                break
            values = [
                value or _filled(raw.get(tag)) for value, raw in zip(values, self.raws, strict=True)
            ]
        return values

    def dois(
        self, tag: str, make: Callable[[Raw], str | None], behind: str = ""
    ) -> list[str | None]:
        """Plain DOIs of ``tag`` (and ``behind``) in lower case, else what ``make`` finds."""
        values = [raw.get(tag, "") for raw in self.raws]
        plain = set(holding(f"{_PLAIN_DOI}{re.escape(behind)}{END}", values))
        return [
            value.removesuffix(behind).lower() if position in plain else make(self.raws[position])
            for position, value in enumerate(values)
        ]


def addresses(values: Sequence[str | None]) -> list[str | None]:
    """`normal_url` of each value."""
    plain = set(holding(_PLAIN_ADDRESS, [value or "" for value in values]))
    return [
        value if position in plain else normal_url(value) for position, value in enumerate(values)
    ]


def _filled(value: str | None) -> str:
    return value if value and not value.isspace() else ""
