"""Which of many texts hold something: one pass of Arrow's expressions over all of them.

Most values of most records can be taken as they stand. To find that out in Python, value by value,
takes longer than everything else; only the values that are found here are then looked at alone.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["END", "START", "holding"]

_SEPARATOR = "\x02"
START = "^"
END = rf"\x{ord(_SEPARATOR):02x}$"
"""In expressions for `holding`: where a text ends. ``$`` alone would be behind its separator."""


def holding(expression: str, texts: Sequence[str]) -> list[int]:
    """Positions of the texts in which ``expression`` (RE2) occurs, in their order."""
    import numpy as np
    import pyarrow as pa  # type: ignore[import-untyped]
    import pyarrow.compute as pc  # type: ignore[import-untyped]

    if not texts:
        return []
    data = _one_text(texts).encode("utf-8", "replace")  # half a character has no UTF-8
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == ord(_SEPARATOR))
    if len(ends) != len(texts):  # a text holds the separator itself
        return holding(expression, [text.replace(_SEPARATOR, " ") for text in texts])
    offsets = np.zeros(len(texts) + 1, np.int64)
    offsets[1:] = ends + 1
    column = pa.LargeStringArray.from_buffers(len(texts), pa.py_buffer(offsets), pa.py_buffer(data))
    pool = pa.system_memory_pool()
    held = pc.match_substring_regex(column, expression, memory_pool=pool)
    found: list[int] = pc.indices_nonzero(held, memory_pool=pool).to_pylist()
    return found


def _one_text(texts: Sequence[str]) -> str:
    """All texts, a separator behind each."""
    return _SEPARATOR.join([*texts, ""])
