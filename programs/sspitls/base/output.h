/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where a client writes what it receives: standard output, or a file that is made when needed. */
#ifndef SSPITLS_OUTPUT_H
#define SSPITLS_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output {
    const char *path; /* NULL: standard output */
    void *file;       /* NULL: nothing was written yet */
    bool failed;
};

/* Also of no bytes: then the file is there. false after a line on stderr. */
bool output_write(struct output *output, const void *data, size_t size);
void output_close(struct output *output);

#endif
