# SPDX-License-Identifier: LGPL-2.1-or-later
"""Empty files where a Makefile.in of a Wine tree lists one that is not there.

Debian's source package lacks what its build makes of the data of other packages; makedep wants each
file to be there, also in directories of which nothing is built.
"""

import pathlib
import re
import sys


def main(top):
    for makefile in top.glob("*/**/Makefile.in"):
        text = makefile.read_text().replace("\\\n", " ")
        parent = re.search(r"^PARENTSRC\s*=\s*(\S+)", text, re.MULTILINE)
        places = [makefile.parent] + ([makefile.parent / parent.group(1)] if parent else [])
        for names in re.findall(r"^(?:\w+_SRCS|SOURCES)\s*=(.*)$", text, re.MULTILINE):
            for name in names.split():
                if not any((place / name).exists() for place in places):
                    (makefile.parent / name).write_text("")


main(pathlib.Path(sys.argv[1]))
