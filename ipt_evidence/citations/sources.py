"""Where bibliographies come from: files, standard input, uploads, and ZIP archives of them.

Nothing is ever unpacked to disk: a member of an archive is read into memory, within the limits
below, and its path is used as a name and for nothing else.
"""

from __future__ import annotations

import io
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ipt_evidence.citations import archives
from ipt_evidence.citations.archives import OF_ARCHIVES, check_limits, opened_archive
from ipt_evidence.citations.decoding import MAX_FILE_BYTES, too_large
from ipt_evidence.citations.readers.workbooks import is_workbook
from ipt_evidence.errors import CitationError

__all__ = [
    "MAX_INPUT_BYTES",
    "Refused",
    "Source",
    "sources_in",
    "sources_of",
]

STANDARD_INPUT = "standard input"
MAX_INPUT_BYTES = 1_000_000_000
"""Standard input is held in memory, up to this size."""

_ARCHIVE = (b"PK\x03\x04", b"PK\x05\x06")
_PASSED_OVER = re.compile(r"(?:^|/)(?:__MACOSX/|\.DS_Store$|Thumbs\.db$|desktop\.ini$)|/$")
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\:*?\"<>|\u202a-\u202e\u2066-\u2069]")


@dataclass(frozen=True, slots=True)
class Source:
    """A bibliography as bytes; ``workbook`` when it is an Excel file, ``member`` in an archive."""

    name: str
    file: BinaryIO
    workbook: bool = False
    member: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """A member of an archive that is not read, and why."""

    name: str
    reason: str


def sources_of(path: str | Path) -> Iterator[Source | Refused]:
    """The bibliographies at ``path``; ``-`` is standard input.

    Raises CitationError when the file is missing, a folder, too large, or an archive that breaks a
    limit.
    """
    if str(path) == "-":
        data = sys.stdin.buffer.read(MAX_INPUT_BYTES + 1)
        if len(data) > MAX_INPUT_BYTES:
            raise CitationError(
                f"{STANDARD_INPUT}: more than {MAX_INPUT_BYTES / 1e6:,.0f} MB. Give a file."
            )
        yield from sources_in(io.BytesIO(data), STANDARD_INPUT)
        return
    place = Path(path)
    try:
        if place.is_dir():
            raise CitationError(f"{place} is a folder. Name the bibliography files in it.")
        size = place.stat().st_size
        if size > MAX_FILE_BYTES:
            raise too_large(str(place), size)
        with place.open("rb") as file:
            yield from sources_in(file, str(place))
    except FileNotFoundError as error:
        raise CitationError(
            f"{place}: there is no such file. Check the path and its spelling."
        ) from error
    except (OSError, ValueError) as error:
        raise CitationError(
            f"{place}: the file cannot be read ({error}). Check its permissions."
        ) from error


def sources_in(file: BinaryIO, name: str) -> Iterator[Source | Refused]:
    """The bibliographies in ``file``: itself, or the members of an archive."""
    head = file.read(4)
    file.seek(0)
    if head not in _ARCHIVE:
        yield Source(name, file)
        return
    try:
        archive = opened_archive(file)
    except OF_ARCHIVES as error:
        raise CitationError(
            f"{name}: this is a ZIP archive or Office document that is damaged and cannot be "
            f"opened ({str(error)[:200]}). Fetch it again, or pack it again."
        ) from error
    with archive:
        check_limits(archive, name)
        if is_workbook(archive):
            file.seek(0)
            yield Source(name, io.BytesIO(file.read()), workbook=True)
        elif "[Content_Types].xml" in archive.namelist() or "mimetype" in archive.namelist():
            file.seek(0)
            yield Source(name, file)
        else:
            yield from _members(archive, name)


def _members(archive: zipfile.ZipFile, name: str) -> Iterator[Source | Refused]:
    left = archives.MAX_UNPACKED_BYTES
    for member in archive.infolist():
        if _PASSED_OVER.search(member.filename):
            continue
        label = f"{name}/{_UNSAFE.sub('_', member.filename)[:200]}"
        if member.flag_bits & 1:
            yield Refused(label, "it is encrypted. Unpack the archive with its password first")
            continue
        try:
            with archive.open(member) as file:
                data = file.read(min(member.file_size, left) + 1)
        except OF_ARCHIVES as error:
            why = str(error) or "it breaks off"
            yield Refused(label, f"it cannot be unpacked ({why}). Pack the archive again")
            continue
        left -= len(data)
        if len(data) > member.file_size or left < 0:
            yield Refused(label, "it is larger than the archive says")
        elif data.startswith(_ARCHIVE):
            yield from _inner_archive(data, label)
        else:
            yield Source(label, io.BytesIO(data), member=True)


def _inner_archive(data: bytes, label: str) -> Iterator[Source | Refused]:
    """An Excel workbook inside an archive is read, an archive inside an archive is not."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as inner:
            check_limits(inner, label)
            workbook = is_workbook(inner)
    except (CitationError, *OF_ARCHIVES):
        workbook = False
    if workbook:
        yield Source(label, io.BytesIO(data), workbook=True, member=True)
    else:
        yield Refused(label, "an archive inside an archive is not opened. Unpack it first")
