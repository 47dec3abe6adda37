/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Certificates and keys from PEM files. Functions that fail have printed why. */
#ifndef EXAMPLES_CERTIFICATES_H
#define EXAMPLES_CERTIFICATES_H

#include <windows.h>
#include <wincrypt.h>

/* All certificates of a file in a store in memory, the first one's context in `first`. */
HCERTSTORE load_certificates(const char *path, PCCERT_CONTEXT *first);

/*
 * The first certificate of a file, with its private key from another one (PKCS#8, unencrypted: RSA,
 * ECDSA or Ed25519). The issuers that follow it in the file are sent along by Schannel.
 */
PCCERT_CONTEXT load_identity(const char *certificate_path, const char *key_path);

#endif
