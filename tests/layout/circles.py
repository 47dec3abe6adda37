# SPDX-License-Identifier: LGPL-2.1-or-later
"""Circles in a graph that is given as its steps, pairs of names."""
import collections


def paths(steps, start):
    """Shortest paths from a name to all it reaches, itself included if it is in a circle."""
    following = collections.defaultdict(list)
    for here, there in sorted(steps):
        following[here].append(there)
    found, waiting = {}, collections.deque([[start]])
    while waiting:
        path = waiting.popleft()
        for there in following[path[-1]]:
            if there not in found:
                found[there] = path + [there]
                waiting.append(found[there])
    return found


def rings(steps):
    """The sets of names that reach each other."""
    reached = {name: paths(steps, name) for step in steps for name in step}
    return sorted({tuple(sorted(other for other in reached[name] if name in reached[other]))
                   for name in reached if name in reached[name]})


def circles(steps):
    """One circle of every ring, the shortest, as a list that begins and ends with the same name."""
    return [min((paths(steps, name)[name] for name in ring), key=len) for ring in rings(steps)]
