"""Full-text search over the studies: titles, authors, abstracts, people, outcomes, notes.

Case, accents, hyphens and punctuation do not matter. Every word must begin a word of the study's
texts: "art" finds "artists" and not "heart". Words in quotation marks must follow one another, and
so must words joined by a hyphen. A word after a minus must not occur. Small words such as "the" do
not count. Other forms of a word, and other names of the same thing, are found too (`meanings`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ipt_evidence.analyses.studies.meanings import Alternatives, alternatives
from ipt_evidence.citations.identifiers import registry_ids_in
from ipt_evidence.citations.normal_forms import normal_title
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.continents import continent

__all__ = ["FIELDS", "Query", "StudyIndex", "parse_query"]

FIELDS = (
    "study", "title", "authors", "abstract", "people", "treatment", "outcomes", "note", "identifier"
)  # fmt: skip
"""What is searched, in the order in which a hit is worth telling."""

_QUOTES = str.maketrans({quote: '"' for quote in "“”„‟«»″"})
_PART = re.compile(r'(-?)(?:"([^"]*)"?|(\S+))')
# Letters that Unicode does not take apart into a letter and a mark.
_LETTERS = str.maketrans({"ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "ı": "i",
                          "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe"})  # fmt: skip

# "Therapy over the phone" is found where telephone stands.
_SMALL_WORDS = frozenset("a an and at by for from in of on or over the to with".split())

_Record = dict[str, Any]


def fold(text: str) -> str:
    """Letters and digits without case or accents, words apart by one space."""
    return normal_title(text.translate(_LETTERS))


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: folded phrases (of one word or more) that must, and must not, occur."""

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """True when nothing is asked."""
        return not (self.wanted or self.unwanted)


def parse_query(text: str) -> Query:
    """Read what somebody typed; a quotation mark that is never closed reaches to the end."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, phrase, word in _PART.findall(text.translate(_QUOTES)):
        if folded := fold(phrase or word):
            (unwanted if minus else wanted).append(folded)
    telling = [word for word in wanted if word not in _SMALL_WORDS]
    return Query(tuple(dict.fromkeys(telling or wanted)), tuple(dict.fromkeys(unwanted)))


@dataclass(frozen=True)
class StudyIndex:
    """The folded texts of each study by field, each with a space before its first word."""

    texts: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, base: EvidenceBase) -> StudyIndex:
        """Read the texts of every study of ``base``, its reports and its effects."""
        gathered = _gather(base)
        return cls(
            {
                study: {name: _joined(parts) for name, parts in fields.items()}
                for study, fields in gathered.items()
            }
        )

    def find(self, query: Query) -> dict[str, tuple[str, ...]]:
        """Studies that fit, with the fields in which something of the query stands."""
        wanted, unwanted = alternatives(query.wanted), alternatives(query.unwanted)
        found: dict[str, tuple[str, ...]] = {}
        for study, fields in self.texts.items():
            whole = fields["all"]
            if any(_stands(ways, whole) for ways in unwanted):
                continue
            if all(_stands(ways, whole) for ways in wanted):
                begun = [f" {piece}" for ways in wanted for way in ways for piece in way]
                found[study] = tuple(
                    name for name in FIELDS if any(piece in fields[name] for piece in begun)
                )
        return found


def _stands(ways: Alternatives, text: str) -> bool:
    return any(all(f" {piece}" in text for piece in way) for way in ways)


def _joined(parts: Iterable[object]) -> str:
    # Two parts must not make a phrase together: a sign that no query holds stands between them.
    folded = [fold(part) for part in parts if isinstance(part, str)]
    return " " + " | ".join(part for part in folded if part)


def _gather(base: EvidenceBase) -> dict[str, dict[str, list[object]]]:
    records: dict[str, _Record] = {row["key"]: row for row in _rows(base.references)}
    instruments: dict[str, _Record] = {row["instrument_id"]: row for row in _rows(base.instruments)}
    gathered: dict[str, dict[str, list[object]]] = {}
    for study in _rows(base.studies):
        fields = _of_study(base, study)
        for key in study["references"]:
            if record := records.get(key):
                _add_report(fields, record)
        gathered[study["study_id"]] = fields
    for effect in _rows(base.effects):
        fields = gathered[effect["study_id"]]
        instrument = instruments.get(effect["instrument"], {})
        fields["outcomes"] += [effect["outcome"], effect["instrument"], effect["comparator"]]
        fields["outcomes"] += [instrument.get("label"), instrument.get("name")]
        fields["note"].append(effect["note"])
    for fields in gathered.values():
        for name, parts in fields.items():
            fields[name] = list(dict.fromkeys(parts))
        ids = [part for part in fields["note"] if isinstance(part, str)]
        fields["identifier"] += registry_ids_in(*ids)
        fields["all"] = [part for name in FIELDS for part in fields[name]]
    return gathered


def _of_study(base: EvidenceBase, study: _Record) -> dict[str, list[object]]:
    fields: dict[str, list[object]] = {name: [] for name in FIELDS}
    fields["study"].append(study["label"])
    fields["people"] += [study["population"], study["country"]]
    if isinstance(study["country"], str):
        fields["people"].append(continent(study["country"]))
    fields["people"] += [base.taxonomy.condition(c).label for c in study["conditions_all"]]
    fields["treatment"].append(study["treatment"])
    fields["note"] += [study["note"], study["no_effect_reason"], study["quote"]]
    return fields


def _add_report(fields: dict[str, list[object]], record: _Record) -> None:
    fields["title"] += [record["title"], record["container_title"]]
    fields["authors"] += [
        f"{person.get('given') or ''} {person.get('family') or ''}" for person in record["authors"]
    ]
    fields["abstract"].append(record["abstract"])
    fields["identifier"] += [record["doi"], record["pmid"], *record["registry_ids"]]


def _rows(frame: Any) -> list[_Record]:
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]
