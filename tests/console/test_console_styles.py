"""A label looks like a label, whatever it says."""

import re
from importlib.resources import files

from crm_loop.loop_records import Level, ProgressStatus, WriteState

CSS = files("crm_loop.console").joinpath("static/console.css").read_text("utf-8")


def test_no_style_of_something_else_takes_hold_of_a_label() -> None:
    """A label has its status as a class, so a bare rule of that name would draw on it too."""
    said = {str(one.value) for kind in (Level, ProgressStatus, WriteState) for one in kind}
    bare = set(re.findall(r"(?:^|[,}])\s*\.([a-z_]+)(?=\s*[,{])", CSS, re.MULTILINE))
    assert {"chip"} <= bare
    assert not bare & said
