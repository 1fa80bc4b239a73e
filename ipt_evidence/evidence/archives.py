"""A folder, or a ZIP file that holds one: opened within bounds, and cleaned up afterwards."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from ipt_evidence.errors import DataError

__all__ = ["opened_folder"]

MAX_UNPACKED_BYTES = 256 * 1024 * 1024  # a database of trials is some megabytes; more is an attack
MAX_MEMBERS = 2000


@contextmanager
def opened_folder(place: Path, marker: str) -> Iterator[Path]:
    """The folder that ``place`` is, or that the ZIP file ``place`` holds, as a context.

    Parameters
    ----------
    place
        A folder, or a ZIP file as GitHub and Zenodo hand them out (one folder inside is fine).
    marker
        A file that the folder must hold, by which it is recognised.

    Raises
    ------
    DataError
        When there is nothing, the archive is damaged, too large, or points outside itself, or
        the marker is in none or in several of its folders.
    """
    if place.is_dir():
        yield _holding(place, marker, place)
        return
    if not place.is_file():
        raise DataError(f"{place} is neither a folder nor a file. Name a folder or a ZIP file")
    unpacked = Path(tempfile.mkdtemp(prefix="ipt-evidence-"))
    try:
        _unpack(place, unpacked)
        yield _holding(unpacked, marker, place)
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)


def _unpack(archive: Path, target: Path) -> None:
    try:
        with zipfile.ZipFile(archive) as file:
            members = [member for member in file.infolist() if not member.is_dir()]
            _check_members(archive, members)
            left = MAX_UNPACKED_BYTES
            for member in members:
                path = target / PurePosixPath(member.filename)
                path.parent.mkdir(parents=True, exist_ok=True)
                with file.open(member) as source:
                    content = source.read(left + 1)  # sizes in the directory may lie
                left -= len(content)
                if left < 0:
                    raise _too_large(archive)
                path.write_bytes(content)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, EOFError) as err:
        raise DataError(
            f"{archive} is not a ZIP file that can be opened ({err}). Fetch it again, or unpack "
            "it yourself and name the folder"
        ) from err
    except OSError as err:
        raise DataError(f"{archive} cannot be unpacked: {err.strerror or err}") from err


def _check_members(archive: Path, members: list[zipfile.ZipInfo]) -> None:
    if len(members) > MAX_MEMBERS or sum(m.file_size for m in members) > MAX_UNPACKED_BYTES:
        raise _too_large(archive)
    for member in members:
        name = PurePosixPath(member.filename.replace("\\", "/"))
        if name.is_absolute() or ".." in name.parts or ":" in member.filename:
            raise DataError(
                f"{archive}: the member {member.filename!r} points outside the archive. Nothing "
                "was unpacked; do not trust this file"
            )


def _too_large(archive: Path) -> DataError:
    return DataError(
        f"{archive} holds more than {MAX_MEMBERS} files or {MAX_UNPACKED_BYTES // 1024**2} MB. "
        "Unpack it yourself and name the folder"
    )


def _holding(folder: Path, marker: str, place: Path) -> Path:
    """The folder that holds ``marker``: ``folder`` itself, or one inside it."""
    if (folder / marker).is_file():
        return folder
    found = [] if folder == place else sorted(path.parent for path in folder.rglob(marker))
    if len(found) == 1:
        return found[0]
    if found:
        names = ", ".join(str(path.relative_to(folder)) for path in found[:5])
        raise DataError(f"{place} holds {marker} in several folders ({names}). Name one of them")
    raise DataError(f"{place} holds no {marker}. Is it the right folder?")
