"""A data folder becomes an `EvidenceBase`: checked, joined, and with nothing lost."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import pandas as pd

from ipt_evidence.cache import cached
from ipt_evidence.citations.loading import load_citations
from ipt_evidence.citations.tagging import merge_curated, tag_citations
from ipt_evidence.citations.taxonomy import Taxonomy, load_taxonomy
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.claims import Audit, load_audit
from ipt_evidence.evidence.csv_tables import LINE, Problem, frame_of, problems_frame, read_table
from ipt_evidence.evidence.derivation import with_intervals
from ipt_evidence.evidence.integrity import with_integrity_flags
from ipt_evidence.evidence.names import Names, load_names
from ipt_evidence.evidence.package import name_of
from ipt_evidence.evidence.rules import check_designs, check_table
from ipt_evidence.evidence.schema import (
    CONTEXT,
    EFFECTS,
    INSTRUMENTS,
    INTEGRITY,
    POOLED,
    REGISTERED,
    REVIEWS,
    STUDIES,
    Table,
)
from ipt_evidence.evidence.sources import Search, Source, load_sources
from ipt_evidence.evidence.time_points import band
from ipt_evidence.paths import default_data_folder

__all__ = ["DATA_FILES", "EvidenceBase", "base_of", "current_base", "stamp", "study_records"]

DATA_FILES = (
    "references.bib",
    "article_references.txt",
    "taxonomy.toml",
    "sources.toml",
    "claims.toml",
    *(table.file for table in (STUDIES, EFFECTS, POOLED, INSTRUMENTS, INTEGRITY)),
)
"""Files that make an evidence base; together they give it its fingerprint."""

OPTIONAL_FILES = (CONTEXT.file, REVIEWS.file)
"""Bases that were released without one of these keep their fingerprint."""


@dataclass(frozen=True, slots=True, weakref_slot=True)
class EvidenceBase:
    """The tables of one data folder, with every row either sound or quarantined.

    Beyond the columns of their files, ``studies`` has ``conditions_all`` (its conditions with all
    their parents) and among its ``flags`` what ``integrity`` says against its reports; ``effects``
    has ``ci_lower`` and ``ci_upper``. ``joined`` holds each effect with its study; columns that
    both have carry ``_study`` on the study's side.
    ``problems`` names each row or record that was set aside, and why. ``version`` is what a
    reader cites (see `package`), ``fingerprint`` identifies the
    exact files. ``names`` is how it calls its treatment and its effect. ``reviews`` is empty where
    the base goes without that table.
    """

    folder: Path
    studies: pd.DataFrame
    effects: pd.DataFrame
    joined: pd.DataFrame
    pooled: pd.DataFrame
    instruments: pd.DataFrame
    integrity: pd.DataFrame
    references: pd.DataFrame
    taxonomy: Taxonomy
    audit: Audit
    sources: dict[str, Source]
    searches: tuple[Search, ...]
    problems: tuple[Problem, ...]
    fingerprint: str
    version: str
    names: Names = field(default_factory=Names)
    reviews: pd.DataFrame = field(default_factory=partial(frame_of, [], REVIEWS))

    @classmethod
    def load(cls, folder: str | Path | None = None) -> EvidenceBase:
        """Read and check a data folder; without one, the base that comes with the project.

        Raises
        ------
        DataError
            When the folder or one of its files is missing or unreadable. Single bad rows do not
            raise: they are listed in ``quarantined``.
        """
        place = Path(folder) if folder is not None else default_data_folder()
        try:
            there = place.is_dir()
        except OSError as err:  # a name that is too long, a folder that may not be entered
            raise DataError(f"{str(place)[:200]} cannot be opened: {err.strerror}") from err
        if not there:
            raise DataError(f"{place} is not a folder. Name an evidence base with --data DIR")
        loaded = load_citations([place / "references.bib"])
        problems = _rejected_records(loaded.rejected)
        taxonomy = load_taxonomy(place / "taxonomy.toml")
        if not taxonomy.comparisons or not all(c.question for c in taxonomy.comparisons):
            raise DataError(
                f"{place / 'taxonomy.toml'}: it needs at least one [[comparisons]], each with a "
                "question"
            )
        sources, searches = load_sources(place / "sources.toml")
        keys = {
            "references.bib": set(loaded.citations["key"]),
            "taxonomy.conditions": {condition.id for condition in taxonomy.conditions},
            "taxonomy.comparisons": {comparison.id for comparison in taxonomy.comparisons},
            "sources.toml": set(sources),
        }
        instruments = _checked(INSTRUMENTS, place, keys, problems)
        keys["instruments.instrument_id"] = set(instruments["instrument_id"])
        studies = _checked(STUDIES, place, keys, problems)
        keys["studies.study_id"] = set(studies["study_id"])
        integrity = _if_there(INTEGRITY, place, keys, problems)
        studies = with_integrity_flags(studies, integrity)
        effects = _checked(EFFECTS, place, keys, problems)
        effects = with_intervals(_set_aside(effects, check_designs(effects, studies), problems))
        pooled = _checked(POOLED, place, keys, problems)
        reviews = _if_there(REVIEWS, place, keys, problems)
        studies["conditions_all"] = [taxonomy.with_parents(c) for c in studies["conditions"]]
        studies["comparisons"] = _comparisons(studies, effects)
        fingerprint = _fingerprint(place)
        return cls(
            folder=place,
            studies=studies,
            effects=effects,
            joined=effects.merge(studies, on="study_id", suffixes=("", "_study")),
            pooled=pooled,
            instruments=instruments,
            integrity=integrity,
            references=loaded.citations,
            taxonomy=taxonomy,
            audit=_audit(place / "claims.toml", taxonomy),
            sources=sources,
            searches=searches,
            problems=tuple(problems),
            fingerprint=fingerprint,
            version=name_of(place, fingerprint),
            names=load_names(place / "taxonomy.toml"),
            reviews=reviews,
        )

    @property
    def quarantined(self) -> pd.DataFrame:
        """What was left out: file, line, column, key, value, reason and remedy of each row."""
        return problems_frame(self.problems)

    def tags(self) -> pd.DataFrame:
        """Condition, design, population and intervention tags of the references.

        Rule-made tags with the words that matched, and curated tags from ``studies.csv``, which
        win. Columns key, kind, value, source, matched, field.
        """
        found = tag_citations(self.references, self.taxonomy)
        return merge_curated(found, _curated_tags(self))

    def study(self, study_id: str) -> pd.Series[Any]:
        """The row of one study; KeyError when the base does not hold it."""
        return self.studies.iloc[_places(self.studies)[study_id]]

    def reference(self, key: str) -> dict[str, Any] | None:
        """The bibliographic record ``key``, or None."""
        record = _by_key(self.references).get(key)
        return None if record is None else dict(record)

    def searched(self, condition: str | None, comparison: str) -> str:
        """How trials of this question were looked for, and until when; empty if nobody did.

        A systematic search is named before any other way of looking.
        """
        found = sorted(self.searches_for(condition, comparison), key=lambda one: not one.until)
        for search in found[:1]:
            return f"{search.how} (until {search.until})" if search.until else search.how
        return ""

    def searched_systematically(self, condition: str | None, comparison: str | None) -> bool:
        """Whether a systematic search was made for this very question."""
        return any(one.until for one in self.searches_for(condition, comparison or "control"))

    def searches_for(self, condition: str | None, comparison: str) -> tuple[Search, ...]:
        """Searches that looked for trials of this question.

        A search of a parent condition counts for its children (see `Search`); without a
        condition, any search does.
        """
        if condition is None:
            return tuple(one for one in self.searches if comparison in one.comparisons)
        lineage = self.taxonomy.with_parents((condition,))
        return tuple(one for one in self.searches if one.answers(lineage, comparison))


@cached
def _places(studies: pd.DataFrame) -> dict[str, int]:
    return {name: place for place, name in enumerate(studies["study_id"])}


@cached
def _by_key(references: pd.DataFrame) -> dict[str, dict[str, Any]]:
    rows = references.to_dict("records")
    return {row["key"]: {str(name): value for name, value in row.items()} for row in rows}


def _audit(path: Path, taxonomy: Taxonomy) -> Audit:
    """The audit, whose conditions must be in the taxonomy: pages are made from them."""
    audit = load_audit(path)
    known = {condition.id for condition in taxonomy.conditions}
    places = [(f"claim {claim.id}", name) for claim in audit.claims
              for name in (claim.section, claim.condition)]  # fmt: skip
    places += [(f"reference {r.number}", r.condition) for r in audit.references if r.condition]
    for place, name in places:
        if name not in known:
            raise DataError(f"{path}: {place}: {name!r} is not a condition of taxonomy.toml")
    return audit


def _if_there(
    table: Table, folder: Path, keys: dict[str, set[str]], problems: list[Problem]
) -> pd.DataFrame:
    """Rows of a table that a base may lack: references never checked, reviews not recorded."""
    if not (folder / table.file).exists():
        return frame_of([], table)
    return _checked(table, folder, keys, problems)


def _checked(
    table: Table, folder: Path, keys: dict[str, set[str]], problems: list[Problem]
) -> pd.DataFrame:
    """Rows of ``table`` without a problem; the problems are added to ``problems``."""
    frame, faults = read_table(folder, table)
    own = f"{table.name}.{table.key}"
    faults += check_table(table, frame, {**keys, own: set(frame[table.key])})
    return _set_aside(frame, faults, problems)


def _set_aside(frame: pd.DataFrame, faults: list[Problem], problems: list[Problem]) -> pd.DataFrame:
    """Rows of ``frame`` without a fault; the faults are added to ``problems``."""
    problems += faults
    bad = {fault.line for fault in faults}
    return frame.loc[[line not in bad for line in frame[LINE]]].reset_index(drop=True)


def _comparisons(studies: pd.DataFrame, effects: pd.DataFrame) -> list[tuple[str, ...]]:
    """Comparisons named for each study, and those of its effects."""
    of_effects = effects.groupby("study_id")["comparison"].agg(tuple)
    return [
        tuple(dict.fromkeys((*named, *of_effects.get(study_id, ()))))
        for study_id, named in zip(studies["study_id"], studies["comparisons"], strict=True)
    ]


def _rejected_records(rejected: pd.DataFrame) -> list[Problem]:
    return [
        Problem(
            file=Path(row["source_file"]).name,
            line=int(row["source_line"]),
            value=str(row["text"])[:200],
            reason=str(row["reason"]),
            remedy="Correct the record; until then nothing that cites it is shown",
        )
        for row in rejected.to_dict("records")
    ]


def _fingerprint(folder: Path) -> str:
    """Twelve hex digits that change when any file of the base changes."""
    digest = hashlib.sha256()
    for name in (*DATA_FILES, *OPTIONAL_FILES):
        path = folder / name
        if name in OPTIONAL_FILES and not path.exists():
            continue
        digest.update(name.encode())
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()[:12]


def _curated_tags(base: EvidenceBase) -> pd.DataFrame:
    """Tags that people gave to references, by their studies and in the audit."""
    rows = []
    for study in base.studies.to_dict("records"):
        for key in study["references"]:
            rows += [(key, "condition", condition) for condition in study["conditions_all"]]
            rows.append((key, "design", study["design"]))
    for reference in base.audit.references:
        if reference.condition:
            conditions = base.taxonomy.with_parents((reference.condition,))
            rows += [(reference.key, "condition", condition) for condition in conditions]
    curated = pd.DataFrame(rows, columns=["key", "kind", "value"]).drop_duplicates()
    return curated.assign(source="curated", matched="", field=STUDIES.file)


def current_base(folder: Path | None = None) -> EvidenceBase:
    """The base in ``folder``, else the default one, shared by all who ask; it is read-only."""
    folder = folder or default_data_folder()
    return base_of(str(folder), stamp(folder))


def stamp(folder: Path) -> tuple[int, ...]:
    """Modification times of the files of a base, so that an edit is noticed."""
    names = (*DATA_FILES, *OPTIONAL_FILES, REGISTERED.file)
    return tuple(_modified(folder / name) for name in names)


def _modified(path: Path) -> int:
    """Nanoseconds; 0 where there is no such file. Reading the base says what is wrong with it."""
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


@lru_cache(maxsize=2)
def base_of(folder: str, stamp: tuple[int, ...]) -> EvidenceBase:
    """The base in ``folder`` in the state that ``stamp`` names."""
    return EvidenceBase.load(folder)


_OF_EFFECTS = ("comparator_type", "outcome_domain", "instrument", "rater", "time", "obtained")


@cached
def study_records(base: EvidenceBase) -> tuple[dict[str, Any], ...]:
    """Studies as records, each with the values of its effects as lists.

    What the facets ``narrower`` and ``result`` read is added where studies are listed.
    Beside the columns of the studies: comparator_type, outcome_domain, instrument, rater, time,
    obtained and bands (of `time_points.BANDS`, or ``unknown``).
    """
    effects = base.effects.assign(
        bands=[
            band(*pair)
            for pair in zip(base.effects["time"], base.effects["time_detail"], strict=True)
        ]
    )
    gathered: dict[str, dict[str, list[Any]]] = {}
    for column in (*_OF_EFFECTS, "bands"):
        known = effects[["study_id", column]].dropna().drop_duplicates()
        for study_id, value in known.itertuples(index=False, name=None):
            gathered.setdefault(study_id, {}).setdefault(column, []).append(value)
    nothing: dict[str, list[Any]] = {column: [] for column in (*_OF_EFFECTS, "bands")}
    return tuple(
        {
            **{str(name): value for name, value in study.items()},
            **nothing,
            **gathered.get(study["study_id"], {}),
        }
        for study in base.studies.to_dict("records")
    )
