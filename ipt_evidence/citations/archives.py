"""ZIP archives of strangers: opened though one entry lies, and refused where they are bombs."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from typing import BinaryIO

from ipt_evidence.errors import CitationError

__all__ = ["MAX_UNPACKED_BYTES", "OF_ARCHIVES", "check_limits", "opened_archive"]

MAX_MEMBERS = 1_000
"""An archive with more members is refused."""

MAX_UNPACKED_BYTES = 2_000_000_000
"""An archive whose members are larger together is refused."""

MAX_RATIO = 200
"""An archive that unpacks to more than this many times its size is refused: text gives 3 to 20."""

_RATIO_FREE_BYTES = 10_000_000
OF_ARCHIVES = (
    *(EOFError, LookupError, OSError, OverflowError, RuntimeError, ValueError, struct.error),
    *(lzma.LZMAError, zipfile.BadZipFile, zlib.error),
)
"""What `zipfile` and the decompressors raise at broken archives and methods they do not know."""

_ENTRY = b"PK\x01\x02"
_VERSION_NEEDED, _FLAGS_HIGH = 6, 9  # places in an entry
_OLD = 20
_NAME_IS_UTF8 = 0x08


def opened_archive(file: BinaryIO) -> zipfile.ZipFile:
    """The archive in ``file``.

    A name that says it is UTF-8 and is not, or a version of ZIP that nobody knows, costs no other
    member. Raises one of `OF_ARCHIVES` where it cannot be opened.
    """
    try:
        return zipfile.ZipFile(file)
    except (NotImplementedError, UnicodeDecodeError):
        file.seek(0)
        data = bytearray(file.read())
        at = data.find(_ENTRY)
        while 0 <= at < len(data) - _FLAGS_HIGH:
            data[at + _VERSION_NEEDED] = _OLD
            data[at + _FLAGS_HIGH] &= ~_NAME_IS_UTF8  # names are then read byte by byte
            at = data.find(_ENTRY, at + 1)
        return zipfile.ZipFile(io.BytesIO(data))


def check_limits(archive: zipfile.ZipFile, name: str) -> None:
    """Raise CitationError, naming ``name``, where the archive says it is larger than is read."""
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise CitationError(
            f"{name}: the archive holds {len(members):,} files; up to {MAX_MEMBERS:,} are read. "
            "Split it."
        )
    unpacked = sum(member.file_size for member in members)
    packed = max(sum(member.compress_size for member in members), 1)
    if unpacked > MAX_UNPACKED_BYTES:
        raise CitationError(
            f"{name}: the archive unpacks to {unpacked / 1e6:,.0f} MB; up to "
            f"{MAX_UNPACKED_BYTES / 1e6:,.0f} MB are read. Split it."
        )
    if unpacked > _RATIO_FREE_BYTES and unpacked > MAX_RATIO * packed:
        raise CitationError(
            f"{name}: the archive unpacks to {unpacked / packed:,.0f} times its size, which no "
            f"bibliography does (limit {MAX_RATIO}). It is not opened."
        )
