"""What components send to the browser, written out once and kept.

Streamlit writes a dictionary out twice in each run of a page, bytes never. In the browser,
``unpacked`` of ``page/elements.js`` reads them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

__all__ = ["packed"]


def packed(data: Mapping[str, Any]) -> bytes:
    """Write ``data`` as JSON in UTF-8. Raises ValueError for numbers that JSON does not have."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode()
