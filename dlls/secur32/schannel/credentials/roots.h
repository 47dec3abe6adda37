/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Stores of trusted certificates.
 */
#ifndef ASYNCSSPI_ROOTS_H
#define ASYNCSSPI_ROOTS_H

#include "schannel/base/schanneltypes.h"
#include "winegnutls/unixlib.h"

/* SCH_CRED_RESTRICTED_ROOTS: a new store of those of `roots` that the system trusts as well. NULL:
 * no memory. */
HCERTSTORE roots_restrict(HCERTSTORE roots);

/* A number that stands for the certificates of a store, whatever their order; never 0. */
tls_u64 roots_number(HCERTSTORE roots);

/* Certificates for TLS_CALL_SET_ISSUERS. Zero it; what does not fit a message is left out. */
struct issuer_list {
    const CERT_CONTEXT **certificates;
    struct tls_blob *blobs;
    unsigned int count, capacity;
    DWORD names_size;
};

SECURITY_STATUS issuer_list_add(struct issuer_list *list, HCERTSTORE store);
/* The system's roots. */
SECURITY_STATUS issuer_list_add_system(struct issuer_list *list);
void issuer_list_free(struct issuer_list *list);

#endif
