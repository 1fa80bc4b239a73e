"""New records that wait for a decision: include, exclude or unsure, with a reason each.

The file is a table that a person may open in a spreadsheet. Nothing in it enters the base.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import pandas as pd

from ipt_evidence.about import NAME
from ipt_evidence.citations.collecting import Collector, LoadResult
from ipt_evidence.citations.normal_forms import normal_title
from ipt_evidence.citations.people import people_of
from ipt_evidence.citations.records import ReadResult, Record
from ipt_evidence.citations.screening import Screened, screening_of
from ipt_evidence.errors import DataError
from ipt_evidence.evidence.base import EvidenceBase
from ipt_evidence.evidence.files import writing
from ipt_evidence.living.runs import living_folder, read_rows, runs, write_rows
from ipt_evidence.services.ranking import Screening, cross_validate, predict
from ipt_evidence.services.settings import service_label

__all__ = [
    "DECISIONS",
    "FILE",
    "Candidate",
    "Flow",
    "candidate_id",
    "candidates_citations",
    "collected",
    "decide",
    "flow",
    "judged",
    "known_decisions",
    "load",
    "save",
    "take_decisions",
]

FILE = "candidates.csv"
DECISIONS = ("include", "exclude", "unsure")


@dataclass(frozen=True, slots=True)
class Candidate:
    """One record that a search found and the base does not hold.

    ``points`` explain the score; ``status`` is ``new`` or ``doubtful`` (perhaps ``same_as`` a
    record of the base); ``found_in`` names searches, lists are joined by semicolons. ``decision``
    is empty until somebody decided.
    """

    candidate_id: str
    score: int
    title: str
    authors: str = ""
    year: str = ""
    journal: str = ""
    doi: str = ""
    pmid: str = ""
    conditions: str = ""
    designs: str = ""
    points: str = ""
    status: str = "new"
    same_as: str = ""
    found_in: str = ""
    first_seen: str = ""
    decision: str = ""
    reason: str = ""
    decided_on: str = ""


COLUMNS = tuple(Candidate.__dataclass_fields__)


def candidate_id(record: Record) -> str:
    """The same for the same publication: its DOI, else its PMID, else a digest of its title."""
    if record.doi:
        return f"doi:{record.doi}"
    if record.pmid:
        return f"pmid:{record.pmid}"
    return title_id(record.title)


def title_id(title: str | None) -> str:
    """What a publication that has no identifier is called here."""
    return f"title:{hashlib.sha256(normal_title(title).encode()).hexdigest()[:12]}"


def load(folder: Path) -> list[Candidate]:
    """Candidates of the base in ``folder``, the likeliest first.

    Raises
    ------
    DataError
        When the file cannot be read, or a score or decision in it is none.
    """
    path = living_folder(folder) / FILE
    found = []
    for row in read_rows(path, COLUMNS):
        if not row["score"].isdigit() or row["decision"] not in ("", *DECISIONS):
            raise DataError(
                f"{path}: {row['candidate_id']}: score {row['score']!r}, decision "
                f"{row['decision']!r}. Decide by {', '.join(DECISIONS)}, or leave it empty (NA)"
            )
        found.append(Candidate(**{**row, "score": int(row["score"])}))  # type: ignore[arg-type]
    return found


def save(folder: Path, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Write all candidates in one step, the likeliest first, and give them back so."""
    ordered = sorted(candidates, key=lambda one: (-one.score, one.title, one.candidate_id))
    rows = ({**asdict(one), "score": str(one.score)} for one in ordered)
    write_rows(living_folder(folder) / FILE, COLUMNS, rows)
    return ordered


def decide(folder: Path, name: str, decision: str, reason: str, today: str) -> Candidate:
    """Decide about one candidate; an empty decision takes it back.

    Raises
    ------
    DataError
        For an unknown candidate or decision, or one without a reason.
    """
    if decision not in ("", *DECISIONS):
        raise DataError(f"{decision!r} is no decision. Use one of {', '.join(DECISIONS)}")
    if decision and not reason.strip():
        raise DataError("A decision needs a reason: somebody will ask why")
    with writing(folder):
        found = load(folder)
        for position, one in enumerate(found):
            if one.candidate_id == name:
                found[position] = replace(
                    one,
                    decision=decision,
                    reason=reason.strip() if decision else "",
                    decided_on=today if decision else "",
                )
                save(folder, found)
                return found[position]
    raise DataError(f"There is no candidate {name!r} in {living_folder(folder) / FILE}")


def take_decisions(folder: Path, citations: pd.DataFrame, today: str) -> tuple[int, list[str]]:
    """Take over what reviewers decided in a screening program about candidates.

    ``citations`` are those of an export of Rayyan, Covidence or EPPI-Reviewer. A candidate about
    which somebody decided here already keeps that decision; reviewers who disagree leave it
    unsure. Gives how many decisions were taken over, and titles of decided records that are none.
    """
    found = {one.candidate_id: one for one in load(folder)}
    taken, others = 0, []
    columns = citations[["doi", "pmid", "title", "raw", "source_file"]].to_dict("records")
    for row in columns:
        screening = screening_of(row["raw"], str(row["source_file"]))
        if screening is None or not screening.decision:
            continue
        names = [
            f"doi:{row['doi']}", f"pmid:{row['pmid']}", title_id(str(row["title"])),
        ]  # fmt: skip
        name = next((name for name in names if name in found), None)
        if name is None:
            others.append(str(row["title"]))
        elif not found[name].decision:
            who = ", ".join(dict.fromkeys(reviewer for reviewer, _ in screening.votes))
            reason = "; ".join(screening.reasons) or f"Decided by {who}"
            decision = _DECIDED.get(screening.decision, "unsure")
            found[name] = replace(found[name], decision=decision, reason=reason, decided_on=today)
            taken += 1
    if taken:
        save(folder, found.values())
    return taken, others


