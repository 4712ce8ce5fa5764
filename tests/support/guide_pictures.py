"""The console's pictures of the guide, taken over from what `make test-browser` has looked at.

Colours are reduced with Pillow, where somebody has installed it: half of the bytes.
"""

import shutil
import sys
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHOTS, FOLDER = ROOT / "var" / "screenshots", ROOT / "docs" / "pictures"
#: Picture of the guide to the page, as it was looked at.
PICTURES = {
    "team.en": "en/team-wide",
    "team.ja": "ja/team-wide",
    "talk-manager.ja": "ja/talk-of-manager-wide",
    "talk-rep.en": "en/talk-of-rep-phone",
    "figures.ja": "ja/figures-wide",
    "setup.en": "en/setup-wide",
    "check.ja": "ja/check-wide",
    "writes.en": "en/writes-wide",
}


def main() -> int:
    missing = [shot for shot in PICTURES.values() if not (SHOTS / f"{shot}.png").exists()]
    if missing:
        sys.stderr.write(f"Run make test-browser first; {missing[0]} has not been looked at.\n")
        return 3
    for name, shot in PICTURES.items():
        source, target = SHOTS / f"{shot}.png", FOLDER / f"{name}.png"
        if find_spec("PIL"):
            image = import_module("PIL.Image").open(source).convert("RGB")
            image.quantize(128, dither=0).save(target, optimize=True)
        else:
            shutil.copy(source, target)
        sys.stdout.write(f"docs/pictures/{target.name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
