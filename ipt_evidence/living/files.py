"""The folder ``living/`` of an evidence base: small tables and logs that survive being killed."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from ipt_evidence.errors import DataError
from ipt_evidence.evidence.package import write_atomically
from ipt_evidence.evidence.schema import MISSING

__all__ = ["append_line", "living_folder", "read_lines", "read_rows", "write_rows"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate


def living_folder(folder: Path) -> Path:
    """Where runs keep what they found; it need not exist."""
    return folder / "living"


def read_rows(path: Path, columns: Sequence[str]) -> list[dict[str, str]]:
    """Rows of a CSV as texts, missing as empty; none when there is no file.

    Raises
    ------
    DataError
        When the file cannot be read or lacks a column.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as err:
        raise DataError(f"{path} cannot be read: {err}. Restore it, or remove it") from err
    reader = csv.DictReader(io.StringIO(text, newline=""))
    lacking = [name for name in columns if name not in (reader.fieldnames or ())]
    if lacking:
        raise DataError(f"{path} has no column {', '.join(lacking)}. Restore it, or remove it")
    return [{name: _plain(row.get(name) or "") for name in columns} for row in reader]


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> None:
    """Replace a CSV in one step; empty is written as ``NA``, and no cell is a formula."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_safe(str(row.get(name, "") or "")) for name in columns])
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, buffer.getvalue())


def append_line(path: Path, document: Mapping[str, Any]) -> None:
    """Add one line of JSON, and have it on disk before returning."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torn = path.exists() and not _ends_whole(path)
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if torn else "") + json.dumps(document, ensure_ascii=False) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_lines(path: Path) -> list[dict[str, Any]]:
    """Whole lines of a log; one that was torn by a kill or a full disk is passed over."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return []
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err
    found = []
    for line in text.split("\n"):
        try:
            document = json.loads(line)
        except ValueError:
            continue
        if isinstance(document, dict):
            found.append(document)
    return found


def _ends_whole(path: Path) -> bool:
    with path.open("rb") as file:
        if file.seek(0, os.SEEK_END) == 0:
            return True
        file.seek(-1, os.SEEK_END)
        return file.read(1) == b"\n"


def _safe(text: str) -> str:
    if not text:
        return MISSING
    return f"'{text}" if text.startswith(_FORMULA) else text


def _plain(text: str) -> str:
    if text == MISSING:
        return ""
    return text[1:] if text[:1] == "'" and text[1:].startswith(_FORMULA) else text
