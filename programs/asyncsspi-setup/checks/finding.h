/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a check has found. */
#ifndef PROBE_FINDING_H
#define PROBE_FINDING_H

#include <windows.h>

enum verdict {
    VERDICT_NONE, /* there was nothing to look at: no line */
    VERDICT_OK,
    VERDICT_NOTE, /* worth knowing; what asyncsspi is for works */
    VERDICT_BAD,
};

/* All text is UTF-8. */
struct finding {
    enum verdict verdict;
    char found[1200];
    char reason[400]; /* why, or what can be done; may be empty */
};

/* Formats what was found. */
void finding_set(struct finding *finding, enum verdict verdict, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Formats the reason. */
void finding_explain(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* In UTF-8; valid until the eighth call behind it. */
const char *utf8(const WCHAR *text);

#endif
