"""How a figure is drawn for one reader: colour of the condition, theme and room."""

from __future__ import annotations

from typing import NamedTuple

from ipt_evidence.figures.template import Palette, condition_colour, palette

__all__ = ["USUAL", "Look"]


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
    def colours(self) -> Palette:
        """The colours of the theme."""
        return palette(self.dark)

    @property
    def colour(self) -> str:
        """The colour of the condition, or the accent colour."""
        if self.condition is None:
            return self.colours.accent
        return condition_colour(self.condition, self.dark)


USUAL = Look()
"""Light, with room, in the accent colour."""
