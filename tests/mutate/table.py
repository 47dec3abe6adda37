# SPDX-License-Identifier: LGPL-2.1-or-later
"""The results as a document."""

HEAD = """\
# Mutations

What `tests/mutate/run --table docs/mutations.md` found: each line of this table is a fault of one
line that was put into the project, and the first of its tests that noticed. *timeout* says that a
test hung, *not applicable* that no test can see it, and why. [testing.md](testing.md) says how to run
it, and how to add one.
"""


def cell(mutation, outcome, test):
    if outcome == "not applicable":
        return f"not applicable: {mutation.reason}"
    if outcome == "caught":
        return f"`{test}`"
    if outcome == "timeout":
        return f"`{test}`, timeout"
    return f"**{outcome}**"


def write_table(path, rows):
    text, file = [HEAD], None
    for mutation, (outcome, test) in rows:
        if mutation.file != file:
            file = mutation.file
            text.append(f"\n## {file}\n\n| fault | noticed by |\n|---|---|\n")
        text.append(f"| {mutation.name} | {cell(mutation, outcome, test)} |\n")
    path.write_text("".join(text), encoding="utf-8")
