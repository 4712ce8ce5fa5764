"""`make mutate MUTANTS=60 SEED=7`: the tests of ledger, queue and budget have to be able to fail.

Small mistakes are put into a copy of the product, one at a time; the tests of what was spoilt
have to notice. Exit 5 when fewer than four in five are noticed, 4 when the tests fail anyway.
"""

import argparse
import ast
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).parents[2]
OUT = Path("var/mutate/result.json")
_CORE, _WORKERS = "tests/core/test_write_back_{}.py", "tests/workers/test_{}.py"
_STEPS, _LEDGER, _MEMORY, _UNDO, _HOURS, _MACHINE, _CLOSING = (
    _CORE.format(name)
    for name in ("steps", "ledger", "memory", "undo", "hours", "machine", "closing")
)
_QUEUE, _LANES, _HARD, _HEALTH = (
    _WORKERS.format(name) for name in ("queue", "lanes", "hard_times", "health")
)
_SIMULATION, _BUDGET = "tests/chaos/test_simulation.py", "tests/core/test_budget.py"
#: What may be spoilt, and which tests have to notice; the quickest that are likely to, first.
TARGETS: dict[str, Sequence[str]] = {
    "store/write_steps.py": (_STEPS, _LEDGER, _UNDO, _MEMORY, _SIMULATION, _MACHINE),
    "store/writes.py": (_LEDGER, _UNDO, _STEPS, _HOURS, _CLOSING, _LANES),
    "store/write_due.py": (_LEDGER, _HOURS, _MEMORY, _LANES),
    "write_back/judge.py": (_LEDGER, _UNDO, _STEPS, _SIMULATION, _MACHINE),
    "write_back/service.py": (_LEDGER, _UNDO, _SIMULATION, _LANES, _MACHINE),
    "write_back/lanes.py": (_LANES,),
    "write_back/hours.py": (_HOURS, _LEDGER),
    "write_back/undo.py": (_UNDO,),
    "write_back/verify.py": (_UNDO,),
    "budget/pace.py": (_BUDGET,),
    "budget/gate.py": (_BUDGET, "tests/core/test_budget_day.py"),
    "budget/day.py": ("tests/core/test_budget_day.py",),
    "budget/allowance.py": ("tests/core/test_budget_day.py",),
    "budget/places.py": ("tests/core/test_budget_places.py",),
    "queue/claims.py": (_QUEUE, _HEALTH, _HARD),
    "queue/policy.py": (_QUEUE,),
    "queue/progress.py": (_HEALTH,),
    "store/jobs.py": (_QUEUE,),
}
WANTED = 0.8
#: What all tests of one mistake may cost, and how long they may take on a busy machine.
CPU_SECONDS, PATIENCE = 45, 900
SWAPPED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.And: ast.Or,
    ast.Or: ast.And,
}  # fmt: skip


def places(tree: ast.AST) -> Iterator[ast.AST]:
    """Where a mistake can be made; what only PostgreSQL does is left to the tests that need it."""
    kinds = (ast.Compare, ast.BoolOp, ast.BinOp, ast.UnaryOp)
    found = (node for node in ast.walk(tree) if isinstance(node, kinds) and _fits(node))
    return (node for node in found if "dialect.name" not in ast.unparse(node))


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


def noticed(folder: Path, tests: Sequence[str], *, cpu_seconds: int = CPU_SECONDS) -> bool:
    """Whether a test fails, or nothing comes to an end, on this copy of the product.

    An endless loop is told by what it costs, whatever else the machine has to do.
    """
    limit = (cpu_seconds, cpu_seconds)
    paths = [folder / "src", folder / "workers", ROOT / "tests/chaos"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, paths))}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(
            [*command, "-p", "rig.hasty", *tests, "-k", "not postgresql"], cwd=ROOT,
            env=environment, capture_output=True, timeout=PATIENCE, check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, limit),
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return True
    return done.returncode != 0


def chosen(package: Path, mutants: int, seed: int) -> tuple[list[tuple[str, int]], int]:
    """Which mistakes are made, in the order of their files, and how many there could be."""
    known = [
        (target, number)
        for target in TARGETS
        for number, _ in enumerate(places(ast.parse((package / target).read_text("utf-8"))))
    ]
    return sorted(random.Random(seed).sample(known, min(mutants, len(known)))), len(known)


def survivors_of(folder: Path, mistakes: Sequence[tuple[str, int]]) -> list[str]:
    """The mistakes that no test has noticed."""
    survivors = []
    for done, (target, number) in enumerate(mistakes, 1):
        file = folder / "src" / "crm_loop" / target
        good = file.read_text("utf-8")
        text, what = spoilt(good, number)
        file.write_text(text, encoding="utf-8")
        seen = noticed(folder, TARGETS[target])
        file.write_text(good, encoding="utf-8")
        if not seen:
            survivors.append(f"{target}: {what}")
        word = "noticed" if seen else "NOT NOTICED"
        print(f"{done}/{len(mistakes)} {word}: {target}: {what}", file=sys.stderr)
    return survivors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    given = parser.parse_args()
    mistakes, count = chosen(ROOT / "src" / "crm_loop", given.mutants, given.seed)
    with tempfile.TemporaryDirectory(prefix="mutate-") as name:
        folder = Path(name)
        for part in ("src", "workers"):
            shutil.copytree(ROOT / part, folder / part)
        every = sorted({test for tests in TARGETS.values() for test in tests})
        if noticed(folder, every, cpu_seconds=PATIENCE):
            print("The tests fail on the product as it is: mend that first.", file=sys.stderr)
            return 4
        survivors = survivors_of(folder, mistakes)
    killed = len(mistakes) - len(survivors)
    share = killed / len(mistakes)
    result = {"schema": 1, "places": count, "mutants": len(mistakes), "noticed": killed}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps({**result, "survivors": survivors}, indent=1), encoding="utf-8")
    print(json.dumps({**result, "share": round(share, 3)}))
    return 0 if share >= WANTED else 5


if __name__ == "__main__":
    sys.exit(main())
