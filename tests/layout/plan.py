# SPDX-License-Identifier: LGPL-2.1-or-later
"""tests/layout/run --plan: which rooms use which, for who looks for an order of floors."""
import collections
import os

from arrows import unit
from circles import rings


def place(module, file):
    """The room, or what would be one."""
    return module.room(file) or os.path.dirname(file)[len(module.path) + 1:] or \
        os.path.basename(unit(file)) + ".c"


def measure(tree, floors, module):
    """{(room, room): number of includes and names}"""
    files = [file for file in tree.files if floors.module(file) is module]
    steps = collections.Counter()
    for file in files:
        for include in tree.includes(file):
            for target in tree.resolve(file, include.name, module.uses)[:1]:
                if include.quote == '"' and floors.module(target) is module:
                    steps[place(module, file), place(module, target)] += 1
    calls = tree.calls([file for file in files if file.endswith(".c")], lambda _, others: others[0])
    for arrow in calls:
        steps[place(module, arrow.file), place(module, arrow.target)] += 1
    return {step: count for step, count in steps.items() if step[0] != step[1]}, \
        {place(module, file) for file in files}


def order(steps, rooms):
    """Floors, top first: each room stands as high as those who use it let it. A ring is one floor,
    a tuple of its rooms."""
    ring_of = {room: (room,) for room in rooms} | \
        {room: ring for ring in rings(steps) for room in ring}
    users = collections.defaultdict(set)
    for here, there in steps:
        if ring_of[here] != ring_of[there]:
            users[ring_of[there]].add(ring_of[here])
    waiting, floors = set(ring_of.values()), []
    while waiting:
        floors.append({ring for ring in waiting if not users[ring] & waiting})
        waiting -= floors[-1]
    return floors


def print_plan(tree, floors):
    for module in floors.modules:
        steps, rooms = measure(tree, floors, module)
        print(f"\n{module.path}")
        for here in sorted({here for here, _ in steps}):
            used = sorted((there, count) for (room, there), count in steps.items() if room == here)
            print(f"    {here} -> " + ", ".join(f"{there} {count}" for there, count in used))
        print("  from the top:")
        for floor in order(steps, rooms):
            print("    " + "  ".join(sorted("ring(" + " ".join(ring) + ")" if ring[1:] else ring[0]
                                            for ring in floor)))
