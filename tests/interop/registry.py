# SPDX-License-Identifier: LGPL-2.1-or-later
"""The prefix's registry, written by Wine's regedit."""

import contextlib

from harness import windows_path
from peers import run


def write(checks, lines):
    file = checks.path("import.reg")
    file.write_text("Windows Registry Editor Version 5.00\n\n" + "\n".join(lines) + "\n",
                    encoding="utf-16")
    status, out, said = run([checks.wine, "regedit", "/S", windows_path(file)])
    if status != 0:
        raise RuntimeError("regedit: %s" % (out + said))


@contextlib.contextmanager
def registry_key(checks, key, value):
    """A key of the registry with one value, gone afterwards."""
    write(checks, ["[%s]" % key, value])
    try:
        yield
    finally:
        write(checks, ["[-%s]" % key])


def multi_string(names):
    """REG_MULTI_SZ as regedit writes it."""
    data = "".join(name + "\0" for name in names).encode("utf-16-le") + b"\0\0"
    return "hex(7):" + ",".join("%02x" % byte for byte in data)
