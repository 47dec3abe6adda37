# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads the file `floors`: which modules there are, what each may use, where its rooms stand.

Paths are relative to the source directory. A room is a folder, or a single file that stands apart;
a file and its header (foo.c, foo.h) are one. The head of `floors` explains its form.
"""
import fnmatch
import os


class FloorsError(Exception):
    """`floors` cannot be what its author meant."""


def without_comments(text):
    """The lines that count, and one empty line where there are several."""
    lines = []
    for line in text.splitlines():
        bare = line.partition("#")[0].rstrip()
        if bare or (lines and lines[-1] and not line.strip()):
            lines.append(bare)
    while lines and not lines[-1]:
        lines.pop()
    return lines


def home(path):
    """Where the includes of a source begin: Makefile.in gives the compiler the same."""
    return "include" if path.startswith("include/") else "/".join(path.split("/")[:2])


class Module:
    """One paragraph of `floors`."""

    def __init__(self, head):
        self.path, self.uses, self.never = head[0], [], []
        words = None
        for word in head[1:]:
            if word in ("uses", "never"):
                words = getattr(self, word)
            elif words is None:
                raise FloorsError(f"{self.path}: {word} is neither uses nor never")
            else:
                words.append(word)
        self.floors = []

    def room(self, file):
        """The room of a file, or None: the folder it lies in, unless it stands apart."""
        name = os.path.splitext(file[len(self.path) + 1:])[0]
        folder = os.path.dirname(name)
        rooms = [room for floor in self.floors for room in floor]
        apart = [room for room in rooms if room.endswith((".c", ".h"))]
        for room in sorted(apart, key=lambda room: "*" in room):
            if os.path.dirname(room) == folder and fnmatch.fnmatch(name, room[:-2]):
                return room
        return folder if folder in rooms else None

    def is_contract(self, file):
        """A header that `floors` names by itself is one that others may know by its bare name."""
        return file.endswith(".h") and self.room(file) == file[len(self.path) + 1:]

    def floor(self, room):
        """0 is the top."""
        return next(i for i, floor in enumerate(self.floors) if room in floor)

    def may_use(self, file):
        return any(file == used or file.startswith(used + "/") for used in self.uses)


class Floors:
    """All modules, top first."""

    def __init__(self, text):
        self.lines = without_comments(text)
        self.modules = []
        for line in filter(None, self.lines):
            if not line.startswith(" "):
                self.modules.append(Module(line.split()))
            elif not self.modules:
                raise FloorsError(f"{line.strip()} stands in no module")
            elif line.startswith(" " * 8) and self.modules[-1].floors:
                self.modules[-1].floors[-1] += line.split()
            else:
                self.modules[-1].floors.append(line.split())
        self.check_order()

    def check_order(self):
        for i, module in enumerate(self.modules):
            rooms = [room for floor in module.floors for room in floor]
            for room in sorted({room for room in rooms if rooms.count(room) > 1}):
                raise FloorsError(f"{module.path}: {room} stands on two floors")
            for used in module.uses:
                if self.module(used + "/") not in self.modules[i + 1:]:
                    raise FloorsError(f"{module.path} uses {used}, of which no module below says")

    def module(self, file):
        """The module of a file: that with the longest path, or None."""
        holding = [module for module in self.modules if file.startswith(module.path + "/")]
        return max(holding, key=lambda module: len(module.path), default=None)
