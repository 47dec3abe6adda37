/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PEM text without passwords. */
#ifndef SSPITLS_PEM_H
#define SSPITLS_PEM_H

#include <stdbool.h>
#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>

#include "base/buffer.h"

bool is_pem(const struct buffer *text);
/* Adds every certificate to a store; returns how many. */
unsigned pem_certificates(const struct buffer *text, HCERTSTORE store);

/* Write a file each. */
bool pem_save_certificate(PCCERT_CONTEXT certificate, const char *path);
/* The key of the certificate's PKCS#8 property. */
bool pem_save_key(PCCERT_CONTEXT certificate, const char *path);

#endif
