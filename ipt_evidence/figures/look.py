"""How a figure is drawn for one reader: colour of the condition, theme and room."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Look"]


class Look(NamedTuple):
    """The reader's theme and screen.

    Attributes
    ----------
    condition
        Top-level condition, for its colour; None takes the accent colour.
    dark
        Colours for the dark theme.
    compact
        Layout for narrow screens, from 320 to some 700 pixels.
    wide
        There is room for further columns beside a figure.
    """

    condition: str | None = None
    dark: bool = False
    compact: bool = False
    wide: bool = False

    @property
    def drawing(self) -> dict[str, Any]:
        """The keyword arguments that every figure takes."""
        return {"condition": self.condition, "dark": self.dark, "compact": self.compact}
