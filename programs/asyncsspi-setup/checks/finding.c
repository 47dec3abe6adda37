/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See checks/finding.h. */
#include "checks/finding.h"

#include <stdarg.h>
#include <stdio.h>

void finding_set(struct finding *finding, enum verdict verdict, const char *format, ...)
{
    va_list arguments;

    finding->verdict = verdict;
    va_start(arguments, format);
    vsnprintf(finding->found, sizeof(finding->found), format, arguments);
    va_end(arguments);
}

void finding_explain(struct finding *finding, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(finding->reason, sizeof(finding->reason), format, arguments);
    va_end(arguments);
}

const char *utf8(const WCHAR *text)
{
    static char converted[8][3 * MAX_PATH];
    static unsigned int last;
    char *result = converted[last++ % ARRAYSIZE(converted)];

    if (!WideCharToMultiByte(CP_UTF8, 0, text, -1, result, sizeof(converted[0]), NULL, NULL))
        snprintf(result, sizeof(converted[0]), "?");
    return result;
}
