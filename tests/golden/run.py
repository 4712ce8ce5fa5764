"""`make golden [FILE=]`: compare the product with worked examples, and say where they differ."""

import json
import math
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

from adapter import ADAPTERS  # noqa: E402 - found beside this file

RESULT = Path("var/golden/result.json")
#: Keys that explain and are not compared.
INFORMATIVE = {"rule", "note"}
#: Lists without an order of their own.
UNORDERED = {"warnings"}
DIFFERENT = 5

Difference = tuple[str, Any, Any]


def differences(expected: Any, got: Any, tolerance: float, path: str = "") -> Iterator[Difference]:
    """Yield path, expected and got for everything that is not the same."""
    if isinstance(expected, dict) and isinstance(got, dict):
        yield from _of_dicts(expected, got, tolerance, path)
    elif isinstance(expected, list) and isinstance(got, list | tuple):
        yield from _of_lists(expected, list(got), tolerance, path)
    elif not _same(expected, got, tolerance):
        yield path, expected, got


def _of_dicts(
    expected: dict[str, Any], got: dict[str, Any], tolerance: float, path: str
) -> Iterator[Difference]:
    for key in sorted({*expected, *got} - INFORMATIVE):
        at = f"{path}.{key}" if path else key
        if key not in got or key not in expected:
            yield at, expected.get(key, "(no such key)"), got.get(key, "(no such key)")
            continue
        pair = expected[key], got[key]
        if key in UNORDERED and all(isinstance(one, list) for one in pair):
            pair = sorted(pair[0]), sorted(pair[1])
        yield from differences(*pair, tolerance, at)


def _of_lists(
    expected: list[Any], got: list[Any], tolerance: float, path: str
) -> Iterator[Difference]:
    if len(expected) != len(got):
        yield f"{path}.length", len(expected), len(got)
    for place, (one, other) in enumerate(zip(expected, got, strict=False)):
        yield from differences(one, other, tolerance, f"{path}[{place}]")


def _same(expected: Any, got: Any, tolerance: float) -> bool:
    if expected == "inf":
        return got in ("inf", math.inf)
    if _is_number(expected) and _is_number(got):
        return _close(float(expected), float(got), tolerance)
    return type(expected) is type(got) and bool(expected == got)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _close(expected: float, got: float, tolerance: float) -> bool:
    if not math.isfinite(got):
        return expected == got
    rounded = float(f"{got:.12g}")
    return abs(rounded - expected) <= max(tolerance, 1e-11 * abs(expected))


def judge(example: dict[str, Any]) -> list[dict[str, Any]] | None:
    """What differs in one example; None when nobody knows its kind."""
    adapter = ADAPTERS.get(str(example["id"]).partition("#")[0])
    if adapter is None:
        return None
    tolerance = float(example.get("abs_tol") or 0)
    try:
        got = adapter(example["inputs"])
        found = list(differences(example["expected"], got, tolerance))
    except Exception as error:  # noqa: BLE001 - one broken example must not hide the others
        found = [("", "an answer", f"{type(error).__name__}: {error}")]
    return [
        {"id": example["id"], "path": path, "expected": one, "got": other, "abs_tol": tolerance}
        for path, one, other in found
    ]


def run(file: Path) -> dict[str, Any]:
    """Judge every example of a file."""
    examples = json.loads(file.read_text("utf-8"))["examples"]
    judged = [(example["id"], judge(example)) for example in examples]
    return {
        "schema": 1,
        "file": str(file),
        "total": len(examples),
        "agree": sum(found == [] for _, found in judged),
        "missing": [id_ for id_, found in judged if found is None],
        "differences": [one for _, found in judged for one in found or ()],
    }


def main(arguments: list[str]) -> int:
    file = Path(arguments[0]) if arguments else HERE / "examples.json"
    result = run(file)
    RESULT.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(result, ensure_ascii=False, indent=1, default=str)
    RESULT.write_text(text + "\n", "utf-8")
    for one in result["differences"]:
        print(f"{one['id']} {one['path']}: expected {one['expected']}, got {one['got']}")  # noqa: T201 - its purpose
    if result["missing"]:
        print("missing:", " ".join(result["missing"]))  # noqa: T201 - its purpose
    print(f"golden: {result['agree']} of {result['total']} agree")  # noqa: T201 - its purpose
    return 0 if result["agree"] == result["total"] else DIFFERENT


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
