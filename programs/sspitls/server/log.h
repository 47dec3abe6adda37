/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a server tells of its connections: lines for people, or JSON with --json. */
#ifndef SSPITLS_LOG_H
#define SSPITLS_LOG_H

#include <stdio.h>

#include "command/options.h"
#include "server/settings.h"

struct log {
    FILE *file;
    bool json, quiet;
};

/* false after a line on stderr. */
bool log_begin(struct log *log, const struct options *options);
void log_listening(const struct log *log, const char *address);
void log_stopped(const struct log *log, const struct server_counters *counters);

/* Functions of struct server_settings; `log` is a struct log. */
void log_opened(void *log, const struct connection_report *report);
void log_renewed(void *log, const struct connection_report *report, SECURITY_STATUS status);
void log_closed(void *log, const struct connection_report *report);

#endif
