/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Standard input line by line, for --commands. */
#ifndef SSPITLS_LINES_H
#define SSPITLS_LINES_H

#include "base/buffer.h"

struct lines {
    struct buffer waiting;
    size_t given;   /* of `waiting`, as the last line */
    bool in_middle; /* that one begins in the middle of a line */
    bool unended;   /* and has no end either */
    bool ended;     /* the input */
};

/*
 * Waits for the next line, with its end; a very long one, and what the input ends with, comes
 * without. NULL at the end of input. Valid until the next call.
 */
const char *lines_next(struct lines *lines, size_t *size);
/* The capital letter that is all of the last line; 0: it is something else. */
char lines_command(const struct lines *lines);
void lines_free(struct lines *lines);

#endif
