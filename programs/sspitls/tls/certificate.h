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

struct certificate_text {
    char subject[768], issuer[768];
    char from[24], to[24]; /* "2026-12-01 10:30", UTC */
    char names[768];       /* see certificate_names */
    char key[64];          /* "RSA, 2048 bits" */
    char ocsp[64];   /* "good until 2026-12-01 10:30": what was stapled says; "": nothing was */
    char sha256[65]; /* of the certificate, in hexadecimal digits; "": not to be had */
};

void certificate_describe(PCCERT_CONTEXT certificate, struct certificate_text *text);

/* As files have it. */
void certificate_print_pem(FILE *file, PCCERT_CONTEXT certificate);

#endif
