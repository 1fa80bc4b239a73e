"""Many files on one machine or on a Dask cluster; a scan goes on where it was stopped.

The folder of a scan holds ``manifest.json`` (a row a file that is done), ``parts`` (what each file
gave) and ``candidates.parquet``. A part appears when it is whole, and counts when the manifest,
which is replaced in one step, names it: when a scan is killed, nothing is lost and nothing twice.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ipt_evidence.about import VERSION
from ipt_evidence.citations.taxonomy import Taxonomy
from ipt_evidence.corpora.engines import Lost, over_all
from ipt_evidence.corpora.files import CorpusFile, ScaleError, find_files
from ipt_evidence.corpora.gathering import PARTS, Gathered, gather
from ipt_evidence.corpora.scanning import Scanned, connection, scan_file
from ipt_evidence.evidence.files import write_atomically

__all__ = ["MANIFEST", "Progress", "Scan", "scan"]

MANIFEST = "manifest.json"
_KEPT_EVERY = 1.0  # seconds between two manifests; a kill costs no more than what is younger


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a scan is: files and bytes, records and candidates of this run, seconds so far."""

    done: int
    files: int
    bytes_done: int
    bytes_all: int
    records: int
    candidates: int
    seconds: float

    @property
    def rate(self) -> float:
        """Records a second."""
        return self.records / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float:
        """Seconds that the bytes not yet read will take at the present rate."""
        if not self.bytes_done:
            return float("inf")
        return self.seconds * (self.bytes_all - self.bytes_done) / self.bytes_done


@dataclass(frozen=True, slots=True)
class Scan:
    """A finished scan: every file, those that earlier runs had done among them, and the result."""

    files: tuple[Scanned, ...]
    gathered: Gathered
    resumed: int
    seconds: float

    @property
    def records(self) -> int:
        """Records in all files that could be read."""
        return sum(one.records for one in self.files)

    @property
    def failed(self) -> int:
        """Records that could not be read."""
        return sum(one.failed for one in self.files)

    @property
    def problems(self) -> tuple[Scanned, ...]:
        """Files that could not be read to their end."""
        return tuple(one for one in self.files if one.reason)


def scan(
    sources: Iterable[str],
    output: Path,
    taxonomy: Taxonomy,
    *,
    cluster: str | None = None,
    workers: int | None = None,
    say: Callable[[Progress], None] = lambda _: None,
) -> Scan:
    """Scan every file of ``sources`` for candidates, into the folder ``output``.

    Parameters
    ----------
    sources
        Files, folders, and addresses that fsspec opens (``s3://``, ``https://``).
    cluster
        Address of a Dask scheduler; its workers must see ``sources`` and ``output`` under the same
        paths. None for processes of this machine.
    workers
        Processes of this machine; as many as it has processors when None.

    Raises
    ------
    ScaleError
        For a source that does not exist, a folder that cannot be written, or a missing package.
    """
    begun = time.monotonic()
    files = find_files(sources)
    parts = output / PARTS
    try:
        parts.mkdir(parents=True, exist_ok=True)
    except OSError as err:
        raise ScaleError(f"{output} cannot be written: {err.strerror}") from err
    connection(output).close()  # says what is missing before anything is begun
    manifest = _Manifest(output / MANIFEST, taxonomy)
    done = manifest.finished(files, parts)
    waiting = [file for file in files if file.identity not in done]
    job = partial(scan_file, taxonomy=taxonomy, folder=str(parts.resolve()))
    results = over_all(job, waiting, cluster=cluster, workers=workers)
    resumed = len(done)
    try:
        for one, progress in _watched(results, waiting):
            done[one.identity] = one
            manifest.add(one)
            say(progress)
    finally:
        manifest.keep()
        shutil.rmtree(parts / ".spill", ignore_errors=True)
    scanned = tuple(done[file.identity] for file in files)
    gathered = gather(output, [one for one in scanned if not one.reason])
    shutil.rmtree(output / ".spill", ignore_errors=True)
    return Scan(scanned, gathered, resumed, time.monotonic() - begun)


def _watched(
    results: Iterator[tuple[int, Any]], waiting: list[CorpusFile]
) -> Iterator[tuple[Scanned, Progress]]:
    begun = time.monotonic()
    sizes = {file.identity: file.size for file in waiting}
    done = read = records = candidates = 0
    for position, result in results:
        file, one = waiting[position], result
        if isinstance(result, Lost):
            one = Scanned(file.place, file.identity, reason=result.reason)
        done, read = done + 1, read + sizes[one.identity]
        records, candidates = records + one.records, candidates + one.candidates
        took = time.monotonic() - begun
        total = sum(sizes.values())
        yield one, Progress(done, len(waiting), read, total, records, candidates, took)


class _Manifest:
    """The files that are done, with the rules by which: other rules begin anew."""

    def __init__(self, path: Path, taxonomy: Taxonomy) -> None:
        self._path = path
        rules = f"{VERSION}\n{taxonomy!r}"
        self._rules = hashlib.sha256(rules.encode()).hexdigest()
        self._files: dict[str, Scanned] = {}
        self._kept = time.monotonic()
        with suppress(FileNotFoundError):
            self._read(path.read_text(encoding="utf-8"))

    def _read(self, text: str) -> None:
        try:
            document = json.loads(text)
            rows = [Scanned(**row) for row in document["files"]]
        except (ValueError, TypeError, KeyError) as err:
            raise ScaleError(
                f"{self._path} is no manifest of a scan ({err}). Name a new folder, or delete it"
            ) from err
        if document.get("rules") == self._rules:
            self._files = {row.identity: row for row in rows}

    def finished(self, files: Iterable[CorpusFile], parts: Path) -> dict[str, Scanned]:
        """What is known of ``files`` as they are now; a file that failed is tried again."""
        known = (self._files.get(file.identity) for file in files)
        return {
            one.identity: one
            for one in known
            if one and not one.reason and (parts / f"{one.identity}.parquet").exists()
        }

    def add(self, one: Scanned) -> None:
        """Note a file, and keep the manifest if the last one is old."""
        self._files[one.identity] = one
        if time.monotonic() - self._kept >= _KEPT_EVERY:
            self.keep()

    def keep(self) -> None:
        """Replace the manifest on disk in one step."""
        rows = [asdict(one) for _, one in sorted(self._files.items())]
        document = {"rules": self._rules, "version": VERSION, "files": rows}
        write_atomically(self._path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")
        self._kept = time.monotonic()
