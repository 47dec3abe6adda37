# SPDX-License-Identifier: LGPL-2.1-or-later
"""A Wine source tree and what is changed in it, which stays in memory until it is applied."""

import difflib
import inspect
import re


class WineTreeError(Exception):
    """The tree is not as it has to be."""


class Tree:
    def __init__(self, source):
        self.source = source
        self.changed = {}  # path: text, or None for a file that is removed
        self.before = {}  # the same before the step that is being taken
        for path in ("configure.ac", "dlls/secur32/Makefile.in", "include/Makefile.in"):
            if self.read(path) is None:
                raise WineTreeError(f"{source} is no Wine source tree: there is no {path}")

    def read(self, path):
        """The text of a file, None when there is none."""
        if path in self.changed:
            return self.changed[path]
        file = self.source / path
        # What Wine has in other encodings is passed on as it is.
        return file.read_text("utf-8", "surrogateescape") if file.is_file() else None

    def write(self, path, text):
        self.before.setdefault(path, self.read(path))
        self.changed[path] = text

    def remove(self, path):
        self.write(path, None)

    def discard(self, path):
        """Takes back what this step has written."""
        del self.before[path], self.changed[path]

    def files(self, directory):
        """The names of the files in and below a directory, relative to it."""
        top = self.source / directory
        found = {str(file.relative_to(top)) for file in top.rglob("*") if file.is_file()}
        for path, text in self.changed.items():
            if path.startswith(directory + "/"):
                name = path[len(directory) + 1 :]
                (found.discard if text is None else found.add)(name)
        return sorted(found)

    def begin(self):
        """A step begins: what is written from now on is one patch."""
        self.before = {}

    def write_patch(self, directory, number, documentation):
        """Writes the step's changes; the first line of the documentation is the patch's subject."""
        text = inspect.cleandoc(documentation)
        subject = text.split("\n", 1)[0]
        name = re.sub(r"[^A-Za-z0-9]+", "-", subject).strip("-")
        lines = [text + "\n\n"]
        for path in sorted(self.before):
            lines += self._difference(path)
        with open(directory / f"{number:04}-{name}.patch", "w", errors="surrogateescape") as patch:
            patch.writelines(lines)

    def _difference(self, path):
        old, new = self.before[path], self.changed[path]
        for line in difflib.unified_diff(
            (old or "").splitlines(True),
            (new or "").splitlines(True),
            "/dev/null" if old is None else f"a/{path}",
            "/dev/null" if new is None else f"b/{path}",
        ):
            yield line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"

    def apply(self, output):
        """Makes the changes of all steps in a copy of the tree."""
        for path, text in self.changed.items():
            file = output / path
            if text is None:
                file.unlink(missing_ok=True)
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            with open(file, "w", encoding="utf-8", errors="surrogateescape") as written:
                written.write(text)
