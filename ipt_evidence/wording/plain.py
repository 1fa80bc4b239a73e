"""Results as JSON holds them, whatever they are made of."""

from __future__ import annotations

import math
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["plain"]


def plain(value: Any, *, missing: str | None = None) -> Any:
    """Dictionaries, lists, texts, numbers, booleans and None, whatever came in.

    What is missing, infinite or not a number is None; so is the text ``missing``.
    """
    if is_dataclass(value) and not isinstance(value, type):
        value = asdict(value)
    elif isinstance(value, pd.DataFrame):
        value = value.astype(object).to_dict("records")
    elif isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if isinstance(value, dict):
        return {str(key): plain(item, missing=missing) for key, item in value.items()}
    if isinstance(value, list | tuple | set):
        return [plain(item, missing=missing) for item in value]
    if isinstance(value, Path):
        return str(value)
    if value is None or value is pd.NA or value is pd.NaT or value == missing:
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value
