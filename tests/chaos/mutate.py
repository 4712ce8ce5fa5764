"""`make mutate MUTANTS=60 SEED=7`: the tests of ledger, queue and budget have to be able to fail.

Small mistakes are put into a copy of the product, one at a time; its tests and a few seeds of the
simulation have to notice. Exit 5 when fewer than four in five are noticed.
"""

import argparse
import ast
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUT = Path("var/mutate/result.json")
TARGETS = (
    "store/write_steps.py",
    "store/writes.py",
    "store/write_due.py",
    "write_back/judge.py",
    "write_back/service.py",
    "write_back/lanes.py",
    "write_back/hours.py",
    "write_back/undo.py",
    "write_back/verify.py",
    "budget/pace.py",
    "budget/gate.py",
    "queue/claims.py",
    "queue/policy.py",
    "queue/progress.py",
)
TESTS = (
    "tests/core/test_write_back_steps.py",
    "tests/core/test_write_back_ledger.py",
    "tests/core/test_write_back_memory.py",
    "tests/core/test_write_back_undo.py",
    "tests/core/test_write_back_hours.py",
    "tests/core/test_write_back_machine.py",
    "tests/core/test_budget.py",
    "tests/chaos/test_simulation.py",
    "tests/workers/test_queue.py",
    "tests/workers/test_lanes.py",
    "tests/workers/test_hard_times.py",
    "tests/workers/test_health.py",
)
WANTED = 0.8
PATIENCE = 180
SWAPPED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or,
    ast.Or: ast.And,
}  # fmt: skip


def places(tree: ast.AST) -> Iterator[ast.AST]:
    """Where a mistake can be made."""
    kinds = (ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp)
    return (node for node in ast.walk(tree) if isinstance(node, kinds) and _fits(node))


def _fits(node: ast.AST) -> bool:
    if isinstance(node, ast.Compare):
        return type(node.ops[0]) in SWAPPED
    if isinstance(node, ast.UnaryOp):
        return isinstance(node.op, ast.Not)
    return isinstance(node, ast.BoolOp | ast.BinOp) and type(node.op) in SWAPPED


def spoilt(text: str, number: int) -> tuple[str, str]:
    """The text with the mistake of this number, and what it is."""
    tree = ast.parse(text)
    node = list(places(tree))[number]
    before = ast.unparse(node)
    if isinstance(node, ast.Compare):
        node.ops[0] = SWAPPED[type(node.ops[0])]()
    elif isinstance(node, ast.BoolOp | ast.BinOp):
        node.op = SWAPPED[type(node.op)]()
    elif isinstance(node, ast.UnaryOp):
        node.op = ast.UAdd()
        node.operand = ast.Call(ast.Name("bool", ast.Load()), [node.operand], [])
    return ast.unparse(ast.fix_missing_locations(tree)), f"{before}  ->  {ast.unparse(node)}"


def noticed(folder: Path) -> bool:
    """Whether a test fails, or nothing comes to an end, on this copy of the product."""
    paths = [folder / "src", folder / "workers", ROOT / "tests/chaos"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *TESTS]
    try:
        done = subprocess.run(
            [*command, "-k", "not postgresql"], cwd=ROOT, env=environment, capture_output=True,
            timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    package = ROOT / "src" / "crm_loop"
    all_places = [
        (target, number)
        for target in TARGETS
        for number, _ in enumerate(places(ast.parse((package / target).read_text("utf-8"))))
    ]
    chosen = random.Random(given.seed).sample(all_places, min(given.mutants, len(all_places)))
    survivors = []
    with tempfile.TemporaryDirectory(prefix="mutate-") as name:
        folder = Path(name)
        shutil.copytree(ROOT / "src", folder / "src")
        shutil.copytree(ROOT / "workers", folder / "workers")
        for target, number in chosen:
            file = folder / "src" / "crm_loop" / target
            good = file.read_text("utf-8")
            text, what = spoilt(good, number)
            file.write_text(text, encoding="utf-8")
            if not noticed(folder):
                survivors.append(f"{target}: {what}")
                print(f"not noticed: {target}: {what}", file=sys.stderr)
            file.write_text(good, encoding="utf-8")
    killed = len(chosen) - len(survivors)
    share = killed / len(chosen)
    result = {"schema": 1, "places": len(all_places), "mutants": len(chosen), "noticed": killed}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({**result, "survivors": survivors}, indent=1), encoding="utf-8")
    print(json.dumps({**result, "share": round(share, 3)}))
    return 0 if share >= WANTED else 5


if __name__ == "__main__":
    sys.exit(main())
