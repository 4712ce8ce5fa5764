"""Print median, 90th percentile and largest of files and functions; fail above the limits."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[2]
FOLDERS = ("src", "connectors", "workers", "sandbox")

#: A longer file or function is a question: is this one thing?
MAX_FILE_LINES = 300
MAX_FUNCTION_LINES = 40

Sized = tuple[int, str]


def sources() -> list[Path]:
    found = (file for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
    return sorted(file for file in found if "migrations" not in file.parts)


def functions(file: Path) -> Iterator[Sized]:
    """Lines of each function without its docstring."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if ast.get_docstring(node, clean=False) is not None:
                text = node.body[0]
                lines -= (text.end_lineno or text.lineno) - text.lineno + 1
            yield lines, f"{file.relative_to(ROOT)}:{node.lineno} {node.name}"


def report(name: str, sized: list[Sized]) -> str:
    ordered = sorted(sized)
    lines = [size for size, _ in ordered]
    ninth = lines[int(len(lines) * 0.9)]
    largest = ", ".join(f"{size} ({where})" for size, where in ordered[-3:][::-1])
    return f"{name}: {len(lines)}, median {median(lines):g}, 90 % ≤ {ninth}, largest {largest}"


def main() -> int:
    files = [(len(f.read_text("utf-8").splitlines()), str(f.relative_to(ROOT))) for f in sources()]
    inside = [one for file in sources() for one in functions(file)]
    print(report("files", files))  # noqa: T201 - a report
    print(report("functions", inside))  # noqa: T201 - the same
    long_files = [one for one in files if one[0] > MAX_FILE_LINES]
    long_functions = [one for one in inside if one[0] > MAX_FUNCTION_LINES]
    for size, where in long_files + long_functions:
        print(f"too long: {size} {where}")  # noqa: T201 - the same
    return 1 if long_files or long_functions else 0


if __name__ == "__main__":
    sys.exit(main())
