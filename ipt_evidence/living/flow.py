"""Counts of a PRISMA 2020 flow (Page et al. 2021, doi:10.1136/bmj.n71) from the logged runs.

Only what was counted is given: full texts sought and assessed happen outside this program, so the
flow ends with the decisions that were made about titles and abstracts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ipt_evidence.living.candidates import load
from ipt_evidence.living.runs import runs

__all__ = ["Flow", "flow"]


@dataclass(frozen=True, slots=True)
class Flow:
    """Records by what became of them, over all finished updates. Zero runs: nothing searched.

    ``found == repeated + in_base + known + queued`` for the logged runs; ``queued`` candidates are
    ``included``, ``excluded``, ``unsure`` or ``waiting``. ``reasons`` counts exclusions.
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
    since: str = ""
    until: str = ""


def flow(folder: Path) -> Flow:
    """The flow of the base in ``folder``."""
    logged = [run for run in runs(folder) if run.get("kind") == "update" and run.get("counts")]
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
        since=min(days, default=""),
        until=max(days, default=""),
    )
