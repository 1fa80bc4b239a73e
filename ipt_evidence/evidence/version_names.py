"""Names of released data versions: YY.MINOR.PATCH, like 26.1.0.

YY       the year of the release
MINOR    counts the releases of that year in which a study or an effect came, went or moved
PATCH    counts corrections since then that changed no number
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from ipt_evidence.errors import DataError

__all__ = ["VERSIONS_FOLDER", "name_of", "newest", "number", "released_names", "version_path"]

VERSIONS_FOLDER = "versions"
_NAME = re.compile(r"(\d{2})\.(\d{1,4})\.(\d{1,4})")
_DIGITS = 7  # of the fingerprint, enough to tell two unreleased states apart


def number(name: str) -> tuple[int, int, int]:
    """The three numbers of a version's name, in the order in which versions follow each other.

    Raises
    ------
    DataError
        When ``name`` is not of the form YY.MINOR.PATCH.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        raise DataError(f"{name!r} is not a data version. Write YY.MINOR.PATCH, like 26.1.0")
    year, minor, patch = (int(part) for part in match.groups())
    return year, minor, patch


def version_path(folder: Path, name: str) -> Path:
    """Where the snapshot of version ``name`` of the base in ``folder`` stands."""
    number(name)
    return folder / VERSIONS_FOLDER / f"{name}.json"


def released_names(folder: Path) -> tuple[str, ...]:
    """Released versions of the base in ``folder``, oldest first; other files are passed over."""
    names = [path.stem for path in (folder / VERSIONS_FOLDER).glob("*.json")]
    return tuple(sorted(filter(_NAME.fullmatch, names), key=number))


def newest(folder: Path) -> str:
    """The newest released version of the base in ``folder``; empty when none was released."""
    names = released_names(folder)
    return names[-1] if names else ""


def name_of(folder: Path, fingerprint: str) -> str:
    """What the data in ``folder`` are called: the version that a reader cites.

    The newest released version when the files are exactly those of its release, else that
    version with the first digits of the fingerprint (``26.1.0+4f3a2b1``): changed since. A base
    that never released a version goes by its fingerprint.
    """
    name = newest(folder)
    if not name:
        return fingerprint
    path = version_path(folder, name)
    try:
        released = json.loads(path.read_text(encoding="utf-8"))["fingerprint"]
    except (OSError, ValueError, KeyError, TypeError) as err:
        raise DataError(
            f"{path} is not a released version ({err}). Restore it, or remove the file"
        ) from err
    return name if released == fingerprint else f"{name}+{fingerprint[:_DIGITS]}"
