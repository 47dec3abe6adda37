/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * PFX files (PKCS#12, RFC 7292) of a certificate and its key, and their import.
 */
#ifndef TESTPFX_H
#define TESTPFX_H

#include "kit/testcert.h"

/*
 * PFXImportCertStore with a file of the certificate and its RSA key, neither encrypted nor sealed:
 * the certificate with the key where the import has put it; NULL after a failed ok().
 */
const CERT_CONTEXT *pfx_import(const struct test_cert *cert, DWORD flags);

#endif
