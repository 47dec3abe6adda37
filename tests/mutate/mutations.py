# SPDX-License-Identifier: LGPL-2.1-or-later
"""The list of mutations: reading it, and finding each in the sources.

A list is a text file like a patch, with a block per mutation:

    == dlls/winegnutls/unix/records/open.c: unix/records/record unix/records/record_equal
    -- a forged record is taken
      data, size, data, content) < 0) {
    - gnutls_memset(data, 0, size);
    + ;

`==` names a file and the tests of all mutations below it, in the order in which they are likely to
notice; `--` begins a mutation with a sentence about what breaks, which is its name. `-` is the line
that goes, `+` the line in its place (without one the line is dropped), and lines that begin with a
space are those in front of it or behind it, where the line itself is not the only one of its kind.
Spaces at both ends of a line and empty
lines do not count. `because` followed by a reason says why no test can see
it; `tests` names others for this mutation alone. `#` begins a comment.
"""
import dataclasses
import hashlib
import pathlib


class ListError(Exception):
    pass


@dataclasses.dataclass
class Mutation:
    room: str
    file: str
    name: str
    tests: list
    before: list = dataclasses.field(default_factory=list)
    old: str = None
    new: list = dataclasses.field(default_factory=list)
    behind: list = dataclasses.field(default_factory=list)
    reason: str = ""

    @property
    def title(self):
        return f"{self.room}: {self.name}"

    def find(self, text):
        """The number of the line that goes, in the file's text; an error says what is wrong."""
        numbers = [i for i, line in enumerate(text.splitlines()) if line.strip()]
        lines = [line.strip() for line in text.splitlines() if line.strip()]
        wanted = [*self.before, self.old, *self.behind]
        found = [i for i in range(len(lines) - len(wanted) + 1)
                 if lines[i:i + len(wanted)] == wanted]
        if len(found) != 1:
            raise ListError(f"{self.title}: fits {len(found)} places in {self.file}")
        return numbers[found[0] + len(self.before)]

    def apply(self, text):
        lines = text.splitlines()
        at = self.find(text)
        lines[at:at + 1] = self.new
        return "\n".join(lines) + "\n"

    def digest(self, text):
        """Changes when the mutation, its tests or the file it is in do."""
        parts = [text, self.name, *self.tests, *self.before, self.old, *self.new, *self.behind]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def read_list(path):
    """The mutations of one list, which is named after its room."""
    file, shared, mutations = None, [], []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        kind, rest = line[:1], line[1:].strip()
        current = mutations[-1] if mutations else None
        if not line.strip() or kind == "#":
            continue
        if line.startswith("== "):
            file, _, tests = line[3:].partition(":")
            shared = tests.split()
        elif line.startswith("-- ") and file:
            mutations.append(Mutation(path.name, file.strip(), line[3:].strip(), shared))
        elif not current:
            raise ListError(f"{path.name}:{number}: no mutation has begun")
        elif line.startswith("because "):
            current.reason = line[8:].strip()
        elif line.startswith("tests "):
            current.tests = line[6:].split()
        elif kind == "-" and current.old is None:
            current.old = rest
        elif kind == "+" and current.old is not None and not current.new:
            current.new = [rest]
        elif kind == " ":
            (current.before if current.old is None else current.behind).append(rest)
        else:
            raise ListError(f"{path.name}:{number}: {line!r} is none of a mutation's lines")
    return mutations


def read_all(folder):
    mutations = []
    for path in sorted((folder / "lists").iterdir()):
        mutations += read_list(path)
    titles = [mutation.title for mutation in mutations]
    for mutation in mutations:
        if mutation.old is None or not mutation.tests:
            raise ListError(f"{mutation.title}: has no line or no test")
        if titles.count(mutation.title) > 1:
            raise ListError(f"{mutation.title}: is there twice")
    return mutations


def source_of_test(source, test):
    """The file of a test, "unix/records/record", "conformance/core/sspi" or "programs/apache"."""
    return pathlib.Path(source, "tests", test + (".py" if test.startswith("programs/") else ".c"))
