# SPDX-License-Identifier: LGPL-2.1-or-later
"""docs/architecture.md draws the phases of a session as the engine has them.

The table of actions and phases is handshake/leg.c's, cell by cell, and complete. The table of
changes names, for each assignment of a phase in the engine, the phase and the file, and no other.
"""
import re

ENGINE = "dlls/winegnutls/unix"
DOCUMENT = "docs/architecture.md"
HEADING = "A session's phases"


def tables(text):
    """Of the part under HEADING: lists of rows, each a list of cells; without the line below the
    head."""
    part = re.search(rf"^## {HEADING}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    found, table = [], []
    for line in (part[1] if part else "").splitlines() + [""]:
        if line.startswith("|"):
            table.append([cell.strip() for cell in line.strip().strip("|").split("|")])
        elif table:
            found.append([table[0], *table[2:]])
            table = []
    return found


def members(text, name, prefix):
    """Of an enum, without what counts them."""
    body = re.search(rf"enum {name} \{{(.*?)\}};", text, re.DOTALL)
    code = re.sub(r"/\*.*?\*/", "", body[1] if body else "", flags=re.DOTALL)
    return [member for member in re.findall(rf"\b{prefix}(\w+)", code) if member != "COUNT"]


class Phases:
    def __init__(self, source):
        engine = source / ENGINE
        self.document = (source / DOCUMENT).read_text(encoding="utf-8")
        self.leg = (engine / "handshake/leg.c").read_text(encoding="utf-8")
        self.phases = members((engine / "state/session.h").read_text(encoding="utf-8"), "phase",
                              "PHASE_")
        self.actions = members((engine.parent / "unixlib.h").read_text(encoding="utf-8"),
                               "tls_action", "TLS_ACTION_")
        self.changes = set()
        for path in sorted(engine.rglob("*.c")):
            file = str(path.relative_to(engine))
            for value in re.findall(r"session->phase = ([^;]+);", path.read_text(encoding="utf-8")):
                self.changes |= {(phase, file) for phase in re.findall(r"PHASE_(\w+)", value)}
        self.passed = 0
        self.failures = []

    def check(self, condition, message):
        if condition:
            self.passed += 1
        else:
            self.failures.append(message)

    def steps(self):
        """{(action, phase): function} of the array `steps`."""
        body = re.search(r"steps\[TLS_ACTION_COUNT\]\[PHASE_COUNT\] = \{(.*?)^\};", self.leg,
                         re.MULTILINE | re.DOTALL)
        rows = re.findall(r"\[TLS_ACTION_(\w+)\] = \{(.*?)\}", body[1] if body else "", re.DOTALL)
        return {(action, phase): function for action, row in rows
                for phase, function in re.findall(r"\[PHASE_(\w+)\] = (\w+)", row)}

    def check_all(self):
        drawn = tables(self.document)
        self.check(len(drawn) == 2 and self.phases and self.actions,
                   f'{DOCUMENT}: two tables under "{HEADING}", and enums to compare them with')
        if len(drawn) == 2:
            self.check_changes(drawn[0])
            self.check_steps(drawn[1])

    def check_steps(self, table):
        code = self.steps()
        drawn = {(row[0], phase): cell for row in table[1:]
                 for phase, cell in zip(table[0][1:], row[1:])}
        for action in self.actions:
            for phase in self.phases:
                self.check((action, phase) in code,
                           f"{ENGINE}/handshake/leg.c: steps has nothing for {action} in {phase}")
        for key in sorted(drawn.keys() | code.keys()):
            self.check(drawn.get(key) == code.get(key),
                       f"{DOCUMENT}: {key[0]} in {key[1]} is drawn as {drawn.get(key)}, "
                       f"{ENGINE}/handshake/leg.c has {code.get(key)}")

    def check_changes(self, table):
        drawn = {(row[1], row[3]) for row in table[1:]}
        for phase, file in sorted(drawn | self.changes):
            self.check((phase, file) in self.changes, f"{DOCUMENT}: {file} does not write {phase}")
            self.check((phase, file) in drawn, f"{DOCUMENT}: {file} writes {phase}, undrawn")
        for row in table[1:]:
            unknown = {*re.split(r",\s*", row[0]), row[1]} - set(self.phases)
            self.check(not unknown, f"{DOCUMENT}: no such phase: {sorted(unknown)}")
