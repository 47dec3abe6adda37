/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * asyncsspi-probe [PROGRAM]: what Windows programs in this prefix get. Every check is a line
 *
 *     VERDICT <tab> SUBJECT <tab> what was found <tab> why
 *
 * where VERDICT is ok, note (worth knowing, breaks nothing) or bad. Without asyncsspi's secur32.dll
 * the first line is all. PROGRAM, a whole path of Windows, is looked at as well. Exits 0 when no
 * check is bad. asyncsspi-setup runs it for `status`.
 */
#include <stdio.h>

#include "checks/delegate.h"
#include "checks/finding.h"
#include "checks/handshake.h"
#include "checks/loaded.h"
#include "checks/program.h"

static const WCHAR *program;

static void check_given_program(struct finding *finding)
{
    if (program)
        check_program(finding, program);
}

/* In the order of what needs what. */
static const struct {
    const char *subject;
    void (*check)(struct finding *finding);
} checks[] = {
    {"programs get", check_loaded}, {"engine", check_engine},
    {"TLS", check_handshake},       {"Wine's DLL", check_marker},
    {"NTLM", check_ntlm},           {"AppDefaults", check_overrides},
    {"32-bit", check_wow64},        {"program", check_given_program},
};

int wmain(int argc, WCHAR **argv)
{
    static const char *const verdicts[] = {
        [VERDICT_OK] = "ok", [VERDICT_NOTE] = "note", [VERDICT_BAD] = "bad"};
    int status = 0;

    /* Wine's own, which takes our place when ours does not work, would hide that. */
    SetEnvironmentVariableA("ASYNCSSPI_REQUIRE", "1");
    program = argc > 1 ? argv[1] : NULL;
    for (size_t i = 0; i < ARRAYSIZE(checks); i++) {
        struct finding finding = {VERDICT_NONE, "", ""};

        checks[i].check(&finding);
        if (finding.verdict == VERDICT_NONE)
            continue;
        printf("%s\t%s\t%s\t%s\n", verdicts[finding.verdict], checks[i].subject, finding.found,
               finding.reason);
        fflush(stdout);
        if (finding.verdict != VERDICT_BAD)
            continue;
        status = 1;
        if (!i)
            break;
    }
    return status;
}