_DECIDED = {"included": "include", "excluded": "exclude"}
_VOTES = {"include": "included", "exclude": "excluded", "unsure": "maybe"}


def candidates_citations(found: Iterable[Candidate]) -> pd.DataFrame:
    """Candidates as citations, with decisions and reasons as Rayyan notes them."""
    records: list[Record] = []
    for one in found:
        vote = ((NAME, _VOTES[one.decision]),) if one.decision else ()
        reasons = (one.reason,) if one.decision == "exclude" and one.reason else ()
        authors, _ = people_of(one.authors.split("; ") if one.authors else [])
        records.append(
            Record(
                key="", type="article", source_line=len(records) + 1,
                raw={"Notes": Screened(vote, reasons).note()},
                title=one.title, authors=authors, year=int(one.year) if one.year else None,
                container_title=one.journal or None, doi=one.doi or None, pmid=one.pmid or None,
            )
        )  # fmt: skip
    return collected(records).citations


def collected(records: Iterable[Record]) -> LoadResult:
    """Records that services gave, as tables like those of a file."""
    collector = Collector()
    collector.begin("services", "services", "", "")
    collector.take(ReadResult(list(records)))
    collector.end()
    return collector.result()


@dataclass(frozen=True, slots=True)
class Flow:
    """Records by what became of them, over all finished updates. Zero runs: nothing searched.

    ``found == repeated + in_base + known + queued`` for the logged runs; ``queued`` candidates are
    ``included``, ``excluded``, ``unsure`` or ``waiting``. ``reasons`` counts exclusions,
    ``databases`` what each service found (runs logged before November 2026 do not say).
    """

    runs: int
    found: int
    repeated: int
    in_base: int
    known: int
    queued: int
    included: int
    excluded: int
    unsure: int
    waiting: int
    reasons: tuple[tuple[str, int], ...] = ()
    databases: tuple[tuple[str, int], ...] = ()
    since: str = ""
    until: str = ""


def flow(folder: Path) -> Flow:
    """The flow of the base in ``folder``, from its logged runs and its candidates.

    Counts of PRISMA 2020 (Page et al. 2021, doi:10.1136/bmj.n71). Full texts are sought and
    assessed outside this program, so it ends with decisions about titles and abstracts.
    """
    logged = [one for one in runs(folder) if one.get("kind") == "update" and one.get("finished")]
    total = {name: 0 for name in ("found", "repeated", "in_base", "known")}
    for run in logged:
        for name in total:
            total[name] += int(run["counts"].get(name, 0))
    candidates = load(folder)
    decided = {
        name: [one for one in candidates if one.decision == name]
        for name in ("include", "exclude", "unsure", "")
    }
    reasons: dict[str, int] = {}
    for one in decided["exclude"]:
        reasons[one.reason] = reasons.get(one.reason, 0) + 1
    databases: Counter[str] = Counter()
    for run in logged:
        databases.update(
            {service_label(name): int(n) for name, n in run.get("found_in", {}).items()}
        )
    days = [str(run.get("date", "")) for run in logged]
    return Flow(
        runs=len(logged),
        **total,
        queued=len(candidates),
        included=len(decided["include"]),
        excluded=len(decided["exclude"]),
        unsure=len(decided["unsure"]),
        waiting=len(decided[""]),
        reasons=tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        databases=tuple(databases.most_common()),
        since=min(days, default=""),
        until=max(days, default=""),
    )


def known_decisions(base: EvidenceBase) -> tuple[list[str], list[bool]]:
    """Titles of the base's references, and whether each reports a study that the base includes.

    What the model of `services.ranking` learns from.
    Decided candidates teach, too; those that wait or are unsure do not.
    """
    reports = {key for references in base.studies["references"] for key in references}
    texts, included = [], []
    for row in base.references.to_dict("records"):
        if isinstance(row["title"], str):
            texts.append(row["title"])
            included.append(row["key"] in reports)
    for one in load(base.folder):
        if one.decision in ("include", "exclude"):
            texts.append(one.title)
            included.append(one.decision == "include")
    return texts, included


def judged(base: EvidenceBase) -> tuple[Screening, list[tuple[float, Candidate]]]:
    """How well the model orders what is known, and the candidates in its order."""
    texts, included = known_decisions(base)
    measured = cross_validate(texts, included)
    found = load(base.folder)
    chances = predict(texts, included, [one.title for one in found])
    ordered = sorted(zip(chances, found, strict=True), key=lambda pair: -pair[0])
    return measured, ordered
