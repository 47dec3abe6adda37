# SPDX-License-Identifier: LGPL-2.1-or-later
"""What Wine's headers lack.

A file headers/NAME.h.pieces has what include/NAME.h may lack, in pieces with empty lines between
them. Each piece whose name is nowhere in Wine's header is put in front of its last #endif:

- lines of #define, each for itself, under the name it defines;
- anything else under the name of its type or function.

A piece `in TYPE:` has lines for the end of the structure of that name instead.
"""

import re

import module
from tree import WineTreeError


def add(tree, file):
    """Adds from headers/NAME.h.pieces to include/NAME.h."""
    path = f"include/{file.stem}"
    text = tree.read(path)
    if text is None:
        raise WineTreeError(f"there is no {path}")
    known = set(re.findall(r"\w+", text))  # before structures get new members
    added = []
    pieces = re.sub(r"\A/\*.*?\*/\n", "", file.read_text(), flags=re.DOTALL).strip("\n")
    for piece in re.split(r"\n\n+", pieces):
        if piece.startswith("in "):
            text = extend(text, piece, path)
        elif piece.startswith("#define"):
            lines = re.findall(r"#define\s+(\w+)(.*)", piece)
            missing = [f"#define {name}{rest}\n" for name, rest in lines if name not in known]
            if missing:
                added.append("".join(missing))
        elif name_of(piece) not in known:
            added.append(piece + "\n")
    if added:
        end = text.rindex("#endif")
        text = text[:end] + "\n".join(added) + "\n" + text[end:]
    tree.write(path, text)


def name_of(piece):
    for pattern in (
        r"}\s*(\w+)[^}]*;(\n#endif)?\s*\Z",  # a type
        r"\A(?:#.*\n)?enum (\w+)",
        r"\*(\w+)\)\s*\(",  # a pointer to a function
        r"(\w+)\s*\(",  # a function
    ):
        found = re.search(pattern, piece)
        if found:
            return found.group(1)
    raise WineTreeError(f"a piece without a name: {piece}")


def extend(text, piece, path):
    """Lines for the end of a structure, those whose member it does not have."""
    heading, *lines = piece.split("\n")
    name = heading[len("in ") :].rstrip(":")
    end = re.search(rf"^}} *{name}\b", text, re.MULTILINE)
    if not end:
        raise WineTreeError(f"{path} has no structure {name}")
    members = text[text.rindex("{", 0, end.start()) : end.start()]
    for line in lines:
        if not re.search(rf"\b{name_of(line)}\b", members):
            members += line + "\n"
    return text[: text.rindex("{", 0, end.start())] + members + text[end.start() :]


def new(tree, name, text):
    """A header that Wine does not have."""
    if tree.read(f"include/{name}") is None:
        tree.write(f"include/{name}", text)
        module.list_header(tree, name)
