# SPDX-License-Identifier: LGPL-2.1-or-later
"""Plants faults in a tiny module, one at a time, and expects exactly the lines that name them."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time

from arrows import Tree, home
from floors import Floors, FloorsError
from phases import HEADING, Phases
from rules import House

FLOORS = """\
# A comment.
dlls/tiny uses dlls/other/other.h never <win*.h>
    main.c
    left right  # siblings
    low

dlls/other
    deep
    other.h
"""

# What looks like an arrow and is none: static and weak functions that two files have, a file's own
# header, a callback that is handed down.
CLEAN = {
    "dlls/tiny/main.c": '#include "left/a.h"\n#include "right/b.h"\n'
                        "static int last(void) { return 0; }\n"
                        "static int outside(void) { return last(); }\n"
                        "int top(void) { return a(outside) + b(); }\n",
    "dlls/tiny/left/a.h": "int a(int (*function)(void));\n",
    "dlls/tiny/left/a.c": '#include "left/a.h"\n#include "low/c.h"\n#include "other/other.h"\n'
                          "int a(int (*function)(void)) { return c(function) + OTHER; }\n",
    "dlls/tiny/right/b.h": "int b(void);\n",
    "dlls/tiny/right/b.c": '#include "right/b.h"\n#include "low/d.h"\n'
                           "int b(void) { return d(); }\n",
    "dlls/tiny/low/c.h": "int c(int (*function)(void));\n",
    "dlls/tiny/low/c.c": '#include "low/c.h"\n'
                         "__attribute__((weak)) int twice(void) { return 2; }\n"
                         "static int last(void) { return twice(); }\n"
                         "int outside(void);\n"
                         "int c(int (*function)(void))\n"
                         "{ return function() + last() + outside(); }\n",
    "dlls/tiny/low/d.h": "int d(void);\n",
    "dlls/tiny/low/d.c": '#include "low/d.h"\n'
                         "__attribute__((weak)) int twice(void) { return 2; }\n"
                         "static int last(void) { return twice(); }\n"
                         "int d(void) { return last(); }\n",
    "dlls/other/other.h": "#define OTHER 1\n",
    "dlls/other/deep/e.h": "int e(void);\n",
    "dlls/other/deep/e.c": '#include "deep/e.h"\nint e(void) { return 0; }\n',
}

# (what, {path: lines added at its end}, the failures)
FAULTS = [
    ("nothing", {}, []),
    ("upward call", {"dlls/tiny/low/d.c": "int b(void);\nint up(void) { return b(); }\n"}, [
        "dlls/tiny/low/d.c:5 calls b of dlls/tiny/right/b.c: lower floor low to higher floor right",
        "circle: dlls/tiny/low -> dlls/tiny/right -> dlls/tiny/low (dlls/tiny/low/d.c:5 calls b of "
        "dlls/tiny/right/b.c; dlls/tiny/right/b.c:2 includes dlls/tiny/low/d.h)"]),
    ("upward call to the top", {"dlls/tiny/low/d.c": "int (*up)(void);\nint top(void);\n"
                                                     "int take(void) { up = top; return 0; }\n"}, [
        "dlls/tiny/low/d.c:6 calls top of dlls/tiny/main.c: lower floor low to higher floor main.c",
        "circle: dlls/tiny/left -> dlls/tiny/low -> dlls/tiny/main.c -> dlls/tiny/left "
        "(dlls/tiny/left/a.c:2 includes dlls/tiny/low/c.h; dlls/tiny/low/d.c:6 calls top of "
        "dlls/tiny/main.c; dlls/tiny/main.c:1 includes dlls/tiny/left/a.h)"]),
    ("upward include", {"dlls/tiny/low/c.h": '#include "right/b.h"\n'}, [
        "dlls/tiny/low/c.h:2 includes dlls/tiny/right/b.h: lower floor low to higher floor right",
        "circle: dlls/tiny/low -> dlls/tiny/right -> dlls/tiny/low (dlls/tiny/low/c.h:2 includes "
        "dlls/tiny/right/b.h; dlls/tiny/right/b.c:2 includes dlls/tiny/low/d.h)"]),
    ("upward use of a variable", {"dlls/tiny/left/a.c": "int level;\n",
                                  "dlls/tiny/low/c.c": "extern int level;\n"
                                                       "int up(void) { return level; }\n"}, [
        "dlls/tiny/low/c.c:7 uses level of dlls/tiny/left/a.c: "
        "lower floor low to higher floor left",
        "circle: dlls/tiny/left -> dlls/tiny/low -> dlls/tiny/left (dlls/tiny/left/a.c:2 includes "
        "dlls/tiny/low/c.h; dlls/tiny/low/c.c:7 uses level of dlls/tiny/left/a.c)"]),
    ("sibling include", {"dlls/tiny/left/a.c": '#include "right/b.h"\n'}, [
        "dlls/tiny/left/a.c:5 includes dlls/tiny/right/b.h: left and right are siblings"]),
    ("sibling call", {"dlls/tiny/left/a.c": "int b(void);\nint aside(void) { return b(); }\n"}, [
        "dlls/tiny/left/a.c:5 calls b of dlls/tiny/right/b.c: left and right are siblings"]),
    ("circle of calls", {"dlls/tiny/low/c.c": "int d(void);\nint cd(void) { return d(); }\n",
                         "dlls/tiny/low/d.c": "int cd(void);\nint dc(void) { return cd(); }\n"}, [
        "circle: dlls/tiny/low/c.c -> dlls/tiny/low/d.c -> dlls/tiny/low/c.c (dlls/tiny/low/c.c:7 "
        "calls d of dlls/tiny/low/d.c; dlls/tiny/low/d.c:5 calls cd of dlls/tiny/low/c.c)"]),
    ("circle of an include and a call", {
        "dlls/tiny/low/c.h": '#include "low/d.h"\n',
        "dlls/tiny/low/d.c": "int c(int (*)(void));\nint dc(void) { return c(d); }\n"}, [
        "circle: dlls/tiny/low/c.c -> dlls/tiny/low/d.c -> dlls/tiny/low/c.c (dlls/tiny/low/c.h:2 "
        "includes dlls/tiny/low/d.h; dlls/tiny/low/d.c:5 calls c of dlls/tiny/low/c.c)"]),
    ("include without folder", {"dlls/tiny/low/d.c": '#include "c.h"\n'}, [
        'dlls/tiny/low/d.c:5: "c.h" does not begin at dlls/tiny or dlls or include or dlls/other']),
    ("include that goes up", {"dlls/tiny/low/d.c": '#include "../low/c.h"\n'}, [
        'dlls/tiny/low/d.c:5: "../low/c.h" goes up']),
    ("header in no folder", {"dlls/tiny/all.h": "int all;\n",
                             "dlls/tiny/low/d.c": '#include "all.h"\n'}, [
        "dlls/tiny/all.h: its room dlls/tiny does not stand in floors",
        "dlls/tiny/low/d.c:5: dlls/tiny/all.h lies in no folder of dlls/tiny"]),
    ("include of nothing", {"dlls/tiny/low/d.c": '#ifdef NEVER\n#include "low/no.h"\n#endif\n'}, [
        'dlls/tiny/low/d.c:6: "low/no.h" is no file of ours']),
    ("include of two files", {"dlls/tiny/left/low/c.h": CLEAN["dlls/tiny/low/c.h"]}, [
        "dlls/tiny/left/low/c.h: its room dlls/tiny/left/low does not stand in floors",
        'dlls/tiny/left/a.c:2: "low/c.h" can be dlls/tiny/left/low/c.h or dlls/tiny/low/c.h']),
    ("include for another system", {"dlls/tiny/low/d.c": "#ifdef _WIN64\n#include <windows.h>\n"
                                                         "#endif\n"}, [
        "dlls/tiny/low/d.c:6: <windows.h> is nothing for dlls/tiny"]),
    ("include of another module", {"dlls/tiny/low/d.c": '#include "other/deep/e.h"\n'}, [
        "dlls/tiny/low/d.c:5 includes dlls/other/deep/e.h: dlls/tiny may use dlls/other/other.h"]),
    ("include of a user", {"dlls/other/deep/e.c": '#include "tiny/low/d.h"\n'}, [
        "dlls/other/deep/e.c:3 includes dlls/tiny/low/d.h: dlls/other may use no other module"]),
    ("unknown room", {"dlls/tiny/attic/x.c": "int x;\n"}, [
        "dlls/tiny/attic/x.c: its room dlls/tiny/attic does not stand in floors"]),
    ("unknown module", {"dlls/new/attic/x.c": "int x;\n"}, [
        "dlls/new/attic/x.c: its module does not stand in floors"]),
]

# The rest does not depend on the kind of object.
PE_FAULTS = [fault for fault in FAULTS
             if fault[0] in ("nothing", "sibling call", "upward use of a variable")] + [
    ("sibling call of an imported name", {
        "dlls/tiny/left/a.c": "__declspec(dllimport) int b(void);\n"
                              "int aside(void) { return b(); }\n"}, [
        "dlls/tiny/left/a.c:5 calls b of dlls/tiny/right/b.c: left and right are siblings"]),
]

BAD_FLOORS = [
    ("    low\n", "low stands in no module"),
    ("dlls/tiny has low\n", "dlls/tiny: has is neither uses nor never"),
    ("dlls/tiny\n    low\n    left low\n", "dlls/tiny: low stands on two floors"),
    ("dlls/tiny\n    low\ndlls/other uses dlls/tiny\n    deep\n",
     "dlls/other uses dlls/tiny, of which no module below says"),
]


def compilers(build):
    """{variant: compiler}, as configured."""
    makefile = pathlib.Path(build, "Makefile").read_text(encoding="utf-8")
    names = {"x86_64-unix": "CC", "x86_64-windows": "PE_CC"}
    return {variant: re.search(rf"^{name} = (.*)$", makefile, re.MULTILINE)[1].split()
            for variant, name in names.items()}


class Planted:
    """A tree with its objects in a temporary directory. Names in it are relative, so that a copy of
    it is as good."""

    def __init__(self, directory):
        self.source = pathlib.Path(directory)
        self.build = self.source / "build"

    def write(self, texts):
        for path, text in texts.items():
            path = self.source / path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return self

    def compile(self, variant, compiler):
        """What has no object, or an old one."""
        tree = Tree(self.source, self.build)
        for path in (path for path in tree.files if path.endswith(".c")):
            target = f"obj/{variant}/{path[:-2]}.o"
            if tree.object(path) and not tree.newer(path, target):
                continue
            (self.build / target).parent.mkdir(parents=True, exist_ok=True)
            subprocess.run([*compiler, "-I../" + home(path), "-I../dlls", "-MMD", "-MP",
                            "-c", "../" + path, "-o", target], cwd=self.build, check=True)
        return self

    def date(self, seconds):
        """Changes the age of all files, lest the clock be too coarse to tell what is newer."""
        for path in self.source.rglob("*.*"):
            os.utime(path, (time.time() + seconds - (path.suffix != ".o"),) * 2)
        return self

    def copy(self, directory):
        shutil.copytree(self.source, directory, dirs_exist_ok=True)
        return Planted(directory)

    def house(self):
        return House(Tree(self.source, self.build), Floors(FLOORS))

    def failures(self):
        house = self.house()
        house.check_all()
        return house.failures


def faults(clean, variant, compiler):
    """(what, what is said, what should be said)"""
    for what, added, expected in PE_FAULTS if variant == "x86_64-windows" else FAULTS:
        with tempfile.TemporaryDirectory() as directory:
            planted = clean.copy(directory)
            planted.write({path: CLEAN.get(path, "") + text for path, text in added.items()})
            planted.compile(variant, compiler)
            yield f"{what}, {variant}", planted.failures(), expected


def old_objects(clean):
    with tempfile.TemporaryDirectory() as directory:
        planted = clean.copy(directory).write({"dlls/tiny/low/d.h": "int d(void);\n"})
        yield "changed header", planted.failures(), [
            f"obj/x86_64-unix/dlls/tiny/{name}.o is from before dlls/tiny/low/d.h changed: build first"
            for name in ("low/d", "right/b")]
        (planted.build / "obj/x86_64-unix/dlls/tiny/low/d.o").unlink()
        yield "no object", planted.failures(), [
            "dlls/tiny/low/d.c has no object: build first (make tests prefix)",
            "obj/x86_64-unix/dlls/tiny/right/b.o is from before dlls/tiny/low/d.h changed: build first"]


def quotes(clean):
    block = "dlls/tiny uses dlls/other/other.h never <win*.h>\n    main.c\n    left right\n" \
            "    low\n\ndlls/other\n    deep\n    other.h\n"
    for what, text, expected in (
            ("quote", f"# A\n```floors\n{block}```\n", []),
            ("no quote", "# A\n", [
                "a.md: no block ```floors that quotes tests/layout/floors"]),
            ("wrong quote", "# A\n```floors\n" + block.replace("left right", "left") + "```\n", [
                "a.md:5: floors says '    left right', the block '    left'"]),
            ("short quote", "# A\n```floors\n" + block.replace("    other.h\n", "") + "```\n", [
                "a.md:10: floors says '    other.h', the block None"])):
        house = clean.house()
        house.check_quote("a.md", text)
        yield what, house.failures, expected


def bad_floors():
    for text, expected in BAD_FLOORS:
        try:
            said = f"{len(Floors(text).modules)} modules"
        except FloorsError as error:
            said = str(error)
        yield expected, [said], [expected]


def drawings(source):
    """Of the phases: what is true, a wrong cell, a wrong file, a missing table."""
    for what, old, new, expected in (
            ("phases", "", "", []),
            ("wrong cell", "| VERDICT | handshake_continue |", "| VERDICT | send_alert |", [
                "docs/architecture.md: VERDICT in HANDSHAKE is drawn as send_alert, "
                "dlls/winegnutls/unix/handshake/leg.c has handshake_continue"]),
            ("wrong file", "| handshake/drive.c |", "| handshake/leg.c |", [
                "docs/architecture.md: handshake/drive.c writes CONNECTED, undrawn",
                "docs/architecture.md: handshake/leg.c does not write CONNECTED"]),
            ("no tables", f"## {HEADING}", "## Elsewhere", [
                f'docs/architecture.md: two tables under "{HEADING}", and enums to compare them '
                "with"])):
        phases = Phases(source)
        phases.document = phases.document.replace(old, new)
        phases.check_all()
        yield what, phases.failures, expected


def cases(build, source):
    for variant, compiler in compilers(build).items():
        with tempfile.TemporaryDirectory() as directory:
            clean = Planted(directory).write(CLEAN).compile(variant, compiler).date(-100)
            yield from faults(clean, variant, compiler)
            if variant == "x86_64-unix":
                yield from old_objects(clean)
                yield from quotes(clean)
    yield from bad_floors()
    yield from drawings(source)


def run(build, source):
    """(passed, failures)"""
    passed, failures = 0, []
    for what, said, expected in cases(build, source):
        missing = [f"self-test: {what}: not found: {line}" for line in expected if line not in said]
        wrong = [f"self-test: {what}: found: {line}" for line in said if line not in expected]
        passed += len(expected) - len(missing) + (not wrong)
        failures += missing + wrong
    return passed, failures
