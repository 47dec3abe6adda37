/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PFX files that Wine's PFXImportCertStore does not take: those whose key is not RSA. */
#ifndef SSPITLS_PKCS12_H
#define SSPITLS_PKCS12_H

#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>

#include "base/buffer.h"

/*
 * Adds the certificates to `store`, the leaf as *certificate (a reference), and appends its private
 * key as PKCS#8. false when the file is damaged, of a kind not known here, or the password is
 * wrong.
 */
bool pkcs12_read(const struct buffer *file, const char *password, HCERTSTORE store,
                 PCCERT_CONTEXT *certificate, struct buffer *pkcs8);

#endif
