"""What the software is called and which version it is; imports nothing, so that all may read it."""

from __future__ import annotations

__all__ = ["VERSION"]

VERSION = "0.1.0"
