/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is in a certificate, in words. All text is UTF-8 without control characters. */
#ifndef SSPITLS_CERTIFICATE_H
#define SSPITLS_CERTIFICATE_H

#include <stdio.h>
#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>

/* The value of an extension, for the caller to free; NULL: there is none. */
void *certificate_extension(PCCERT_CONTEXT certificate, const char *oid);

/* "CN=localhost" */
void certificate_format_name(const CERT_NAME_BLOB *name, char *text, DWORD size);

/* "localhost, 127.0.0.1": the alternative names that servers are addressed by. */
void certificate_names(PCCERT_CONTEXT certificate, char *text, size_t size);

/* Several lines; `depth` is its place in the chain. */
void certificate_print(FILE *file, unsigned depth, PCCERT_CONTEXT certificate);

/* As files have it. */
void certificate_print_pem(FILE *file, PCCERT_CONTEXT certificate);

#endif
