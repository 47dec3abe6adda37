/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What one side makes of the other's certificate: a row of a table against every version, with the
 * check made inside the handshake and with the program making it itself.
 */
#ifndef VERDICT_H
#define VERDICT_H

#include "kit/pair.h"
#include "kit/testcert.h"

/* A certificate that is good as it is has alert 0. */
struct verdict {
    SECURITY_STATUS status;
    int alert;
};

struct verdict_case {
    const CERT_CONTEXT *certificate; /* what the peer presents */
    DWORD cred_flags;                /* of the side that checks: SCH_ */
    HCERTSTORE root_store;           /* likewise */
    const WCHAR *target;             /* a client's */
    BOOL no_manual;                  /* leaves out the second half */
};

/*
 * Handshakes in which `checking` sees the certificate: TLS 1.2 and 1.3, checked by Schannel and by
 * nobody. ok() for the status, the alert given out, what the peer makes of it, and that a side that
 * refuses does not end its part of the handshake.
 */
void check_verdict(const struct verdict_case *row, enum side_role checking,
                   struct verdict expected);
/* Both roles. */
void check_verdicts(const struct verdict_case *row, struct verdict expected);

#endif
