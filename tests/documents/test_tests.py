"""No test of this project can pass without having asserted something.

Read from the source: every test must reach an assertion on every way through it. A loop counts only
where what it runs over is written out (or a constant); an `all()` over anything else does not.
A property of Hypothesis may hold emptily for some of its examples, so it only needs an assertion.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
ASSERTING = {"raises", "warns", "fail", "expect"}
# Calls that give as many items as they are given.
KEEPING = {"range", "sorted", "enumerate", "zip", "list", "tuple", "set", "reversed", "items",
           "values", "keys", "product", "split"}  # fmt: skip
Function = ast.FunctionDef


def name_of(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def holds_assertion(node: ast.AST, helpers: set[str]) -> bool:
    return any(
        isinstance(part, ast.Assert)
        or (isinstance(part, ast.Raise) and "AssertionError" in ast.dump(part))
        or (
            isinstance(part, ast.Call)
            and (
                name_of(part).startswith("assert_") or name_of(part) in ASSERTING
                or (isinstance(part.func, ast.Name) and part.func.id in helpers)
            )
        )
        for part in ast.walk(node)
    )  # fmt: skip


def written_out(value: ast.expr | None, known: set[str]) -> bool:
    """True where ``value`` certainly has an item."""
    match value:
        case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
            return any(not isinstance(item, ast.Starred) for item in items)
        case ast.Dict(keys=items):
            return bool(items)
        case ast.Constant():
            return bool(value.value)
        case ast.Name(id=name):
            return name in known or name.isupper()
        case ast.Call() if name_of(value) in KEEPING:
            parts = [*value.args, *([value.func.value] if hasattr(value.func, "value") else [])]
            return any(written_out(part, known) for part in parts)
    return False


def may_be_empty(test: ast.expr, known: set[str]) -> bool:
    """``all(... for x in xs)``, which is true of no x."""
    if not (isinstance(test, ast.Call) and name_of(test) == "all" and test.args):
        return False
    inside = test.args[0]
    if not isinstance(inside, ast.GeneratorExp | ast.ListComp):
        return False
    return not written_out(inside.generators[0].iter, known)


def always_asserts(body: list[ast.stmt], helpers: set[str], known: set[str]) -> bool:
    known = set(known)
    for line in body:
        match line:
            case ast.Return() | ast.FunctionDef():
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                if written_out(value, known):
                    known.add(name)
                found = holds_assertion(line, helpers)
            case ast.AnnAssign(target=ast.Name(id=name), value=value):
                if written_out(value, known):
                    known.add(name)
                found = False
            case ast.Assert(test=test):
                found = not may_be_empty(test, known)
            case ast.If():
                ways = (line.body, line.orelse)
                found = all(always_asserts(way, helpers, known) for way in ways)
            case ast.Match():
                ways = [case.body for case in line.cases]
                last = line.cases[-1].pattern
                if not (isinstance(last, ast.MatchAs) and last.pattern is None):
                    ways.append([])  # no case may fit
                found = all(always_asserts(way, helpers, known) for way in ways)
            case ast.For():
                found = written_out(line.iter, known) and always_asserts(line.body, helpers, known)
            case ast.While():
                found = False
            case ast.With():
                found = any(holds_assertion(item, helpers) for item in line.items)
                found = found or always_asserts(line.body, helpers, known)
            case ast.Try():
                ways = [[*line.body, *line.orelse], *(handler.body for handler in line.handlers)]
                found = all(always_asserts(way, helpers, known) for way in ways)
                found = found or always_asserts(line.finalbody, helpers, known)
            case _:
                found = holds_assertion(line, helpers)
        if found:
            return True
    return False


def early_return(body: list[ast.stmt], helpers: set[str]) -> int | None:
    """The line of a return that may be reached before any assertion."""
    for line in body:
        if isinstance(line, ast.Return):
            return line.lineno
        if isinstance(line, ast.FunctionDef | ast.ClassDef):
            continue
        blocks = [getattr(line, part, []) for part in ("body", "orelse", "finalbody")]
        blocks += [way.body for way in getattr(line, "handlers", getattr(line, "cases", []))]
        for block in blocks:
            found = early_return(block, helpers) if isinstance(block, list) else None
            if found is not None:
                return found
        if holds_assertion(line, helpers):
            return None
    return None


def faults(source: str, shared: set[str] = frozenset()) -> Iterator[str]:  # type: ignore[assignment]
    tree = ast.parse(source)
    functions = [node for node in ast.walk(tree) if isinstance(node, Function)]
    helpers = set(shared)
    for _ in range(3):  # helpers of helpers
        helpers |= {f.name for f in functions if holds_assertion(f, helpers)}
    for test in functions:
        if not test.name.startswith("test_"):
            continue
        line = early_return(test.body, helpers)
        drawn = any("given" in ast.dump(item) for item in test.decorator_list)
        if line is not None:
            yield f"{line} {test.name} may return before it has asserted anything"
        elif not holds_assertion(test, helpers):
            yield f"{test.lineno} {test.name} asserts nothing"
        elif not drawn and not always_asserts(test.body, helpers, set()):
            yield f"{test.lineno} {test.name} may pass without asserting anything"


def test_every_test_asserts_on_every_way_through_it() -> None:
    files = sorted(TESTS.rglob("*.py"))
    assert len(files) > 100
    shared = {
        node.name
        for path in files
        if not path.name.startswith("test_")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, Function) and holds_assertion(node, set())
    }
    found = [
        f"{path.relative_to(TESTS)}:{fault}"
        for path in files
        if path.name.startswith("test_")
        for fault in faults(path.read_text("utf-8"), shared)
    ]
    assert found == [], "\n".join(found)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("x = 1", "asserts nothing"),
        ("if x: return\n assert x", "may return"),
        ("for y in x: assert y", "may pass"),
        ("if x: assert y", "may pass"),
        ("assert all(y for y in x)", "may pass"),
        ("try: assert x\n except E: pass", "may pass"),
        ("try: f()\n except E: return\n assert x", "may return"),
        ("for y in (1, 2): assert y", None),
        ("assert x\n for y in x: assert y", None),
        ("with pytest.raises(E): x()", None),
        ("if x: assert y\n else: assert z", None),
    ],
)
def test_the_reader_of_tests_sees_what_it_should(body: str, words: str | None) -> None:
    found = list(faults(f"def test_one(x, y):\n {body}\n"))
    assert len(found) == (words is not None)
    assert words is None or words in found[0]
