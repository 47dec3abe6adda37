# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the files of a tree need of each other: their includes, and the symbols of their objects.

An arrow goes from the file that needs something to the file that has it. A callback that a file is
handed is no arrow of that file, but one of the file that names the function.
"""
import collections
import os
import re
import subprocess

from floors import home

FOLDERS = ("dlls", "include", "programs", "tests")
# Where an object may lie: the first that is there counts. All but the first two need a compiler with
# sanitizers and are not built without.
VARIANTS = ("x86_64-windows", "x86_64-unix", "asan", "tsan", "fuzz", "clang-tsan", "fuzz-pe", "tsan-pe",
            "icount", "icount-pe")

Arrow = collections.namedtuple("Arrow", "file line verb target")
Include = collections.namedtuple("Include", "line quote name")


def unit(file):
    """A file and its header are one."""
    return os.path.splitext(file)[0]


def beginnings(file, uses):
    """Where the name in an include may begin: Makefile.in gives the compiler the same."""
    places = [home(file), "dlls", "include", *(home(used + "/") for used in uses)]
    return list(dict.fromkeys(places))


class Tree:
    """A source directory and the build directory that belongs to it."""

    def __init__(self, source, build):
        self.source, self.build = source, build
        self.files = sorted(self.find())
        self.known = set(self.files)
        self.texts = {file: self.read(file) for file in self.files}

    def find(self):
        for folder in FOLDERS:
            for path, _, names in os.walk(os.path.join(self.source, folder)):
                for name in names:
                    if name.endswith((".c", ".h")):
                        yield os.path.relpath(os.path.join(path, name), self.source)

    def read(self, file):
        with open(os.path.join(self.source, file), encoding="utf-8") as stream:
            return stream.read()

    # Includes --------------------------------------------------------------------------------

    def includes(self, file):
        for number, line in enumerate(self.texts[file].splitlines(), 1):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if match:
                yield Include(number, match[1], match[2])

    def resolve(self, file, name, uses=()):
        """Every file that the name can mean. The compiler looks beside the file first, and so does
        this: whether the name is allowed is another question."""
        places = [os.path.dirname(file), *beginnings(file, uses)]
        found = (os.path.normpath(os.path.join(place, name)) for place in places)
        return list(dict.fromkeys(path for path in found if path in self.known))

    # Objects ---------------------------------------------------------------------------------

    def object(self, file):
        """The object of a .c file below the build directory, or None."""
        for variant in VARIANTS:
            path = f"obj/{variant}/{unit(file)}.o"
            if os.path.exists(os.path.join(self.build, path)):
                return path
        return None

    def newer(self, file, path):
        """A source that has changed since the object was made, or None."""
        made = os.path.getmtime(os.path.join(self.build, path))
        sources = [os.path.join(self.source, file)]
        try:
            with open(os.path.join(self.build, path[:-2] + ".d"), encoding="utf-8") as stream:
                rule = stream.read().replace("\\\n", " ").splitlines()[0]
            sources += rule.partition(":")[2].split()
        except (OSError, IndexError):
            pass
        for source in sources:
            source = os.path.join(self.build, source)
            if not os.path.exists(source) or os.path.getmtime(source) > made:
                return os.path.relpath(os.path.realpath(source), os.path.realpath(self.source))
        return None

    def symbols(self, files):
        """{file: (needed, offered)} of the files whose objects are there; offered has for each name
        whether it is a function. Static names are not among them."""
        objects = {path: file for file in files if (path := self.object(file))}
        table = {file: (set(), {}) for file in objects.values()}
        for tool, paths in self.readers(objects).items():
            lines = subprocess.run([tool, "-A", "-P", "-g", *paths], cwd=self.build, text=True,
                                   check=True, capture_output=True).stdout.splitlines()
            for line in lines:
                path, name, kind = re.match(r"(.*?): (\S+) (\S)", line).groups()
                needed, offered = table[objects[path]]
                if kind in "Uwv":
                    # A function that a header declares as imported can be the module's own.
                    needed.add(name.removeprefix("__imp_"))
                else:
                    offered[name] = kind in "TWi"
        return table

    @staticmethod
    def readers(objects):
        """{nm: paths}; PE objects want an nm of their own."""
        readers = collections.defaultdict(list)
        for path in objects:
            pe = path.startswith("obj/x86_64-windows/")
            readers["x86_64-w64-mingw32-nm" if pe else "nm"].append(path)
        return readers

    def calls(self, files, preferred):
        """Arrows of symbols among the files, one for each name. Of several files that have a name
        (a weak one, or main in the programs of one folder) preferred(file, others) chooses."""
        table = self.symbols(files)
        offering = collections.defaultdict(list)
        for file, (_, offered) in table.items():
            for name in offered:
                offering[name].append(file)
        for file, (needed, _) in sorted(table.items()):
            for name in sorted(needed):
                others = [other for other in offering[name] if unit(other) != unit(file)]
                if others:
                    target = preferred(file, others)
                    verb = "calls" if table[target][1][name] else "uses"
                    yield Arrow(file, self.line(file, name), f"{verb} {name} of", target)

    def line(self, file, name):
        """Where the name first stands, or 0 if a macro or an inline function brings it in."""
        match = re.search(rf"\b{re.escape(name)}\b", self.texts[file])
        return self.texts[file].count("\n", 0, match.start()) + 1 if match else 0
