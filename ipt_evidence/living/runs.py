"""What was asked when, of whom, and how it went: the log behind every "as of"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipt_evidence.living.files import append_line, living_folder, read_lines
from ipt_evidence.services.settings import Health

__all__ = ["AsOf", "as_of", "last_search", "log_run", "runs"]

LOG = "runs.jsonl"


@dataclass(frozen=True, slots=True)
class AsOf:
    """When a service last answered, and how its last run went; both empty when it never did."""

    service: str
    date: str = ""
    asked: int = 0
    answered: int = 0
    empty: int = 0
    failed: int = 0
    reasons: str = ""


def log_run(folder: Path, kind: str, date: str, health: Mapping[str, Health], **facts: Any) -> None:
    """Add a run (``enrich`` or ``update``) to the log of the base in ``folder``."""
    services = [one.to_dict() for one in health.values() if one.asked]
    document = {"kind": kind, "date": date, "services": services, **facts}
    append_line(living_folder(folder) / LOG, document)


def runs(folder: Path) -> list[dict[str, Any]]:
    """All logged runs, oldest first."""
    return read_lines(living_folder(folder) / LOG)


def as_of(folder: Path, services: tuple[str, ...]) -> list[AsOf]:
    """For each service the last day on which it answered, with that run's counts."""
    found = {name: AsOf(name) for name in services}
    for run in runs(folder):
        for entry in run.get("services", ()):
            name = entry.get("service")
            if name not in found:
                continue
            answered = bool(entry.get("answered") or entry.get("empty"))
            reasons = ", ".join(f"{why}: {n}" for why, n in (entry.get("reasons") or {}).items())
            found[name] = AsOf(
                service=name,
                date=str(run.get("date", "")) if answered else found[name].date,
                asked=int(entry.get("asked", 0)),
                answered=int(entry.get("answered", 0)),
                empty=int(entry.get("empty", 0)),
                failed=int(entry.get("failed", 0)),
                reasons=reasons,
            )
    return list(found.values())


def last_search(folder: Path, query: str) -> str:
    """Day (ISO) on which the search ``query`` was last finished; empty when it never was."""
    days = [
        str(run.get("date", ""))
        for run in runs(folder)
        if run.get("kind") == "update" and query in (run.get("finished") or ())
    ]
    return max(days, default="")
