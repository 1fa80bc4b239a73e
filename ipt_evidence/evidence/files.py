"""Files: replaced in one step; ZIP files read within bounds, and written reproducibly."""

from __future__ import annotations

import io
import os
import shutil
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path, PurePosixPath

from ipt_evidence.errors import DataError

__all__ = [
    "new_folder",
    "opened_folder",
    "read_bytes",
    "read_text",
    "replaced",
    "write_atomically",
    "write_bytes_atomically",
    "write_new_folder",
    "write_together",
    "writing",
    "zipped",
]

MAX_FILE_BYTES = 64 * 1024 * 1024  # an evidence base is small; more is a mistake or an attack
MAX_UNPACKED_BYTES = 256 * 1024 * 1024  # a database of trials is some megabytes; more is an attack
MAX_MEMBERS = 2000
PATIENCE = 10.0  # seconds that one writer waits for another
_LOOK = 0.05
_FOLDER = 0o755


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


_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip can hold: stands for "no time"
_UNIX = 3  # whatever this machine is
_READABLE = 0o644 << 16


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The bytes of a zip with these files, in the order given, without any time of day."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr, entry.create_system = _READABLE, _UNIX
            archive.writestr(entry, content)
    return buffer.getvalue()


def read_bytes(path: Path) -> bytes:
    """The content of a file of at most `MAX_FILE_BYTES`; DataError when it cannot be read."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise DataError(f"{path} is larger than {MAX_FILE_BYTES // 1024**2} MB. Split it.")
        return path.read_bytes()
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing. Restore it, or name another evidence base with --data DIR"
        ) from None
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err


def read_text(path: Path) -> str:
    """The text of a UTF-8 file, with or without a byte order mark; line ends are unified.

    Raises
    ------
    DataError
        When the file cannot be read or is not UTF-8.
    """
    try:
        text = read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as err:
        raise DataError(
            f"{path} is not UTF-8 (byte {err.start}). Save it as UTF-8 and try again"
        ) from err
    return text.replace("\r\n", "\n").replace("\r", "\n")


def write_atomically(path: Path, text: str | Iterable[str]) -> None:
    """Replace ``path`` by ``text``, whole or in pieces that are made one by one; see `replaced`."""
    pieces = (text,) if isinstance(text, str) else text
    with replaced(path) as place, place.open("w", encoding="utf-8", newline="") as file:
        file.writelines(pieces)


@contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """Where to write what ``folder``, which is new or empty, will hold: there is all of it or none.

    Raises
    ------
    DataError
        When the folder holds something already, or cannot be written.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if folder.exists() and any(folder.iterdir()):
            raise DataError(f"{folder} is not empty. Name a new folder: nothing is replaced")
        place = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", suffix=".new", dir=folder.parent))
    except OSError as err:
        raise _cannot_write(folder, err) from err
    try:
        yield place
        place.chmod(_FOLDER)
        if folder.exists():
            folder.rmdir()
        place.rename(folder)
    except OSError as err:
        raise _cannot_write(folder, err) from err
    finally:
        shutil.rmtree(place, ignore_errors=True)


def write_new_folder(folder: Path, texts: Mapping[str, str]) -> None:
    """Write text files, by their path inside ``folder``, into a folder that is empty or new.

    Raises DataError as `new_folder` does.
    """
    with new_folder(folder) as place:
        for name, text in texts.items():
            write_atomically(place / name, text)


def write_together(texts: Mapping[Path, str]) -> None:
    """Replace several files: all are written whole before the first is put in its place.

    They are put there in the order given. What is read to see whether the others count comes last.
    """
    with ExitStack() as stack:
        for path, text in reversed(
            list(texts.items())
        ):  # the last to be left is put in its place last
            place = stack.enter_context(replaced(path))
            place.write_text(text, encoding="utf-8", newline="")


def write_bytes_atomically(path: Path, content: bytes) -> None:
    """As `write_atomically`, for files that are not text."""
    with replaced(path) as place:
        place.write_bytes(content)


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """Where to write what replaces ``path`` in one step: a reader sees the old file or the new.

    When writing fails, the old file stays as it was. A link is written through; a device or pipe,
    which cannot be replaced, is written directly. A folder that is missing is made, those above
    it are not.

    Raises
    ------
    DataError
        When the file cannot be written, for instance on a full disk.
    """
    target = path.resolve()
    if target.exists() and not target.is_file():
        yield target
        return
    # Of this thread alone: two writers at once must not write into the same file.
    own = f"{os.getpid()}-{threading.get_ident()}"
    temporary = target.with_name(f".{target.name}.{own}.new")
    try:
        target.parent.mkdir(exist_ok=True)
        yield temporary
        with temporary.open("rb+") as file:
            os.fsync(file.fileno())  # or after a loss of power the name may lead to an empty file
        temporary.replace(target)
    except OSError as err:
        raise _cannot_write(path, err) from err
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


def _cannot_write(path: Path, err: OSError) -> DataError:
    return DataError(
        f"{path} cannot be written: {err.strerror or err}. What was there is as it was; see to "
        "the space and the permissions, and try again"
    )


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Keep other writers out of ``folder`` while the context lasts, from reading to writing.

    The lock is the system's and goes with the process, however that ends; it leaves no file. On
    Windows, which does not lock folders, there is none.

    Raises
    ------
    DataError
        When another writer does not end within `PATIENCE` seconds.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        yield  # what is wrong with the folder is said by who reads it
        return
    try:
        end = time.monotonic() + PATIENCE
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > end:
                    raise DataError(
                        f"Another program is writing into {folder}. Nothing was changed: wait "
                        "until it has ended, and try again"
                    ) from None
                time.sleep(_LOOK)
            except OSError:  # a file system without locks, such as some of a network
                break
        yield
    finally:
        os.close(descriptor)
