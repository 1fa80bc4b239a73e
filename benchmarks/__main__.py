"""``python -m benchmarks NAME [OPTIONS]``: run one or more measurements and print their tables."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path

ALIASES = {"import": "importing"}  # `import` cannot be the name of a module


def main(arguments: list[str]) -> int:
    """Run the benchmarks named first, with the options that follow them."""
    here = Path(__file__).parent
    known = sorted(
        path.stem
        for path in (*here.glob("*.py"), *(init.parent for init in here.glob("*/__init__.py")))
        if not path.stem.startswith("_")
    )
    names = []
    while arguments and not arguments[0].startswith("-"):
        names.append(ALIASES.get(arguments[0], arguments[0]))
        arguments = arguments[1:]
    unknown = [name for name in names if name not in known]
    if unknown or not names:
        print(__doc__)
        print("Benchmarks:", ", ".join(["import", *(n for n in known if n != "importing")]))
        return 2
    return max(import_module(f"benchmarks.{name}").main(arguments) for name in names)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
