/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unix programs as peers: started from here, under Wine, in a directory of their own. */
#ifndef SSPITLS_PEER_H
#define SSPITLS_PEER_H

#include <winsock2.h>
#include <windows.h>

#include "base/buffer.h"

struct peer_directory {
    char path[MAX_PATH];  /* Windows path, UTF-8, without a backslash at its end */
    const char *programs; /* unix directory searched first, or NULL */
};

/* A new directory among the temporary files; false after a line on stderr. */
bool peer_directory_create(struct peer_directory *directory, const char *programs);
/* Removes it with everything in it. */
void peer_directory_remove(struct peer_directory *directory);
/* Windows path of a file in it. */
void peer_path(const struct peer_directory *directory, const char *name, char path[MAX_PATH]);

/*
 * Starts a shell command there as peer NAME: standard input is NAME.in if it exists, output goes
 * to NAME.out and NAME.err. It is stopped after `seconds` at the latest.
 */
bool peer_start(const struct peer_directory *directory, const char *name, const char *command,
                unsigned seconds);
/* Waits for its end; its exit status (127: no such program, 124: took too long), or -1. */
int peer_wait(const struct peer_directory *directory, const char *name, unsigned seconds);
/* Ends it if it still runs, and waits for that. */
void peer_stop(const struct peer_directory *directory, const char *name);
/* NAME.SUFFIX's content with a NUL behind it; false while there is no such file. */
bool peer_read(const struct peer_directory *directory, const char *name, const char *suffix,
               struct buffer *content);

#endif
