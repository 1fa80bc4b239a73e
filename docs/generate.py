"""What the documentation takes from the code, and formulas as MathML. MkDocs runs this as a hook.

A page names a part in double braces, like ``{{ columns }}``; `PARTS` says which function writes it.
Nothing written here is stored: ``make docs`` writes it anew. Imports of the package's inside stand
in the functions of this one module.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
COPIED = {
    "contributing.md": "CONTRIBUTING.md",
    "json.md": "ipt_evidence/cli/README.md",
    "security.md": "SECURITY.md",
}
NO_BREAK_HYPHEN = "\u2011"
STATIC = ROOT / "ipt_evidence/dashboard/static"


def columns() -> str:
    """The data dictionary: every table and column of the evidence base."""
    from ipt_evidence.evidence.schema import TABLES

    return "\n\n".join(
        f"## {table.file} {{#{table.name}}}\n\n{table.description} Key: `{table.key}`.\n\n"
        f"{_columns(table)}"
        for table in TABLES
    )


def _columns(table: Any) -> str:
    rows = (
        (
            f"`{column.name}`",
            column.type + (", required" if column.required else ""),
            _meaning(column),
        )
        for column in table.columns
    )
    return _table(("Column", "Type", "Meaning and allowed values"), rows)


def _meaning(column: Any) -> str:
    said = [column.description.removesuffix(".") + "."]
    if column.unit:
        said.append(f"Unit: {column.unit}.")
    if column.levels:
        said.append("Allowed: " + ", ".join(f"`{level}`" for level in column.levels) + ".")
    if column.minimum is not None:
        said.append(f"Minimum {column.minimum:g}.")
    if column.references:
        said.append(f"Refers to `{column.references}`.")
    return " ".join(said)


def sources() -> str:
    """Where the numbers come from, with licences and the date of the last search."""
    rows = (
        (
            f"[{source.label}]({source.address})" if source.address else source.label,
            source.last_search.replace("-", NO_BREAK_HYPHEN) or "no systematic search",
            source.licence or "not reported",
        )
        for source in _base().sources.values()
    )
    return _table(("Source", "Last search", "Licence"), rows)


def command_list() -> str:
    """Every command in a line."""
    rows = (
        (f"[`{name}`](#{name})", command.get_short_help_str(limit=100))
        for name, command, _ in _commands()
    )
    return _table(("Command", "What it does"), rows)


def commands() -> str:
    """Every command with its arguments and options, as ``--help`` shows them."""
    return "\n\n".join(_command(name, command, ctx) for name, command, ctx in _commands())


def _commands() -> Iterator[tuple[str, Any, Any]]:
    import click

    from ipt_evidence.cli import cli

    above = click.Context(cli, info_name="python -m ipt_evidence")
    for name in cli.list_commands(above):
        command = cli.get_command(above, name)
        if command is None:
            raise LookupError(f"the command line lists {name!r} and does not know it")
        yield name, command, click.Context(command, info_name=name, parent=above)


def _command(name: str, command: Any, ctx: Any) -> str:
    usage = " ".join(command.collect_usage_pieces(ctx))
    records = (parameter.get_help_record(ctx) for parameter in command.get_params(ctx))
    options = ((f"`{names}`", _plain(about)) for names, about in filter(None, records))
    about = re.sub(r"\s*\n(?!\n)\s*", " ", command.help.replace("\b\n", "")).strip()
    return (
        f"### {name}\n\n```console\n$ python -m ipt_evidence {name} {usage}\n```\n\n"
        f"{html.escape(about, quote=False)}\n\n{_table(('Option', 'Meaning'), options)}"
    )


def _plain(text: str) -> str:
    """Text in which Markdown sees no link: ``[default: 0.6]  [0<=x<1]`` looks like one."""
    return html.escape(text, quote=False).replace("[", "&#91;")


def addresses() -> str:
    """Every address of the REST interface, with the forms in which it answers."""
    paths = _openapi()["paths"]
    rows = []
    for path, operation in paths.items():
        stem, _, form = path.rpartition(".")
        if form == "csv":
            continue
        forms = f"`{path}`, `.csv`" if f"{stem}.csv" in paths else f"`{path}`"
        rows.append((forms, operation["get"]["summary"], _words(operation["get"])))
    return _table(("Address", "Answers with", "Parameters"), rows)


def _words(operation: dict[str, Any]) -> str:
    return ", ".join(f"`{one['name']}`" for one in operation["parameters"]) or "none"


def parameters() -> str:
    """Every parameter of the REST interface with the values that it knows."""
    found: dict[str, dict[str, Any]] = {}
    for operation in _openapi()["paths"].values():
        for one in operation["get"]["parameters"]:
            found.setdefault(one["name"], one["schema"]["items"])
    return _table(("Parameter", "Values"), ((f"`{n}`", _values(s)) for n, s in found.items()))


MANY = 40  # values: more are not printed


def _values(schema: dict[str, Any]) -> str:
    known = schema.get("enum")
    if known and len(known) <= MANY:
        return ", ".join(f"`{value}`" for value in known)
    if known:
        return f"one of {len(known)} identifiers, like `{known[0]}`"
    if schema["type"] == "number":
        below = "below " if "exclusiveMaximum" in schema else ""
        most = schema["exclusiveMaximum"] if below else schema["maximum"]
        return f"a number from {schema['minimum']:g} to {below}{most:g}"
    return "any text"


def glossary() -> str:
    """The glossary of the explorer."""
    from ipt_evidence.analyses.glossary import GLOSSARY
    from ipt_evidence.analyses.lessons.lesson import cite

    written = []
    for key, term in GLOSSARY.items():
        also = f"*Also: {', '.join(term.also)}.*" if term.also else ""
        source = f"Source: {cite(term.work)}." if term.work else ""
        text = "\n\n".join(filter(None, (term.meaning, " ".join(filter(None, (also, source))))))
        written.append(f"### {term.name} {{#{key}}}\n\n{text}")
    return "\n\n".join(written)


def answer() -> str:
    """One answer of the explorer, with the bundled data as they are."""
    from ipt_evidence import Question, estimate
    from ipt_evidence.analyses.answer import answer_sentence

    base = _base()
    return f"> {answer_sentence(base, estimate(base, Question(condition='depression')))}"


def certainty() -> str:
    """The rules by which certainty is suggested."""
    from ipt_evidence.analyses.certainty.domains import RULES

    rows = ((name.replace("_", " ").capitalize(), rule) for name, rule in RULES.items())
    return _table(("Domain", "Rule"), rows)


def settings() -> str:
    """Every environment variable that is read."""
    from ipt_evidence.dashboard.monitoring import LOG_VARIABLE, METRICS_VARIABLE
    from ipt_evidence.exchange.citation import PUBLIC_VARIABLE
    from ipt_evidence.limits import LIMITS
    from ipt_evidence.living.refreshing import REFRESH_VARIABLE
    from ipt_evidence.paths import CORPUS_VARIABLE, DATA_VARIABLE
    from ipt_evidence.services.downloads import HOSTS_VARIABLE
    from ipt_evidence.services.settings import VARIABLES

    known = {
        DATA_VARIABLE: "folder of another evidence base, as `--data` sets it",
        CORPUS_VARIABLE: "folder of a `scan`, whose records Studies and New evidence search, as "
        "`run --corpus` sets it",
        REFRESH_VARIABLE: "`on`: readers of the app may search for new trials and decide on them; "
        "`run` sets it where the server listens on this machine alone",
        PUBLIC_VARIABLE: "the address at which others reach this explorer; citations name it",
        METRICS_VARIABLE: "`on`: `/metrics` answers, in the text format of Prometheus",
        LOG_VARIABLE: "`json`: requests, sessions, runs of pages and errors are logged, one JSON "
        "object a line, without anything about the reader",
        **VARIABLES,
        HOSTS_VARIABLE: "further hosts, separated by commas, for `import-metapsy ADDRESS`",
        **{name: f"{about}; {default} by default" for name, (default, about) in LIMITS.items()},
    }
    return _table(("Variable", "Holds"), ((f"`{name}`", about) for name, about in known.items()))


def services() -> str:
    """The services that can be asked, and how fast each is."""
    from ipt_evidence.services.settings import SERVICES

    rows = (
        (
            one.label,
            f"`{one.url}`",
            f"{one.rate:g}, with a contact address {one.rate_with_contact:g}, "
            f"with a key {one.rate_with_key:g}",
        )
        for one in SERVICES.values()
    )
    return _table(("Service", "Address", "Questions a second, at most"), rows)


def found_an_error() -> str:
    """Where errors are reported."""
    from ipt_evidence.analyses.methods import found_an_error

    return found_an_error()


def public_names() -> str:
    """Every public name, for mkdocstrings to describe."""
    import ipt_evidence

    return "\n\n".join(f"::: ipt_evidence.{name}" for name in ipt_evidence.__all__)


def _base() -> Any:
    from ipt_evidence import EvidenceBase

    return EvidenceBase.load()


@cache  # two parts are written from it, and it takes half a second
def _openapi() -> dict[str, Any]:
    from ipt_evidence.api.answers import openapi

    return openapi(_base())


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(_cell(cell) for cell in line) + " |" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


PARTS: dict[str, Callable[[], str]] = {
    "addresses": addresses,
    "answer": answer,
    "certainty": certainty,
    "columns": columns,
    "command_list": command_list,
    "commands": commands,
    "found_an_error": found_an_error,
    "glossary": glossary,
    "parameters": parameters,
    "public_names": public_names,
    "services": services,
    "settings": settings,
    "sources": sources,
}


def filled(page: str) -> str:
    """``page`` with every part in double braces written out; an unknown one raises KeyError."""
    return re.sub(r"^\{\{ (\w+) \}\}$", lambda found: PARTS[found[1]](), page, flags=re.MULTILINE)


def with_formulas(page: str) -> str:
    r"""``page`` (HTML) with its LaTeX, as arithmatex marks it, as MathML.

    Formulas that stand side by side, with ``\qquad`` between them, wrap where there is no room.
    """
    from latex2mathml.converter import convert

    def formula(found: re.Match[str]) -> str:
        latex = html.unescape(found[2]).strip()[2:-2]  # without \( \) or \[ \]
        display = "block" if found[1] == "div" else "inline"
        drawn = "".join(convert(part.strip(), display=display) for part in latex.split("\\qquad"))
        return f'<{found[1]} class="formula">{drawn}</{found[1]}>'

    return re.sub(r'<(div|span) class="arithmatex">(.*?)</\1>', formula, page, flags=re.DOTALL)


def on_files(files: Any, config: Any) -> Any:
    """Add what stands elsewhere in the repository: pages, the typefaces, the icon."""
    from mkdocs.structure.files import File

    for name, path in COPIED.items():
        text = (ROOT / path).read_text(encoding="utf-8").replace("](docs/", "](")
        files.append(File.generated(config, name, content=text))
    for path in (*sorted(STATIC.glob("fonts/*")), STATIC / "icon.png", STATIC / "overview.png"):
        name = str(path.relative_to(STATIC))
        files.append(File.generated(config, name, abs_src_path=str(path)))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Write the parts that come from the code."""
    return filled(markdown)


def on_page_content(content: str, **_: Any) -> str:
    """Draw the formulas."""
    return with_formulas(content)
