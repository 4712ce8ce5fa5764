"""JavaScript's client: every sentence of its own test file is a test here."""

import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "npm"
FILE = HERE / "jsforce.test.mjs"
SENTENCES = re.findall(r'^test\("([^"]+)"', FILE.read_text("utf-8"), re.MULTILINE)

pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not (HERE / "node_modules").exists(),
    reason="Node.js or the npm packages are missing: run make test-clients",
)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_jsforce(sandbox: Any, sentence: str) -> None:
    done = subprocess.run(
        ["node", "--test", "--test-name-pattern", f"^{re.escape(sentence)}$", FILE.name],
        cwd=HERE,
        env={**os.environ, "SANDBOX_URL": sandbox.url},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert "# pass 1" in done.stdout, done.stdout
