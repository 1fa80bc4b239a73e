"""TOML files of an evidence base: tables into dataclasses, with the place of every fault."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, TypeVar

from ipt_evidence.errors import DataError

__all__ = ["build", "entries", "read_toml"]

_Kind = TypeVar("_Kind")
UNKNOWN = "NA"


def read_toml(path: Path) -> dict[str, Any]:
    """The document in ``path``; DataError with place and remedy when it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise DataError(
            f"{path} is missing. Restore it, or name another evidence base with --data DIR"
        ) from None
    except UnicodeDecodeError as err:
        raise DataError(f"{path} is not UTF-8 (byte {err.start}). Save it as UTF-8") from err
    except tomllib.TOMLDecodeError as err:
        raise DataError(f"{path} is not valid TOML: {err}") from err
    except OSError as err:
        raise DataError(f"{path} cannot be read: {err.strerror}") from err


def entries(document: Mapping[str, Any], name: str, path: Path) -> list[dict[str, Any]]:
    """The tables written as ``[[name]]``; DataError when ``name`` is something else."""
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(entry, dict) for entry in found):
        raise DataError(f"{path}: {name} must be written as [[{name}]]")
    return found


def build(kind: type[_Kind], entry: Mapping[str, Any], place: str) -> _Kind:
    """An instance of the dataclass ``kind`` from one TOML table.

    Fields that ``kind`` does not have are passed over; ``NA`` is as good as absent. Annotations
    decide what fits: ``str``, ``bool``, ``int`` and tuples of text or whole numbers; other fields
    must have been built already.

    Raises
    ------
    DataError
        Naming ``place`` and field, when one is missing or of the wrong type.
    """
    values: dict[str, Any] = {}
    for field in fields(kind):  # type: ignore[arg-type]
        value = entry.get(field.name)
        if value is None or value == UNKNOWN:
            if field.default is MISSING and field.default_factory is MISSING:
                raise DataError(f"{place} has no {field.name}. Fill it in")
            continue
        values[field.name] = _fitted(value, str(field.type), f"{place}: {field.name}")
    return kind(**values)


def _fitted(value: Any, annotation: str, place: str) -> Any:
    if annotation in ("tuple[str, ...]", "tuple[int, ...]"):
        item = str if "str" in annotation else int
        if not isinstance(value, list) or not all(type(part) is item for part in value):
            raise DataError(f"{place} must be a list of {_NAMES[item.__name__]}s")
        return tuple(value)
    if annotation in _NAMES and type(value).__name__ != annotation:
        raise DataError(f"{place} must be a {_NAMES[annotation]}, not {value!r}")
    return value


_NAMES = {"str": "text", "bool": "true or false", "int": "whole number"}
