"""Commands whose standard output takes nothing say so: a script must not go on with half of it."""

import subprocess

import pytest

from larder import binary

NOT_WRITTEN = "larder: standard output cannot be written: No space left on device\n"


@pytest.mark.parametrize("arguments", [
    ["credentials"], ["credentials", "--format", "env"], ["operations"],
    ["operations", "--format", "json"],
], ids=" ".join)
def test_a_full_disk_is_an_error(larder, arguments):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run(
            [binary(), *arguments], stdout=full, stderr=subprocess.PIPE, text=True, timeout=60,
            env=larder.environment(), cwd=larder.folder, check=False,
        )
    assert (done.returncode, done.stderr) == (1, NOT_WRITTEN)
