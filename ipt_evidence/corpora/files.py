"""What a source holds: the files of a folder or an address, and what kind each of them is."""

from __future__ import annotations

import gzip
import hashlib
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ipt_evidence.errors import EvidenceError

__all__ = ["CorpusFile", "ScaleError", "find_files", "kind_of", "local", "missing_extra", "opened"]

SUFFIXES = frozenset(
    ".gz .json .jsonl .ndjson .xml .parquet .ris .bib .bibtex .nbib .ciw .enw .txt .csv".split()
)
"""Files of a folder that are read; others, such as checksums, are passed over."""
_LOOKED_AT = 4_096


class ScaleError(EvidenceError):
    """A corpus that cannot be scanned as asked."""


def missing_extra(module: str) -> ScaleError:
    """What to do where ``module``, a package of the extra, is not installed."""
    return ScaleError(
        f"{module} is not installed, and corpora need it. Install the extra: "
        'pip install "ipt-evidence[scale]"'
    )


@dataclass(frozen=True, slots=True)
class CorpusFile:
    """A file: its path or address, its size in bytes, and what changes when its content does."""

    place: str
    size: int
    stamp: str

    @property
    def identity(self) -> str:
        """A name for what is made of the file as it is now."""
        text = f"{self.place}\n{self.size}\n{self.stamp}"
        return hashlib.sha256(text.encode()).hexdigest()[:20]


def find_files(sources: Iterable[str]) -> list[CorpusFile]:
    """Every file that ``sources`` (files, folders, addresses) hold, by name, each once.

    Raises ScaleError for a source that does not exist, or holds no file that could be read.
    """
    found: dict[str, CorpusFile] = {}
    for source in sources:
        several = list(_remote(source) if "://" in source else _below(Path(source)))
        if not several:
            kinds = ", ".join(sorted(SUFFIXES))
            raise ScaleError(f"{source} holds no file to scan. Files are known by {kinds}")
        found |= {file.place: file for file in several}
    return [found[place] for place in sorted(found)]


def _below(path: Path) -> Iterator[CorpusFile]:
    if not path.exists():
        raise ScaleError(f"{path}: there is no such file or folder. Check its spelling")
    paths = (p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
    for one in paths:
        inside = one.relative_to(path).parts if path.is_dir() else ()
        if path.is_file() or (_is_read(one.name) and not any(p.startswith(".") for p in inside)):
            about = one.stat()
            yield CorpusFile(str(one.resolve()), about.st_size, str(about.st_mtime_ns))


def _is_read(name: str) -> bool:
    return Path(name).suffix.lower() in SUFFIXES


def _remote(address: str) -> Iterator[CorpusFile]:
    filesystem, path = _filesystem(address)
    try:
        about = filesystem.info(path)
        folder = about["type"] == "directory"
        names = filesystem.find(path) if folder else [path]
        for name in names:
            if not folder or _is_read(str(name)):
                info = filesystem.info(name)
                stamp = str(info.get("ETag") or info.get("mtime") or info.get("LastModified"))
                place = filesystem.unstrip_protocol(name)
                yield CorpusFile(place, int(info.get("size") or 0), stamp)
    except (OSError, ValueError) as err:
        raise ScaleError(f"{address} cannot be listed: {err}") from err


def _filesystem(address: str) -> tuple[Any, str]:
    try:
        from fsspec.core import url_to_fs
    except ImportError:
        raise missing_extra("fsspec") from None
    try:
        filesystem, path = url_to_fs(address)
    except (ImportError, ValueError) as err:  # the package of a protocol, such as s3fs
        raise ScaleError(f"{address} cannot be opened: {err}") from err
    return filesystem, path


@contextmanager
def local(file: CorpusFile) -> Iterator[Path]:
    """A path of this machine with the content of ``file``; a copy while it is an address."""
    if "://" not in file.place:
        yield Path(file.place)
        return
    filesystem, path = _filesystem(file.place)
    with tempfile.TemporaryDirectory(prefix="ipt-evidence-") as folder:
        target = Path(folder) / Path(path).name
        filesystem.get_file(path, str(target))
        yield target


def opened(path: Path) -> Any:
    """``path`` as a stream of bytes, unpacked where it is gzip."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")


def kind_of(path: Path) -> str:
    """What ``path`` is, by its content: parquet, pubmed, lines, items or bibliography.

    ``lines`` has a JSON object a line (OpenAlex, Crossref since 2024), ``items`` one JSON document
    with a list of them (Crossref before); everything else, such as one object written over many
    lines, is for the readers of bibliographies.
    Raises ScaleError where it cannot be unpacked.
    """
    try:
        with opened(path) as file:
            start: bytes = file.read(_LOOKED_AT)
    except (EOFError, OSError, zlib.error) as err:
        raise ScaleError(f"{path} cannot be read ({err}). Fetch it again") from err
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text.startswith(b"PAR1"):
        return "parquet"
    if text.startswith(b"<") and b"<PubmedArticleSet" in text:
        return "pubmed"
    if text.startswith(b"{"):
        inner = text[1:].lstrip()
        if inner.startswith((b'"items"', b'"message"')):
            return "items"
        return "bibliography" if text[1:].lstrip(b" \t\r").startswith(b"\n") else "lines"
    return "bibliography"
