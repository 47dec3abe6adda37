/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificate revocation lists. */
#ifndef UNIX_QUERIES_CRL_H
#define UNIX_QUERIES_CRL_H

#include "unix/base/engine.h"

/* What a CertificateList says, as TLS_CALL_REVOCATION_CHECK does. */
int32_t crl_check(const gnutls_datum_t *list, gnutls_x509_crt_t certificate,
                  gnutls_x509_crt_t issuer);

#endif
