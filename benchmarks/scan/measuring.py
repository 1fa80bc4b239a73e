"""What is measured of a scan: time, memory of its processes, and that a kill changes nothing."""

from __future__ import annotations

import json
import math
import os
import random
import re
import shutil
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import psutil

from benchmarks.dedupe import generated_citations
from benchmarks.scan.records import Words
from ipt_evidence.citations.tagging import tag_citations
from ipt_evidence.citations.taxonomy import load_taxonomy
from ipt_evidence.citations.writers.table import write_parquet
from ipt_evidence.corpora.searching import Filters, build_index, search
from ipt_evidence.paths import default_data_folder

__all__ = ["Measured", "deduplicated", "killed", "peers", "scanned", "searched"]


@dataclass(frozen=True, slots=True)
class Measured:
    """A scan: what it read, seconds by the clock and of all processors, megabytes at its most."""

    records: int
    candidates: int
    files: int
    bytes: int
    seconds: float
    processor: float
    memory: float
    digest: str


def _command(corpus: Path, output: Path, workers: int | None) -> list[str]:
    asked = ["scan", str(corpus), "--output", str(output), "--json"]
    return [
        sys.executable,
        "-m",
        "ipt_evidence",
        *asked,
        *(["--workers", str(workers)] if workers else []),
    ]


def _memory(process: psutil.Process) -> float:
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_full_info().pss  # what is shared counts once
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return total / 1e6


@contextmanager
def _watched(process: subprocess.Popen[str]) -> Iterator[list[float]]:
    """The most memory that ``process`` and its children had so far, in a list of one."""
    most = [0.0]

    def watch() -> None:
        try:
            root = psutil.Process(process.pid)
            while process.poll() is None:
                most[0] = max(most[0], _memory(root))
                time.sleep(0.05)
        except psutil.NoSuchProcess:
            return

    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    yield most
    watcher.join(timeout=5)


def scanned(corpus: Path, output: Path, workers: int | None = None) -> Measured:
    """Scan ``corpus`` as a user does, from a cold start."""
    size = sum(path.stat().st_size for path in corpus.iterdir())
    text, *measured = _ran(_command(corpus, output, workers))
    found = json.loads(text)
    return Measured(
        found["records"], found["candidates"], found["files"], size, *measured, found["digest"]
    )


def _ran(command: list[str]) -> tuple[str, float, float, float]:
    """What a command says; its seconds, those of all processors, and the most megabytes."""
    begun, before = time.perf_counter(), os.times()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        with _watched(process) as memory:
            text = process.communicate()[0]
    seconds, after = time.perf_counter() - begun, os.times()
    processor = after.children_user + after.children_system
    processor -= before.children_user + before.children_system
    return text, seconds, processor, memory[0]


_FIND = """
import pathlib, sys
from ipt_evidence.corpora.duplicates import find_duplicates
found = find_duplicates(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
print(found.records, found.unique)
"""


def deduplicated(folder: Path, size: int, before: tuple[int, float] | None) -> tuple[int, float]:
    """Find the doubles among ``size`` records; returns that and the processor's seconds.

    ``before`` is what it returned for another size.
    """
    table, output = folder / "candidates.parquet", folder / "unique"
    write_parquet(_citations(size), table)
    said, seconds, processor, memory = _ran([sys.executable, "-c", _FIND, str(table), str(output)])
    records, unique = map(int, said.split())
    growth = ""
    if before is not None:
        growth = f", growth {math.log(processor / before[1]) / math.log(size / before[0]):.2f}"
    print(
        f"{records:,} records, {unique:,} of them single: {seconds:.1f} s, processor "
        f"{processor:.1f} s, {memory:,.0f} MB{growth}",
        flush=True,
    )
    shutil.rmtree(output)
    return size, processor


