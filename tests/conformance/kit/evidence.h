/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Certificate revocation lists and OCSP responses for tests, made at run time.
 */
#ifndef EVIDENCE_H
#define EVIDENCE_H

#include "kit/testcert.h"

/* All members have usable zeroes: what says that the certificate is good, of now. */
struct evidence_options {
    const struct test_cert *issuer; /* of the certificate and of what is said about it */
    const struct test_cert *signer; /* NULL: the issuer */
    const CERT_CONTEXT *subject;    /* the certificate it is about */
    BOOL revoked;
    BOOL unknown;          /* OCSP: the responder does not know the certificate */
    BOOL with_signer;      /* OCSP: the signer's certificate comes along */
    BOOL refused;          /* OCSP: "try later" instead of an answer */
    LONGLONG issued, ends; /* seconds from now; both 0: an hour ago, in an hour */
    BOOL changes_only;     /* CRL: a list of changes */
    const char *part_of;   /* CRL: the URL of the only part it is */
    BYTE only;             /* CRL: 0x81 users' certificates only, 0x82 authorities' */
    BOOL damaged;          /* the signature is wrong */
};

/* FALSE after a failed ok(). */
BOOL evidence_write_list(const struct evidence_options *options, struct der *der);
BOOL evidence_write_response(const struct evidence_options *options, struct der *der);

#endif
