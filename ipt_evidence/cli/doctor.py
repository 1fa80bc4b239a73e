"""``doctor``: what this installation has, what it lacks, and how to fix that."""

from __future__ import annotations

import os
import platform
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

import click

from ipt_evidence import paths
from ipt_evidence.about import VERSION
from ipt_evidence.cli.output import data_option, echo_json, json_option
from ipt_evidence.errors import EvidenceError
from ipt_evidence.wording.phrases import numbered

__all__ = ["cannot_listen", "doctor_command"]

GOOD, NOTE, FAULT = "ok", "note", "fault"
_SIGNS = {GOOD: "ok   ", NOTE: "note ", FAULT: "FAULT"}
_PACKAGES = ("pandas", "numpy", "scipy", "streamlit", "plotly", "lxml", "openpyxl", "requests")
_R_PACKAGES = ("metafor", "clubSandwich")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: its state, what was found, and what to do about it."""

    name: str
    state: str
    found: str
    remedy: str = ""


@click.command("doctor")
@click.option("--network", is_flag=True, help="Also try to reach each service.")
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True)
@json_option
@data_option
def doctor_command(network: bool, port: int, as_json: bool, data: Path | None) -> None:
    """Look whether everything is there that the explorer needs, and say how to fix the rest.

    Nothing is changed, and nobody is asked unless --network is given. Exits with 1 when something
    does not work; what is only missing for some purposes is a note.
    """
    folder = data or paths.default_data_folder()
    found = [*_versions(), *_evidence(folder), *_places(folder), _port(port), *_programs()]
    if network:
        found += _network()
    if as_json:
        echo_json({"findings": [asdict(one) for one in found], "sound": not _faults(found)})
    else:
        for one in found:
            click.echo(f"{_SIGNS[one.state]}  {one.name}: {one.found}")
            if one.remedy:
                click.echo(f"       {one.remedy}")
    if _faults(found):
        sys.exit(1)


def _faults(found: list[Finding]) -> bool:
    return any(one.state == FAULT for one in found)


def _versions() -> Iterator[Finding]:
    where = paths.checkout()
    place = f"checkout {where}" if where else "installed package"
    yield Finding("ipt-evidence", GOOD, f"{VERSION}, {place}")
    old = sys.version_info < (3, 11)
    yield Finding(
        "Python", FAULT if old else GOOD, f"{platform.python_version()} on {platform.system()}",
        "Use Python 3.11 or newer" if old else "",
    )  # fmt: skip
    for name in _PACKAGES:
        try:
            yield Finding(name, GOOD, metadata.version(name))
        except metadata.PackageNotFoundError:
            yield Finding(name, FAULT, "missing", "Install the package again: make run, or pip")


def _evidence(folder: Path) -> Iterator[Finding]:
    from ipt_evidence.evidence.base import EvidenceBase

    try:
        base = EvidenceBase.load(folder)
    except EvidenceError as err:
        yield Finding(
            "evidence", FAULT, str(err), "Restore the folder, or name another: --data DIR"
        )
        return
    count = (
        f"version {base.version}, {numbered(len(base.studies), 'study')}, "
        f"{numbered(len(base.effects), 'effect')}"
    )
    if base.problems:
        yield Finding(
            "evidence", NOTE, f"{count}; {len(base.problems)} rows are left out",
            f"See them with validate. The first: {base.problems[0]}",
        )  # fmt: skip
    else:
        yield Finding("evidence", GOOD, f"{count}, in {folder}")


def _places(folder: Path) -> Iterator[Finding]:
    if os.access(folder, os.W_OK):
        yield Finding("data folder", GOOD, f"{folder} can be written")
    else:
        yield Finding(
            "data folder", NOTE, f"{folder} cannot be written",
            "Reading needs no more. To release, update or enrich, use a copy: --data DIR",
        )  # fmt: skip
    yield _cache()
    free = shutil.disk_usage(tempfile.gettempdir()).free / 1e6
    short = free < _LEAST_FREE
    where = f"{free:,.0f} MB free in {tempfile.gettempdir()}"
    yield Finding(
        "temporary files", NOTE if short else GOOD, where,
        "Make room, or set TMPDIR to another folder" if short else "",
    )  # fmt: skip


_LEAST_FREE = 200.0  # megabytes: a database of trials is unpacked there


def _cache() -> Finding:
    from ipt_evidence.services.settings import Settings

    try:
        place = Settings.from_environment().folder()
    except EvidenceError as err:
        return Finding("settings", FAULT, str(err))
    there = place
    while not there.exists() and there != there.parent:
        there = there.parent
    if there.is_dir() and os.access(there, os.W_OK):
        return Finding("cache of replies", GOOD, f"{place} can be written")
    return Finding(
        "cache of replies", NOTE, f"{place} cannot be written",
        "Only enrich, update and import-metapsy need it: set IPT_EVIDENCE_CACHE to another folder",
    )  # fmt: skip


def _port(port: int) -> Finding:
    if why := cannot_listen("127.0.0.1", port):
        return Finding(
            "port", NOTE, f"{port} is taken ({why})",
            "The explorer may be running already; else: run --port 8502",
        )  # fmt: skip
    return Finding("port", GOOD, f"{port} is free")


def cannot_listen(address: str, port: int) -> str:
    """Why no server can listen there, in the words of the system; empty where one can."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as err:
            return str(err.strerror or err)
    return ""


def _programs() -> Iterator[Finding]:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    yield Finding(
        "Chromium", GOOD if chromium else NOTE, chromium or "not found",
        "" if chromium else "Only tests in a browser need it (Debian: apt install chromium)",
    )  # fmt: skip
    rscript = shutil.which("Rscript")
    if rscript is None:
        remedy = "Only exported R programs and their tests need it (Debian: apt install r-base)"
        yield Finding("R", NOTE, "not found", remedy)
        return
    for name in _R_PACKAGES:
        asked = [rscript, "-e", f'cat(as.character(packageVersion("{name}")))']
        try:
            done = subprocess.run(  # noqa: S603 - our own words, no shell
                asked, capture_output=True, text=True, timeout=30, check=False
            )
            version = done.stdout.strip() if done.returncode == 0 else ""
        except (OSError, subprocess.TimeoutExpired):
            version = ""
        remedy = "" if version else f'For exported R programs: install.packages("{name}")'
        yield Finding(f"R: {name}", GOOD if version else NOTE, version or "not installed", remedy)


def _network() -> list[Finding]:
    from ipt_evidence.services.connection import unreachable
    from ipt_evidence.services.settings import SERVICES, Settings

    settings = Settings.from_environment()
    found = []
    for name, service in SERVICES.items():
        why = unreachable(settings.url(name), settings.timeout)
        remedy = "" if not why else "See to the connection, or set a mirror: " + service.variable
        state, said = (NOTE, why) if why else (GOOD, "answers")
        found.append(Finding(service.label, state, said, remedy))
    return found
