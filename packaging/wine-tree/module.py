# SPDX-License-Identifier: LGPL-2.1-or-later
"""A module in Wine's form: sources with the lines that makedep reads, Makefile.in, configure.ac."""

import re

from tree import WineTreeError

# makedep builds such a file for Unix; Wine's files for Unix begin with its config.h.
UNIX_LINES = '#if 0\n#pragma makedep unix\n#endif\n\n#include "config.h"\n\n'
# Of such a file makedep makes a DLL that is no builtin, with the export list of its name. It lies
# beside the tests' program.
TEST_DLL_LINES = "#if 0\n#pragma makedep testdll\n#endif\n\n"


def copy(tree, source, directory, unix=False):
    """Copies a directory's C files, headers and export list; the names of the C files."""
    names = []
    for file in sorted(source.rglob("*")):
        name = str(file.relative_to(source))
        if file.suffix not in (".c", ".h", ".spec"):
            continue
        # What two modules share outside belongs to the one module here.
        text = file.read_text().replace('"winegnutls/unixlib.h"', '"unixlib.h"')
        if unix and file.suffix == ".c":
            text = before_first_include(text, UNIX_LINES)
        tree.write(f"{directory}/{name}", text)
        if file.suffix == ".c":
            names.append(name)
    return names


def make_test_dll(tree, source, path, exports):
    """Moves a copied C file to another path, as that of a DLL for tests."""
    tree.write(f"{path}.c", before_first_include(tree.read(source), TEST_DLL_LINES))
    tree.write(f"{path}.spec", exports)
    tree.discard(source)


def before_first_include(text, lines):
    at = re.search(r"^#", text, re.MULTILINE)
    return text[: at.start()] + lines + text[at.start() :] if at else text + lines


def makefile(tree, directory, variables, sources, specs=()):
    """Writes Makefile.in; specs are the export lists that are named in it.

    Up to Wine 8 C_SRCS lists the C files and SOURCES export lists, but for the module's own; later
    SOURCES lists all.
    """
    wines = tree.read("dlls/wsecur32/Makefile.in")
    lists = {"SOURCES": sorted([*sources, *specs])}
    if not re.search(r"^SOURCES\b", wines, re.MULTILINE):
        own = variables["MODULE"].replace(".dll", ".spec")
        lists = {"C_SRCS": sorted(sources), "SOURCES": sorted({*specs} - {own})}
    width = max(map(len, variables))
    lines = [f"{name:{width}} = {value}\n" for name, value in variables.items()]
    for name, listed in lists.items():
        if listed:
            lines.append(f"\n{name} =")
            lines += [f" \\\n\t{file}" for file in listed]
            lines.append("\n")
    tree.write(f"{directory}/Makefile.in", "".join(lines))


def configure(tree, directory, condition=None):
    """Has configure know a directory, in the order of names."""
    new = f"WINE_CONFIG_MAKEFILE({directory}{',' + condition if condition else ''})\n"
    lines = tree.read("configure.ac").splitlines(True)
    others = [
        number
        for number, line in enumerate(lines)
        if line.startswith("WINE_CONFIG_MAKEFILE(dlls/")
    ]
    if not others:
        raise WineTreeError("configure.ac has no WINE_CONFIG_MAKEFILE(dlls/...)")
    for number in others:
        if lines[number] > new:
            break
    else:
        number = others[-1] + 1
    lines.insert(number, new)
    tree.write("configure.ac", "".join(lines))


def list_header(tree, name):
    """Has a header be installed with Wine's others."""
    lines = tree.read("include/Makefile.in").splitlines(True)
    for number, line in enumerate(lines):
        if re.fullmatch(r"\t[\w./]+\.(h|idl) \\\n", line) and line > f"\t{name}":
            lines.insert(number, f"\t{name} \\\n")
            tree.write("include/Makefile.in", "".join(lines))
            return
    raise WineTreeError("include/Makefile.in lists no headers")
