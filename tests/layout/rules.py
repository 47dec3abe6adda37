# SPDX-License-Identifier: LGPL-2.1-or-later
"""The rules of the house, over the arrows of a tree. A broken rule is one line that says where."""
import collections
import fnmatch
import os
import re

from arrows import Arrow, beginnings, unit
from circles import circles
from floors import home

# Their objects are there only where the compilers have sanitizers.
SANITIZED = ("tests/kit", "tests/native", "tests/unix")


def where(arrow):
    return f"{arrow.file}:{arrow.line}" if arrow.line else arrow.file


class House:
    """Counts what holds, and collects what does not."""

    def __init__(self, tree, floors):
        self.tree, self.floors = tree, floors
        self.passed, self.failures, self.skips = 0, [], []
        self.arrows = collections.defaultdict(list)  # by module, those that stay in it

    def check(self, holds, message):
        if holds:
            self.passed += 1
        else:
            self.failures.append(message)
        return bool(holds)

    def check_all(self):
        self.check_rooms()
        for file in self.tree.files:
            for include in self.tree.includes(file):
                self.check_include(file, include)
        for module in self.floors.modules:
            self.check_objects(module)
            self.check_circles(module)

    # Rooms -----------------------------------------------------------------------------------

    def check_rooms(self):
        lived_in = set()
        for file in self.tree.files:
            module = self.floors.module(file)
            if self.check(module, f"{file}: its module does not stand in floors"):
                room = module.room(file)
                lived_in.add((module.path, room))
                self.check(room,
                           f"{file}: its room {os.path.dirname(file)} does not stand in floors")
        for module in self.floors.modules:
            for room in (room for floor in module.floors for room in floor):
                self.check((module.path, room) in lived_in,
                           f"floors: {module.path} has no room {room}")

    def check_floors(self, module, arrow):
        """No stairs up, no door between siblings. What has no room has been told already."""
        lower, higher = module.room(arrow.file), module.room(arrow.target)
        if not lower or not higher:
            return
        self.check(self.may(module, lower, higher),
                   f"{where(arrow)} {arrow.verb} {arrow.target}: " +
                   (f"lower floor {lower} to higher floor {higher}"
                    if module.floor(lower) > module.floor(higher)
                    else f"{lower} and {higher} are siblings"))

    @staticmethod
    def may(module, room, other):
        return room == other or module.floor(room) < module.floor(other)

    # Includes --------------------------------------------------------------------------------

    def check_include(self, file, include):
        module, at = self.floors.module(file), f"{file}:{include.line}"
        if not module:
            return
        if include.quote == "<":
            for pattern in module.never:
                self.check(not fnmatch.fnmatch(f"<{include.name}>", pattern),
                           f"{at}: <{include.name}> is nothing for {module.path}")
            return
        target = self.target(module, file, at, include.name)
        if not target or unit(target) == unit(file):
            return
        if self.floors.module(target) is module:
            arrow = Arrow(file, include.line, "includes", target)
            self.arrows[module.path].append(arrow)
            self.check_floors(module, arrow)
        else:
            self.check(module.may_use(target), f"{at} includes {target}: {module.path} may use "
                                               f"{', '.join(module.uses) or 'no other module'}")

    def target(self, module, file, at, name):
        """The file that an include means, if the name is as it has to be; else None."""
        if not self.check(".." not in name.split("/"), f'{at}: "{name}" goes up'):
            return None
        found = self.tree.resolve(file, name, module.uses)
        if not self.check(found, f'{at}: "{name}" is no file of ours') or \
                not self.check(len(found) == 1, f'{at}: "{name}" can be {" or ".join(found)}'):
            return None
        target, other = found[0], self.floors.module(found[0])
        if not other or other.is_contract(target) or target in module.uses:
            return target
        places = beginnings(file, module.uses)
        self.check(os.path.dirname(target) != home(target),
                   f"{at}: {target} lies in no folder of {home(target)}") and \
            self.check(target in (f"{place}/{name}" for place in places),
                       f'{at}: "{name}" does not begin at {" or ".join(places)}')
        return target

    # Objects ---------------------------------------------------------------------------------

    def check_objects(self, module):
        files = [file for file in self.tree.files
                 if file.endswith(".c") and self.floors.module(file) is module]
        built = {module.room(file) for file in files if self.tree.object(file)}
        fresh = []
        for file in files:
            path = self.tree.object(file)
            if module.path.startswith(SANITIZED) and module.room(file) not in built:
                self.skips.append(f"{file}: not built (make tests, if the compiler has sanitizers)")
            elif self.check(path, f"{file} has no object: build first (make tests prefix)"):
                newer = self.tree.newer(file, path)
                if self.check(not newer, f"{path} is from before {newer} changed: build first"):
                    fresh.append(file)
        for arrow in self.tree.calls(fresh, lambda *choice: self.preferred(module, *choice)):
            self.arrows[module.path].append(arrow)
            self.check_floors(module, arrow)

    def preferred(self, module, file, others):
        room = module.room(file)
        for other in others:
            if room and module.room(other) and self.may(module, room, module.room(other)):
                return other
        return others[0]

    # Circles ---------------------------------------------------------------------------------

    def check_circles(self, module):
        """In every folder, among what lies in it: a circle of files that lie in several folders is
        one of folders where their paths part."""
        folders = collections.defaultdict(dict)
        for arrow in self.arrows[module.path]:
            here, there = (self.name(file).split("/") for file in (arrow.file, arrow.target))
            depth = len(os.path.commonprefix([here, there]))
            step = tuple("/".join(path[:depth + 1]) for path in (here, there))
            folders["/".join(here[:depth])].setdefault(step, arrow)
        for _, steps in sorted(folders.items()):
            found = circles(steps)
            self.passed += not found
            for circle in found:
                arrows = (steps[step] for step in zip(circle, circle[1:]))
                said = (f"{where(arrow)} {arrow.verb} {arrow.target}" for arrow in arrows)
                self.failures.append(f"circle: {' -> '.join(circle)} ({'; '.join(said)})")

    def name(self, file):
        """A file and its header have the name of the file."""
        source = unit(file) + ".c"
        return source if source in self.tree.known else file

    # The document ----------------------------------------------------------------------------

    def check_quote(self, path, text):
        """Its block ```floors is what counts of floors, line for line."""
        block = re.search(r"^```floors\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        if not self.check(block, f"{path}: no block ```floors that quotes tests/layout/floors"):
            return
        quoted, first = block[1].splitlines(), text.count("\n", 0, block.start()) + 2
        for i in range(max(len(quoted), len(self.floors.lines))):
            line, right = (lines[i] if i < len(lines) else None
                           for lines in (quoted, self.floors.lines))
            if not self.check(line == right, f"{path}:{first + i}: floors says {right!r}, "
                                             f"the block {line!r}"):
                return
