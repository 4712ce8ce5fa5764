"""The product against the worked examples, through an adapter that computes nothing itself."""

import ast
import importlib.util
import json
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

HERE = Path(__file__).parent
CORE = Path(__file__).parents[2] / "src" / "crm_loop"
ADAPTER = ast.parse((HERE / "adapter.py").read_text("utf-8"))
COMPUTING = (
    ast.BinOp, ast.AugAssign, ast.Compare, ast.UnaryOp, ast.For, ast.While, ast.ListComp,
    ast.SetComp, ast.DictComp, ast.GeneratorExp,
)  # fmt: skip


@pytest.fixture(scope="module")
def golden() -> ModuleType:
    spec = importlib.util.spec_from_file_location("golden_run", HERE / "run.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


EXAMPLES = json.loads((HERE / "examples.json").read_text("utf-8"))["examples"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["id"])
def test_the_product_agrees_with_the_worked_example(golden: ModuleType, example: Any) -> None:
    assert golden.judge(example) == []


def test_every_example_has_an_adapter(golden: ModuleType) -> None:
    assert {one["id"] for one in EXAMPLES} <= set(golden.ADAPTERS)


def test_an_unknown_example_is_missing_and_a_wrong_one_differs(
    golden: ModuleType, tmp_path: Path
) -> None:
    known = next(one for one in EXAMPLES if one["id"] == "E1.09")
    wrong = {**known, "expected": {**known["expected"], "accuracy": [0]}}
    examples = [{**known, "id": "E1.09#2"}, {**wrong, "id": "E1.09#3"}, {**known, "id": "X1"}]
    file = tmp_path / "other.json"
    file.write_text(json.dumps({"examples": examples}), "utf-8")
    result = golden.run(file)
    assert (result["total"], result["agree"], result["missing"]) == (3, 1, ["X1"])
    assert {one["id"] for one in result["differences"]} == {"E1.09#3"}


def test_the_copy_of_the_examples_is_the_specification(shared: Path) -> None:
    file = shared / "spec" / "domain_examples.json"
    assert json.loads(file.read_text("utf-8"))["examples"] == EXAMPLES


def test_the_adapter_computes_nothing() -> None:
    assert [ast.unparse(one) for one in ast.walk(ADAPTER) if isinstance(one, COMPUTING)] == []


def test_the_adapter_knows_only_the_product() -> None:
    imported = [one for one in ast.walk(ADAPTER) if isinstance(one, ast.Import | ast.ImportFrom)]
    names = {getattr(one, "module", None) or one.names[0].name for one in imported}
    assert {name.partition(".")[0] for name in names} == {"crm_loop"}


# --- what the product itself reaches ----------------------------------------------------------

Names = dict[str, str]


def module_file(name: str) -> Path | None:
    base = CORE.parent / Path(*name.split("."))
    return next((f for f in (base.with_suffix(".py"), base / "__init__.py") if f.is_file()), None)


def imports_of(tree: ast.AST) -> Names:
    """Local names of everything of ours that is imported, wherever in the module."""
    found: Names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("crm_loop"):
            for one in node.names:
                found[one.asname or one.name] = f"{node.module}.{one.name}"
    return found


def imports_at_top(tree: ast.Module) -> list[ast.stmt]:
    return [node for node in tree.body if isinstance(node, ast.ImportFrom)]


def references(tree: ast.AST, names: Names, own: str, here: set[str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            if node.value.id in names:
                yield f"{names[node.value.id]}.{node.attr}"
        elif isinstance(node, ast.Name):
            if node.id in names:
                yield names[node.id]
            elif node.id in here:
                yield f"{own}.{node.id}"


def defined(tree: ast.Module) -> dict[str, list[ast.stmt]]:
    found: dict[str, list[ast.stmt]] = {}
    for node in tree.body:
        targets = getattr(node, "targets", None) or [getattr(node, "target", node)]
        for one in targets:
            name = getattr(one, "name", None) or getattr(one, "id", None)
            if name:
                found.setdefault(name, []).append(node)
    return found


def reached_from(start: str) -> set[str]:
    """Every name that is mentioned by what is mentioned, from a module and what it imports on."""

    @cache
    def tree_of(module: str) -> ast.Module:
        file = module_file(module)
        assert file
        return ast.parse(file.read_text("utf-8"))

    @cache
    def told_by(module: str) -> tuple[Names, dict[str, list[ast.stmt]]]:
        tree = tree_of(module)
        return imports_of(ast.Module(imports_at_top(tree), [])), defined(tree)

    is_file = cache(module_file)
    modules = {start, *(one.rpartition(".")[0] for one in imports_of(tree_of(start)).values())}
    waiting = [f"{module}.{name}" for module in modules for name in defined(tree_of(module))]
    seen = set[str]()
    while waiting:
        full = waiting.pop()
        if full in seen:
            continue
        seen.add(full)
        module, _, name = full.rpartition(".")
        if is_file(full) or not is_file(module):
            continue
        everywhere, here = told_by(module)
        if name not in here and name in everywhere:
            waiting.append(everywhere[name])
        for node in here.get(name, []):
            # Two functions may import different things under one name.
            waiting += references(node, everywhere | imports_of(node), module, set(here))
    return seen


def canonical(full: str) -> str:
    """Where a name that a package passes on is really defined."""
    module, _, name = full.rpartition(".")
    file = module_file(module)
    passed_on = imports_of(ast.parse(file.read_text("utf-8"))) if file else {}
    return passed_on.get(name, full)


def test_everything_that_the_adapter_calls_is_reached_by_the_product() -> None:
    names = imports_of(ADAPTER)
    called: Callable[[str], bool] = lambda full: module_file(full) is None  # noqa: E731 - a filter
    asked = {one for one in references(ADAPTER, names, "adapter", set()) if called(one)}
    asked = {canonical(one) for one in asked}
    # Tables of columns and a period are data, not formulas.
    formulas = {one for one in asked if not one.rpartition(".")[2].isupper()}
    assert sorted(formulas - reached_from("crm_loop.bootstrap")) == []
