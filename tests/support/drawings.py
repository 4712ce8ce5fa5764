"""`make drawings`: the drawn screens of both CRMs as files, for the installation guides."""

import sys
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from crm_loop.connector.discovery import profiles
from crm_loop.console.drawings import laid_out
from crm_loop.console.texts import texts

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
LANGUAGES = ("ja", "en")


def drawings() -> dict[str, str]:
    """The text of each file by its name, such as `salesforce-new-app.ja.svg`."""
    loader = PackageLoader("crm_loop.console")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    svg = environment.get_template("drawing.html").module.svg  # type: ignore[attr-defined]
    return {
        f"{kind}-{one.name}.{language}.svg": str(
            svg(laid_out(one, language, texts(language).say("connect.drawn")), one.name)
        ).strip()
        + "\n"
        for kind, crm in profiles().items()
        for way in crm.ways
        for one in way.drawings
        for language in LANGUAGES
    }


def main() -> int:
    for name, text in drawings().items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        sys.stdout.write(f"docs/pictures/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
