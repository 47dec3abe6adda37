/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A file of lines that secur32 writes while a test runs.
 */
#ifndef ASYNCSSPI_TESTS_TEXTFILE_H
#define ASYNCSSPI_TESTS_TEXTFILE_H

#include <windows.h>

struct text_file {
    char path[MAX_PATH];
    char text[256 * 1024]; /* as last read, NUL-terminated */
};

/* In the directory for such files, with the process's number in its name; there is none yet. */
void text_file_name(struct text_file *file, const char *what);

/* FALSE: there is none, and text is empty. Who writes it may go on. */
BOOL text_file_read(struct text_file *file);

/* How many lines have both. */
unsigned int text_file_count(const struct text_file *file, const char *one, const char *other);

#endif
