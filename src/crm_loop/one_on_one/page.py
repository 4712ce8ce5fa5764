"""A memo as a page shows it."""

from html import escape


def html_of(text: str) -> str:
    """One paragraph a line; whatever people typed is text and nothing else."""
    return "".join(f"<p>{escape(line)}</p>" for line in text.splitlines())
