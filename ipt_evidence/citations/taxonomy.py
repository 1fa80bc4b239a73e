"""The taxonomy: conditions, comparisons, designs, populations, interventions, and their words.

It is data (``data/taxonomy.toml``), not code; this module reads it and answers questions about it.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipt_evidence.errors import DataError

__all__ = ["Concept", "Taxonomy", "load_taxonomy"]

_KINDS = ("conditions", "comparisons", "designs", "populations", "interventions")
_TEXTS = ("id", "label", "short_label", "parent", "apart", "description", "question")
_LISTS = ("primary_outcomes", "terms", "weak_terms", "traps")


@dataclass(frozen=True, slots=True)
class Concept:
    """One node: a condition, comparison, design, population or intervention.

    ``parent`` is empty at the top. ``apart`` names who classes a condition apart from its parent,
    like "DSM-5 and ICD-11"; empty where nobody does. ``primary_outcomes`` (conditions) are the
    outcome domains of a headline estimate; ``question`` (comparisons) is what the comparison asks,
    in plain words.
    ``terms``, ``weak_terms`` and ``traps`` are explained at the top of ``taxonomy.toml``.
    """

    id: str
    label: str
    short_label: str = ""
    parent: str = ""
    apart: str = ""
    description: str = ""
    question: str = ""
    primary_outcomes: tuple[str, ...] = ()
    terms: tuple[str, ...] = ()
    weak_terms: tuple[str, ...] = ()
    traps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """All concepts, in the order of the file, which is the order in which readers see them."""

    conditions: tuple[Concept, ...]
    comparisons: tuple[Concept, ...]
    designs: tuple[Concept, ...]
    populations: tuple[Concept, ...]
    interventions: tuple[Concept, ...]

    @property
    def top_level(self) -> tuple[str, ...]:
        """Ids of the conditions without a parent."""
        return tuple(condition.id for condition in self.conditions if not condition.parent)

    def condition(self, condition_id: str) -> Concept:
        """The condition with this id; KeyError when there is none."""
        return _find(self.conditions, condition_id)

    def comparison(self, comparison_id: str) -> Concept:
        """The comparison with this id; KeyError when there is none."""
        return _find(self.comparisons, comparison_id)

    def children(self, condition_id: str) -> tuple[str, ...]:
        """Ids of the conditions directly below one."""
        return tuple(item.id for item in self.conditions if item.parent == condition_id)

    def with_parents(self, conditions: Iterable[str]) -> tuple[str, ...]:
        """``conditions`` and everything above them, each once, a child before its parent.

        Ids that the taxonomy does not know are passed on as they are.
        """
        parents = {item.id: item.parent for item in self.conditions}
        found: dict[str, None] = {}
        for condition in conditions:
            current = condition
            while current and current not in found:
                found[current] = None
                current = parents.get(current, "")
        return tuple(found)


def _find(concepts: tuple[Concept, ...], wanted: str) -> Concept:
    for concept in concepts:
        if concept.id == wanted:
            return concept
    raise KeyError(wanted)


def load_taxonomy(path: str | Path) -> Taxonomy:
    """Read a taxonomy file.

    Raises DataError, naming the file and the entry, when the file is missing or no TOML, when an
    entry lacks ``id`` or ``label``, has a field that is unknown or of the wrong type, repeats an
    id, or names a parent that does not exist.
    """
    place = Path(path)
    try:
        content = tomllib.loads(place.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise DataError(
            f"{place}: there is no taxonomy. Restore the file or name another one."
        ) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DataError(
            f"{place}: the taxonomy cannot be read ({error}). Mend the file."
        ) from error
    concepts = {kind: _concepts(content.get(kind, []), kind, place) for kind in _KINDS}
    _check_parents(concepts["conditions"], place)
    return Taxonomy(**concepts)


def _concepts(entries: Any, kind: str, place: Path) -> tuple[Concept, ...]:
    if not isinstance(entries, list):
        raise DataError(f"{place}: {kind} must be written as [[{kind}]]")
    concepts = tuple(
        _concept(entry, f"{place}: [[{kind}]] number {n}") for n, entry in enumerate(entries, 1)
    )
    ids = [concept.id for concept in concepts]
    for concept_id in ids:
        if ids.count(concept_id) > 1:
            raise DataError(
                f"{place}: [[{kind}]] has the id {concept_id!r} more than once. Keep one."
            )
    return concepts


def _concept(entry: Any, where: str) -> Concept:
    if not isinstance(entry, dict) or not entry.get("id") or not entry.get("label"):
        raise DataError(f"{where} needs an id and a label")
    values: dict[str, Any] = {}
    for name, value in entry.items():
        if name in _TEXTS and isinstance(value, str):
            values[name] = value
        elif name in _LISTS and isinstance(value, list) and all(isinstance(v, str) for v in value):
            values[name] = tuple(value)
        else:
            raise DataError(
                f"{where} ({entry['id']}): {name} is not known or not of the right type"
            )
    values.setdefault("short_label", values["label"])
    return Concept(**values)


def _check_parents(conditions: tuple[Concept, ...], place: Path) -> None:
    known = {condition.id: condition.parent for condition in conditions}
    for condition in conditions:
        if condition.parent and condition.parent not in known:
            raise DataError(
                f"{place}: parent {condition.parent!r} of {condition.id!r} does not exist"
            )
        if condition.parent and known[condition.parent]:
            raise DataError(
                f"{place}: {condition.id!r} is a grandchild; the taxonomy has two levels"
            )
