"""Follow ``deploy/Dockerfile`` in a plain Debian without Docker: ``make image-check`` (as root).

    python tests/deploy/chroot.py [--folder FOLDER] [--bind FOLDER ...]

Makes a minimal Debian with debootstrap, runs each step in it as Docker would, makes the tree
read-only, starts the program as its unprivileged user, and asks its health check until it is
content. ``--bind`` shows folders of this machine inside, for pip's configuration and certificates
where packages come from a mirror. Not part of the suite: it needs root, a network and minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 120  # seconds until the started program must be well

Step = tuple[str, str]


def steps(dockerfile: Path) -> Iterator[Step]:
    """Instruction and argument of each line; comments and empty lines are left out."""
    for line in dockerfile.read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest.strip()


def copy(root: Path, argument: str) -> None:
    """Copy files of the checkout as COPY does: a folder's contents, or files into a folder."""
    *sources, target = argument.split()
    place = root / target.lstrip("/")
    for source in map(ROOT.joinpath, sources):
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__")
            shutil.copytree(source, place, dirs_exist_ok=True, ignore=ignored)
        elif target.endswith("/"):
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place)
        else:
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, place)


@contextmanager
def mounted(*arguments: str | Path) -> Iterator[None]:
    """A mount for as long as the context lasts."""
    target = Path(arguments[-1])
    target.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", *map(str, arguments)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(target)], check=True)


class Image:
    """The chroot, with what ENV, WORKDIR and USER have set so far."""

    def __init__(self, root: Path) -> None:
        """``root`` is a Debian that debootstrap has made."""
        self.root, self.user, self.folder = root, "root", "/"
        self.environment = {"PATH": os.defpath + ":/usr/sbin:/sbin", "LANG": "C.UTF-8"}

    def command(self, arguments: list[str], user: str | None = None) -> list[str]:
        """The command line that runs ``arguments`` inside."""
        name = user or self.user
        inside = f"cd {shlex.quote(self.folder)} && exec {shlex.join(arguments)}"
        who = [f"--userspec={name}:{'root' if name == 'root' else name}"]
        return ["chroot", *who, str(self.root), "/bin/sh", "-c", inside]

    def follow(self, word: str, argument: str, extra: dict[str, str]) -> None:
        """Do one step; ``extra`` is environment that only RUN sees."""
        if word == "RUN":
            print(f"RUN {argument[:110]}", flush=True)
            inside = self.command(["/bin/sh", "-c", argument])
            environment = {**self.environment, **extra}
            done = subprocess.run(inside, env=environment, capture_output=True, check=False)
            if done.returncode:
                raise SystemExit(
                    f"This step failed:\n{(done.stdout + done.stderr)[-3000:].decode()}"
                )
        elif word == "COPY":
            copy(self.root, argument)
        elif word == "ENV":
            self.environment.update(pair.split("=", 1) for pair in shlex.split(argument))
        elif word == "WORKDIR":
            self.folder = argument
        elif word == "USER":
            self.user = argument


def well(image: Image, check: list[str], server: subprocess.Popen[bytes]) -> float:
    """Seconds until the health check is content."""
    start = time.monotonic()
    while time.monotonic() - start < PATIENCE:
        if server.poll() is not None:
            raise SystemExit(f"The program stopped with code {server.returncode}")
        done = subprocess.run(
            image.command(check), env=image.environment, capture_output=True, check=False
        )
        if done.returncode == 0:
            return time.monotonic() - start
        time.sleep(0.5)
    raise SystemExit(f"The health check is not content after {PATIENCE} s: {done.stderr.decode()}")


def build(root: Path, binds: list[str]) -> tuple[Image, dict[str, list[str]]]:
    """Follow every step; the image, and its CMD and HEALTHCHECK as argument lists."""
    lines = list(steps(ROOT / "deploy" / "Dockerfile"))
    release = dict(lines)["FROM"].partition(":")[2].removesuffix("-slim")
    print(f"FROM a plain Debian {release}", flush=True)
    subprocess.run(["debootstrap", "--variant=minbase", release, str(root)], check=True,
                   stdout=subprocess.DEVNULL)  # fmt: skip
    shutil.copy("/etc/resolv.conf", root / "etc" / "resolv.conf")
    extra = {name: value for name, value in os.environ.items()
             if name.startswith("PIP_") or "CA_BUNDLE" in name or "SSL_CERT" in name}  # fmt: skip
    image, commands = Image(root), {}
    with ExitStack() as stack:
        for folder in binds:
            stack.enter_context(mounted("--bind", "-o", "ro", folder, root / folder.lstrip("/")))
        for word, argument in lines:
            image.follow(word, argument, extra)
            if word in ("CMD", "HEALTHCHECK"):
                commands[word] = json.loads(argument[argument.index("[") :])
    return image, commands


def main() -> None:
    """Build, start, ask, stop; exit code 1 with the reason when a step fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="make the Debian here, and keep it")
    parser.add_argument("--bind", action="append", default=[], metavar="FOLDER")
    options = parser.parse_args()
    if os.geteuid() != 0 or shutil.which("debootstrap") is None:
        raise SystemExit("This needs root and debootstrap (apt install debootstrap).")
    with tempfile.TemporaryDirectory() as made, ExitStack() as stack:
        root = options.folder or Path(made) / "root"
        image, commands = build(root, options.bind)
        stack.enter_context(mounted("--bind", root, root))
        subprocess.run(["mount", "-o", "remount,bind,ro", str(root)], check=True)
        stack.enter_context(
            mounted("-t", "tmpfs", "-o", "size=200m,mode=1777", "none", root / "tmp")
        )
        stack.enter_context(mounted("-t", "proc", "proc", root / "proc"))
        with subprocess.Popen(image.command(commands["CMD"]), env=image.environment) as server:
            try:
                seconds = well(image, commands["HEALTHCHECK"], server)
                print(f"well after {seconds:.1f} s, as {image.user}, on a read-only tree")
            finally:
                server.terminate()


if __name__ == "__main__":
    sys.exit(main())
