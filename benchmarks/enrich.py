"""``python -m benchmarks enrich``: 10,000 DOIs against a local server that plays OpenAlex.

Own time a record is the time of the run without the server's answers and without waiting: the
clock does not wait here, so that what is measured is us and not the allowed rate.
"""

from __future__ import annotations

import sys
import tempfile
import time
import tracemalloc
from pathlib import Path

import pandas as pd

from ipt_evidence.citations.collecting import Collector
from ipt_evidence.citations.records import ReadResult, Record
from ipt_evidence.services.client import Client
from ipt_evidence.services.connection import Clock
from ipt_evidence.services.lookup import look_up
from ipt_evidence.services.settings import Settings

RECORDS = 10_000
SLICE = 1_000  # looked up and let go again, as a long list is

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "enrichment"))


def main(arguments: list[str]) -> int:
    """Time a cold run and a warm one; ``--memory`` looks at memory; 1 when a goal is missed."""
    tracing = "--memory" in arguments
    missed = False
    from service import Asked, Reply, serving
    from shapes import Paper, openalex_list, openalex_work

    spent = [0.0]

    def answer(asked: Asked) -> Reply:
        start = time.perf_counter()
        dois = asked.query["filter"].removeprefix("doi:").split("|")
        works = [openalex_work(Paper(doi, f"Interpersonal psychotherapy, sample {doi[-5:]}",
                                     abstract="words " * 150)) for doi in dois]  # fmt: skip
        reply = Reply.of(openalex_list(works))
        spent[0] += time.perf_counter() - start
        return reply

    with serving() as server, tempfile.TemporaryDirectory() as folder:
        server.on("/works", answer)
        settings = Settings(urls={"openalex": server.url}, cache_folder=Path(folder))
        for name in ("cold", "warm"):
            spent[0] = 0.0
            asked = len(server.asked)
            start = time.perf_counter()
            found, peaks = _run(settings, tracing=tracing)
            seconds = time.perf_counter() - start
            own = seconds - spent[0]
            goal = own / RECORDS < 0.001 if name == "cold" else seconds < 5
            missed |= not (goal or tracing)
            print(
                f"{name}: {found:,} of {RECORDS:,} answered in {seconds:.2f} s, "
                f"{len(server.asked) - asked} requests, own time {own / RECORDS * 1000:.3f} ms a "
                "record (goals: cold < 1 ms a record, warm < 5 s)"
            )
            if tracing:
                print(
                    f"  Python memory: peak {peaks[0]:.1f} MB after the first {SLICE:,}, "
                    f"{peaks[-1]:.1f} MB after all"
                )
    return int(missed)


def _run(settings: Settings, *, tracing: bool) -> tuple[int, list[float]]:
    found = 0
    peaks: list[float] = []
    with Client(settings, clock=Clock(sleep=lambda _: None)) as client:
        if tracing:
            tracemalloc.start()
        for start in range(0, RECORDS, SLICE):
            result = look_up(client, _citations(start), services=("openalex",))
            found += len(result.works)
            if tracing:
                peaks.append(tracemalloc.get_traced_memory()[1] / 1e6)
        if tracing:
            tracemalloc.stop()
    return found, peaks


def _citations(start: int) -> pd.DataFrame:
    collector = Collector()
    collector.begin("benchmark", "none", "", "")
    collector.take(
        ReadResult(
            [
                Record(
                    f"r{number}", "article", number, {},
                    title=f"Interpersonal psychotherapy, sample {number:05d}",
                    doi=f"10.5555/sample.{number:05d}",
                )
                for number in range(start, start + SLICE)
            ]
        )
    )  # fmt: skip
    collector.end()
    return collector.result().citations