def _citations(size: int) -> Iterator[pd.DataFrame]:
    """Citations with doubles, and with two words in each title that few others have."""
    each = 20_000
    words = Words(3).rare
    for part in range(-(-size // each)):
        some, works = generated_citations(min(each, size - part * each), part)
        own = [part * each + work for work in works]
        ends = [f" ({words[n % 19_997]} {words[n * 7_919 % 19_993]})" for n in own]
        blank = dict.fromkeys(("abstract", "url", "language", "pmcid", "issn", "date"), None)
        none: list[list[str]] = [[]] * len(some)
        yield some.assign(
            **blank,
            et_al=False,
            raw=[{}] * len(some),
            keywords=none,
            registry_ids=none,
            title=some["title"] + ends,
            doi=some["doi"].str.replace("10.1000/", f"10.{1000 + part}/", regex=False),
            pmid=[pmid and f"{part + 1}{pmid}" for pmid in some["pmid"]],
        )


def killed(corpus: Path, folder: Path) -> bool:
    """Kill workers of one scan, and another scan as a whole; both must end as one left alone."""
    alone = scanned(corpus, folder / "alone")
    print(f"left alone: {alone.records:,} records, {alone.bytes / 1e9:.1f} GB, "
          f"{alone.seconds:.1f} s, processor {alone.processor:.1f} s, "
          f"{alone.records / alone.seconds:,.0f} records/s, "
          f"{alone.memory:,.0f} MB, digest {alone.digest}", flush=True)  # fmt: skip
    chance = random.Random(20240501)
    begun = time.perf_counter()
    with subprocess.Popen(
        _command(corpus, folder / "workers", 2), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True,
    ) as process:  # fmt: skip
        losses = 0
        while process.poll() is None and losses < 2:
            time.sleep(alone.seconds / 4)
            workers = [one for one in psutil.Process(process.pid).children() if _works(one)]
            if workers:
                chance.choice(workers).kill()
                losses += 1
        lost = json.loads(process.communicate()[0])
    took = time.perf_counter() - begun
    print(f"{losses} workers killed: {took:.1f} s, "
          f"same result: {lost['digest'] == alone.digest}", flush=True)  # fmt: skip
    stopped = subprocess.Popen(
        _command(corpus, folder / "whole", 2), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        start_new_session=True,
    )  # fmt: skip
    time.sleep(alone.seconds * 0.6)
    os.killpg(stopped.pid, signal.SIGKILL)
    stopped.wait()
    begun = time.perf_counter()
    again = json.loads(
        subprocess.run(
            _command(corpus, folder / "whole", 2), capture_output=True, text=True, check=True
        ).stdout
    )
    print(f"killed as a whole, gone on with in {time.perf_counter() - begun:.1f} s, "
          f"{again['resumed']} of {again['files']} files were done, "
          f"same result: {again['digest'] == alone.digest}")  # fmt: skip
    same = lost["digest"] == again["digest"] == alone.digest
    for name in ("alone", "workers", "whole"):
        shutil.rmtree(folder / name)
    return same and lost["records"] == again["records"] == alone.records


def _works(process: psutil.Process) -> bool:
    try:
        return "spawn_main" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


def searched(folder: Path, size: int) -> None:
    """Index ``size`` records with titles of 13 words and abstracts of 45, and ask it 40 times."""
    table, index = folder / "records.parquet", folder / "records.sqlite"
    words = _write_records(table, size)
    begun, before = time.perf_counter(), time.process_time()
    build_index(table, index)
    seconds, processor = time.perf_counter() - begun, time.process_time() - before
    chance = random.Random(1)
    queries = [" ".join(chance.choices(words, k=2)) for _ in range(30)]
    queries += [f'"{chance.choice(words)} {chance.choice(words)}"' for _ in range(10)]
    times = []
    for query in queries:
        begun = time.perf_counter()
        search(index, query, Filters())
        times.append((time.perf_counter() - begun) * 1000)
    import sqlite3

    database = sqlite3.connect(index)
    inside = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE 'words%'"
    part = database.execute(inside).fetchone()[0]
    database.close()
    print(
        f"{size:,} records: index {seconds:.1f} s, processor {processor:.1f} s, "
        f"{part / 1e6:,.0f} MB beside {(index.stat().st_size - part) / 1e6:,.0f} MB of texts, "
        f"a query p50 {statistics.median(times):.1f} ms, most {max(times):.0f} ms"
    )


def _write_records(path: Path, size: int) -> list[str]:
    import itertools

    import pyarrow as pa
    import pyarrow.parquet as pq

    chance = random.Random(2)
    words = [
        "".join(chance.choices("etaoinshrdlu", k=chance.randrange(3, 10))) for _ in range(40_000)
    ]
    weights = list(itertools.accumulate(1 / (rank + 20) for rank in range(40_000)))
    text = [" ".join(chance.choices(words, cum_weights=weights, k=58)) for _ in range(20_000)]
    with pq.ParquetWriter(
        path, pa.schema([("title", pa.string()), ("abstract", pa.string())])
    ) as file:
        for begin in range(0, size, 20_000):
            chance.shuffle(text)
            some = text[: min(20_000, size - begin)]
            cut = [(one[:90], one[90:]) for one in some]
            titles, abstracts = zip(*cut, strict=True)
            file.write_table(pa.table({"title": titles, "abstract": abstracts}))
    return words[:3_000]  # words that people ask for are known ones


_LITSTUDY = """
import re, sys
import litstudy
says = re.compile(r"(?i)\\binterpersonal (?:psycho)?therap|\\bipt\\b").search
works = litstudy.load_ris_file(sys.argv[1])
print(sum(says(f"{one.title} {one.abstract}") is not None for one in works))
"""


def peers(corpus: Path, output: Path, litstudy: Path | None) -> None:
    """The same files by other means, each giving the number of candidates.

    ``litstudy`` is the Python of an environment that has it, which cannot be ours: both need
    bibtexparser, in different versions. It gets the same titles and abstracts as RIS, since it
    reads no works of OpenAlex.
    """
    files = sorted(corpus.glob("*"))
    taxonomy = load_taxonomy(default_data_folder() / "taxonomy.toml")

    def tagged(frame: pd.DataFrame) -> int:
        tags = tag_citations(frame, taxonomy)
        return int(((tags["kind"] == "intervention") & (tags["value"] == "ipt")).sum())

    def pandas() -> int:
        pattern = r"(?i)\binterpersonal (?:psycho)?therap|\bipt\b"
        frames = (pd.read_json(file, lines=True, chunksize=20_000) for file in files)
        return sum(int(one["title"].str.contains(pattern).sum()) for many in frames for one in many)

    def tagger() -> int:
        found = 0
        for file in files:
            with file.open("rb") as lines:
                rows = [_row(orjson.loads(line)) for line in lines]
            found += tagged(pd.DataFrame(rows))
        return found

    _time("ipt-evidence scan", lambda: scanned(corpus, output).candidates)
    if litstudy is not None:
        ris = corpus.with_name("works.ris")
        _write_ris(files, ris)
        asked = [str(litstudy), "-c", _LITSTUDY, str(ris)]
        _time("litstudy.load_ris_file and re.search", lambda: int(_ran(asked)[0]))
    _time("pandas.read_json and str.contains (titles alone)", pandas)
    _time("dask.bag of json.loads and re.search", lambda: _bag(files))
    _time("orjson and the tagger, one process", tagger)


def _write_ris(files: list[Path], path: Path) -> None:
    with path.open("w", encoding="utf-8") as out:
        for file in files:
            with file.open("rb") as lines:
                for line in lines:
                    row = _row(orjson.loads(line))
                    out.write(
                        f"TY  - JOUR\nTI  - {row['title']}\nAB  - {row['abstract']}\nER  - \n\n"
                    )


def _row(work: dict[str, Any]) -> dict[str, Any]:
    places = work["abstract_inverted_index"] or {}
    return {"key": work["id"], "title": work["title"], "abstract": " ".join(places)}


def _bag(files: list[Path]) -> int:
    import dask.bag

    bag = dask.bag.read_text([str(file) for file in files])
    return int(bag.map(json.loads).filter(_about).count().compute(scheduler="processes"))


def _about(work: dict[str, Any]) -> bool:
    return _says(" ".join([work["title"] or "", *(work["abstract_inverted_index"] or {})]))


def _says(text: str) -> bool:
    return re.search(r"(?i)\binterpersonal (?:psycho)?therap|\bipt\b", text) is not None


def _time(name: str, call: Callable[[], int]) -> None:
    begun, before = time.perf_counter(), os.times()
    found = call()
    seconds, processor = time.perf_counter() - begun, sum(os.times()[:4]) - sum(before[:4])
    print(f"{name:52s} {seconds:8.1f} s  processor {processor:8.1f} s  {found:,} found", flush=True)
