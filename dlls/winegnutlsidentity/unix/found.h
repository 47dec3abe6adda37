/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A key with its certificates, on the way from where they were found to the caller. */
#ifndef ASYNCSSPI_IDENTITY_FOUND_H
#define ASYNCSSPI_IDENTITY_FOUND_H

#include <gnutls/x509.h>

#include "winegnutlsidentity/identity.h"

struct found {
    gnutls_x509_privkey_t key;
    gnutls_x509_crt_t *chain; /* gnutls_malloc'ed; the leaf first */
    unsigned int count;
    int error; /* what GnuTLS said last */
};

void found_free(struct found *found);
/* Fills in all of the result, also for a `status` other than IDENTITY_OK. */
void found_give(struct found *found, int32_t status, struct identity_result *result);
/* What an error of GnuTLS means while a file is read. */
int32_t status_from_error(int error);

#endif
