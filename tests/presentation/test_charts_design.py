"""The promises of the design system: readable text, colours that stay apart, one typeface."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from ipt_evidence.analyses.coverage import timeline
from ipt_evidence.figures import template as design
from ipt_evidence.figures.lettering import escape, line_breaks, shorten, text_width
from ipt_evidence.figures.look import Look

ROOT = Path(__file__).parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
TEXT, MARK = 4.5, 3.0  # WCAG 2.2, 1.4.3 and 1.4.11
APART = 0.09  # distance in OKLab; 0.02 is about the smallest difference one sees side by side

# Machado, Oliveira & Fernandes (2009), severity 1.0, for linear RGB.
VISION = {
    "usual": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
         [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
         [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
         [0.004733, 0.691367, 0.303900]]
    ),
}  # fmt: skip


def linear(colour: str) -> np.ndarray:
    srgb = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    to_cones = np.array(
        [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
         [0.0883024619, 0.2817188376, 0.6299787005]]
    )  # fmt: skip
    to_lab = np.array(
        [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
         [0.0259040371, 0.7827717662, -0.8086757660]]
    )  # fmt: skip
    return to_lab @ np.cbrt(to_cones @ np.clip(rgb, 0, 1))


def test_contrast_is_that_of_wcag() -> None:
    assert design.contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert design.contrast("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)
    assert design.contrast("#FFFFFF", "#777777") == design.contrast("#777777", "#FFFFFF")


@pytest.mark.parametrize("dark", [False, True])
def test_text_and_marks_stand_out(dark: bool) -> None:
    colours = design.palette(dark)
    for ground in (colours.paper, colours.panel):
        for text in (colours.ink, colours.muted, colours.accent):
            assert design.contrast(text, ground) >= TEXT
    for condition in design.CONDITION_COLOURS:
        assert design.contrast(design.condition_colour(condition, dark), colours.paper) >= MARK
        named = timeline.label_colour(condition, Look(dark=dark))
        assert design.contrast(named, colours.paper) >= TEXT
    for mark in design.ROB_MARKS.values():
        disc = mark.colour(dark)
        letter = design.readable_on(disc) if mark.filled else disc
        assert design.contrast(letter, disc if mark.filled else colours.paper) >= TEXT


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("dark", [False, True])
def test_condition_colours_stay_apart_in_every_vision(dark: bool, vision: str) -> None:
    seen = {
        condition: oklab(VISION[vision] @ linear(design.condition_colour(condition, dark)))
        for condition in design.CONDITION_COLOURS
    }
    assert len(seen) > 1
    for first, second in itertools.combinations(seen, 2):
        assert np.linalg.norm(seen[first] - seen[second]) >= APART, (first, second)


def test_both_themes_colour_the_same_six_conditions() -> None:
    assert list(design.CONDITION_COLOURS) == list(design.CONDITION_COLOURS_DARK)
    assert list(design.CONDITION_COLOURS) == [
        "depression", "anxiety", "eating_disorders", "postpartum", "chronic_illness", "other",
    ]  # fmt: skip
    assert design.condition_colour("unheard of") == design.CONDITION_COLOURS["other"]


def test_risk_of_bias_is_never_colour_alone() -> None:
    assert set(design.ROB_MARKS) == {"low", "some_concerns", "high", "unclear"}
    assert len({mark.letter for mark in design.ROB_MARKS.values()}) == 4


@pytest.mark.parametrize(("theme", "dark"), [("light", False), ("dark", True)])
def test_pages_and_figures_share_their_colours(theme: str, dark: bool) -> None:
    section, colours = CONFIG["theme"][theme], design.palette(dark)
    assert section["backgroundColor"] == colours.paper
    assert section["secondaryBackgroundColor"] == colours.panel
    assert section["textColor"] == colours.ink
    assert section["linkColor"] == colours.accent
    assert section["chartCategoricalColors"] == [
        design.condition_colour(condition, dark) for condition in design.CONDITION_COLOURS
    ]
    assert len(section["chartSequentialColors"]) == len(section["chartDivergingColors"]) == 10
    # Buttons write in white on the primary colour.
    assert design.contrast("#FFFFFF", section["primaryColor"]) >= TEXT
    assert design.contrast(section["primaryColor"], section["backgroundColor"]) >= MARK
    for hue in ("red", "orange", "yellow", "green", "blue", "violet", "gray"):
        text = section[f"{hue}TextColor"]
        assert design.contrast(text, section[f"{hue}BackgroundColor"]) >= TEXT, hue
        assert design.contrast(text, section["backgroundColor"]) >= TEXT, hue


def test_options_are_known_to_the_installed_streamlit() -> None:
    config = pytest.importorskip("streamlit.config")
    known = set(config.get_config_options())
    assert known and CONFIG["theme"]
    for section, options in CONFIG.items():
        for name, value in options.items():
            if section == "theme" and isinstance(value, dict):
                for inner, deep in value.items():
                    names = deep if isinstance(deep, dict) else {inner: deep}
                    prefix = f"theme.{name}.{inner}" if isinstance(deep, dict) else f"theme.{name}"
                    assert {f"{prefix}.{option}" for option in names} <= known
            else:
                assert f"{section}.{name}" in known


def test_typefaces_are_hosted_here_with_their_licences() -> None:
    fonts = ROOT / "ipt_evidence/dashboard/static/fonts"
    for face in CONFIG["theme"]["fontFaces"]:
        assert (fonts.parents[1] / face["url"].removeprefix("app/")).is_file(), face["url"]
    families = {face["family"] for face in CONFIG["theme"]["fontFaces"]}
    assert families == {"IBM Plex Sans", "Newsreader"}
    for family in families:
        licence = fonts / f"OFL-{family.replace(' ', '-')}.txt"
        assert "SIL Open Font License" in licence.read_text(encoding="utf-8")
    assert sum(file.stat().st_size for file in fonts.iterdir()) < 600_000
    assert CONFIG["server"]["enableStaticServing"] is True


def test_width_of_text_grows_with_what_is_written() -> None:
    assert text_width("") == 0
    assert text_width("00", 10) == pytest.approx(2 * 6.0 * 1.04)
    assert text_width("−0.31") == text_width("+0.31")
    assert text_width("Mossey 1996", bold=True) > text_width("Mossey 1996")
    assert text_width("ü") == text_width("u")


def test_shorten_keeps_to_its_room_and_says_so() -> None:
    name = "Grothe-Wahlström, Łukasiewicz & van der Merwe 1989"
    cut = shorten(name, 120)
    assert cut.endswith("…")
    assert text_width(cut) <= 120
    assert name.startswith(cut.removesuffix("…"))
    assert shorten("Elkin 1989", 120) == "Elkin 1989"


def test_names_cannot_be_markup() -> None:
    assert escape('<a href="javascript:x">A</a> &\n B') == (
        '&lt;a href="javascript:x"&gt;A&lt;/a&gt; &amp; B'
    )


def test_line_breaks_keep_every_word() -> None:
    text = "Dot and thick line: pooled effect with its 95% CI."
    lines = line_breaks(text, 120)
    assert " ".join(lines) == text
    assert len(lines) > 1
    assert all(text_width(line, 12.0) <= 120 for line in lines)
    assert line_breaks("", 100) == []
