"""Import every module of each distribution while only what it declares can be imported."""

import json
import re
import subprocess
import sys
from importlib import metadata
from pathlib import Path

ROOT = Path(__file__).parents[2]

#: Distribution, its package, and where that stands.
OURS = {
    "crm-loop": ("crm_loop", ROOT / "src"),
    "crm-loop-salesforce": ("crm_loop_salesforce", ROOT / "connectors/salesforce"),
    "crm-loop-hubspot": ("crm_loop_hubspot", ROOT / "connectors/hubspot"),
    "crm-loop-workers": ("crm_loop_workers", ROOT / "workers"),
    "crm-loop-sandbox": ("crm_loop_sandbox", ROOT / "sandbox"),
}

#: Needed through an extra and imported only where that extra is installed.
EXTRAS = {"crm-loop": "postgresql", "crm-loop-workers": "embedded"}

CHILD = """
import importlib, json, sys
allowed, modules = json.load(sys.stdin)
class OnlyDeclared:
    def find_spec(self, name, path=None, target=None):
        top = name.partition(".")[0]
        if top in allowed or top in sys.stdlib_module_names or top.startswith("_"):
            return None
        raise ModuleNotFoundError(f"{name} is not declared", name=name)
sys.meta_path.insert(0, OnlyDeclared())
for module in modules:
    importlib.import_module(module)
"""


def declared(distribution: str, extra: str | None, seen: set[str]) -> set[str]:
    """Everything the distribution's own requirements bring, by normalised name."""
    name = re.sub(r"[-_.]+", "-", distribution).lower()
    if name in seen:
        return seen
    seen.add(name)
    try:
        requirements = metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return seen
    for requirement in requirements:
        wanted, _, marker = requirement.partition(";")
        if "extra ==" in marker and (extra is None or f'"{extra}"' not in marker.replace("'", '"')):
            continue
        found = re.match(r"[A-Za-z0-9._-]+(?:\[([A-Za-z0-9_,-]+)\])?", wanted.strip())
        if found:
            bare = re.split(r"[\[<>=!~ (]", wanted.strip())[0]
            declared(bare, found.group(1), seen)
    return seen


def modules_of(package: str, folder: Path) -> list[str]:
    files = sorted((folder / package).rglob("*.py"))
    names = [".".join(file.relative_to(folder).with_suffix("").parts) for file in files]
    # Migrations are run by Alembic, and __main__ runs the program.
    skipped = (".migrations.", "__main__")
    return [name.removesuffix(".__init__") for name in names if not any(s in name for s in skipped)]


def main() -> int:
    tops = metadata.packages_distributions()
    failed = 0
    for distribution, (package, folder) in OURS.items():
        names = declared(distribution, EXTRAS.get(distribution), set())
        normal = {
            top: {re.sub(r"[-_.]+", "-", name).lower() for name in owners}
            for top, owners in tops.items()
        }
        # Editable installs do not list their packages.
        own = {OURS[name][0] for name in names & OURS.keys()}
        allowed = sorted({top for top, owners in normal.items() if owners & names} | own)
        modules = modules_of(package, folder)
        child = subprocess.run(
            [sys.executable, "-c", CHILD],
            input=json.dumps([allowed, modules]),
            text=True,
            capture_output=True,
            check=False,
        )
        last = child.stderr.strip().splitlines()[-1:] or ["fine"]
        print(f"{distribution}: {len(modules)} modules alone: {last[0]}")  # noqa: T201 - a report
        failed += child.returncode != 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
