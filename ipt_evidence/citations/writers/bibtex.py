"""Citations to BibTeX: the original fields where a record had them, else our own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

__all__ = ["write_bibtex"]

_TYPE = re.compile(r"[A-Za-z]+")
_FIELD = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


def write_bibtex(citations: pd.DataFrame) -> str:
    """BibTeX text with one entry a row of ``citations``, in their order.

    Fields are written as they stood in the file that was read (``raw``), so that nothing that we
    do not understand is lost. A value whose braces do not balance would swallow what follows: its
    braces are dropped.
    """
    return "\n".join(_entry(row) for row in citations.to_dict("records"))


def _entry(row: Mapping[Any, Any]) -> str:
    kind = str(row["type"])
    lines = [f"@{kind if _TYPE.fullmatch(kind) else 'misc'}{{{row['key']},"]
    lines += [f"  {name} = {{{_balanced(value)}}}," for name, value in _fields(row["raw"])]
    return "\n".join([*lines, "}\n"])


def _fields(raw: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in raw.items():
        if isinstance(value, str) and value and _FIELD.fullmatch(name):
            yield name, value


def _balanced(value: str) -> str:
    depth = 0
    for position, character in enumerate(value):
        if position and value[position - 1] == "\\":
            continue
        depth += {"{": 1, "}": -1}.get(character, 0)
        if depth < 0:
            break
    return value if depth == 0 else value.replace("{", "").replace("}", "")
