"""The design system of the figures: typeface, colours, and the Plotly template made of them.

Text stands out from its ground by 4.5:1 or more and marks by 3:1 or more (WCAG 2.2, 1.4.3 and
1.4.11), in both themes. The six condition colours were searched for with the colour-vision
simulation of Machado, Oliveira & Fernandes (2009) doi:10.1109/TVCG.2009.113 so that any two of them
stay apart for deuteranopes, protanopes and tritanopes too; the tests measure both promises.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = [
    "CONDITION_COLOURS",
    "CONDITION_COLOURS_DARK",
    "EFFECT_SCALE",
    "EFFECT_SCALE_DARK",
    "FONT",
    "HEADING_FONT",
    "ROB_MARKS",
    "Palette",
    "RobMark",
    "condition_colour",
    "contrast",
    "palette",
    "template",
    "tint",
]

FONT = "'IBM Plex Sans', 'Helvetica Neue', Arial, sans-serif"
HEADING_FONT = "Newsreader, Georgia, 'Times New Roman', serif"
TRANSPARENT = "rgba(0,0,0,0)"


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as #RRGGBB."""

    paper: str  # ground of the page, on which the figures stand
    panel: str  # ground of cards and hover boxes
    ink: str  # text and marks
    muted: str  # secondary text
    rule: str  # axes, the line of no effect
    grid: str  # the quietest lines
    accent: str  # links, the pooled effect, what is chosen


LIGHT = Palette(
    paper="#FBF8F3",
    panel="#F2ECE2",
    ink="#22262E",
    muted="#5B616C",
    rule="#8A8578",
    grid="#E6DFD3",
    accent="#1D5B79",
)
DARK = Palette(
    paper="#12161D",
    panel="#1C222C",
    ink="#ECE7DD",
    muted="#A3A9B5",
    rule="#6F7682",
    grid="#2B323D",
    accent="#8CC4DE",
)

# Top-level condition -> colour on the light ground, and on the dark one.
CONDITION_COLOURS = {
    "depression": "#0E3F74",
    "anxiety": "#A76300",
    "eating_disorders": "#A06AD0",
    "postpartum": "#741B1A",
    "chronic_illness": "#2B9981",
    "other": "#5E616A",
}
CONDITION_COLOURS_DARK = {
    "depression": "#6C8AEE",
    "anxiety": "#E9A13C",
    "eating_disorders": "#D6B3FB",
    "postpartum": "#D2664A",
    "chronic_illness": "#55E0B4",
    "other": "#979CA2",
}

# Seven steps from "favours comparison" over no difference to "favours IPT".
EFFECT_SCALE = ("#8C4A10", "#C4854A", "#E6CDAF", "#F2ECE2", "#BAD5DC", "#5B9CB1", "#1D5B79")
EFFECT_SCALE_DARK = ("#E9A868", "#B5763A", "#6A4A2E", "#2B323D", "#2C5365", "#4C8EA9", "#8CC4DE")


@dataclass(frozen=True, slots=True)
class RobMark:
    """How one level of risk of bias is marked: a letter in a disc, so colour is never alone."""

    letter: str
    word: str
    light: str
    dark: str
    filled: bool = True

    def colour(self, dark: bool) -> str:
        """Choose the colour of the disc for one theme."""
        return self.dark if dark else self.light


ROB_MARKS: dict[str, RobMark] = {
    "low": RobMark("L", "low", "#17708A", "#6FC3D6"),
    "some_concerns": RobMark("S", "some concerns", "#E0A93B", "#E8B64C"),
    "high": RobMark("H", "high", "#A83224", "#F0836F"),
    "unclear": RobMark("?", "unclear", "#5B616C", "#A3A9B5", filled=False),
}


def palette(dark: bool = False) -> Palette:
    """Choose the colours of one theme."""
    return DARK if dark else LIGHT


def condition_colour(condition: str, dark: bool = False) -> str:
    """Give the colour of a top-level condition; an unknown id has that of `other`."""
    colours = CONDITION_COLOURS_DARK if dark else CONDITION_COLOURS
    return colours.get(condition, colours["other"])


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Measure the contrast of two #RRGGBB colours, 1 to 21, as WCAG 2.2 defines it."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def tint(colour: str, opacity: float) -> str:
    """Make a #RRGGBB colour see-through; ``opacity`` from 0 to 1."""
    red, green, blue = (int(colour[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def readable_on(ground: str) -> str:
    """Choose black ink or white for text on ``ground``, whichever stands out more."""
    return max(("#FFFFFF", "#12161D"), key=lambda colour: contrast(colour, ground))


def _axis(colours: Palette) -> dict[str, object]:
    """Grid, line, title and ticks of an axis."""
    return {
        "gridcolor": colours.grid,
        "gridwidth": 1,
        "linecolor": colours.rule,
        "tickcolor": colours.rule,
        "ticks": "",
        "showline": False,
        "zeroline": False,
        "title": {"font": {"size": 13, "color": colours.muted}, "standoff": 10},
        "tickfont": {"size": 12, "color": colours.muted},
        "automargin": False,
    }


@cache
def template(dark: bool = False) -> go.layout.Template:
    """Build the Plotly template of one theme: transparent ground, quiet grid, our typeface."""
    import plotly.graph_objects as go  # heavy; the colours are wanted without it

    colours = palette(dark)
    scale = EFFECT_SCALE_DARK if dark else EFFECT_SCALE
    steps = [[index / (len(scale) - 1), colour] for index, colour in enumerate(scale)]
    axis = _axis(colours)
    text = {"family": FONT, "size": 13, "color": colours.ink}
    heading = text | {"family": HEADING_FONT, "size": 20}
    return go.layout.Template(
        layout={
            "font": text,
            "title": {"font": heading, "x": 0, "xanchor": "left"},
            "paper_bgcolor": TRANSPARENT,
            "plot_bgcolor": TRANSPARENT,
            "colorway": list((CONDITION_COLOURS_DARK if dark else CONDITION_COLOURS).values()),
            "colorscale": {"diverging": steps},
            "xaxis": axis,
            "yaxis": axis,
            "showlegend": False,
            "hovermode": "closest",
            "hoverlabel": {
                "bgcolor": colours.panel,
                "bordercolor": colours.rule,
                "align": "left",
                "font": text,
            },
            "dragmode": False,
            "separators": ".,",
            "margin": {"l": 8, "r": 8, "t": 8, "b": 8},
        }
    )
