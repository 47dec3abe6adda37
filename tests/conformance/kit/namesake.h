/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A DLL with the name of another one, and credentials that are acquired by its code.
 *
 * It is tests/namesake.dll, copied under that name to a directory of the test's own.
 */
#ifndef NAMESAKE_H
#define NAMESAKE_H

#include "kit/pair.h"

/* How Wine's winhttp and wininet call InitializeSecurityContext. */
#define WINENET_FLAGS                                                                              \
    (ISC_REQ_ALLOCATE_MEMORY | ISC_REQ_USE_SESSION_KEY | ISC_REQ_CONFIDENTIALITY |                 \
     ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_MANUAL_CRED_VALIDATION)

struct namesake {
    HMODULE module;
    FARPROC acquire;
    WCHAR directory[MAX_PATH], file[MAX_PATH];
};

/* FALSE after a failed ok(); unload works anyway. */
BOOL namesake_load(struct namesake *namesake, const WCHAR *name);
void namesake_unload(struct namesake *namesake);

/* AcquireCredentialsHandleW, or A, for Schannel. */
SECURITY_STATUS namesake_acquire(const struct namesake *namesake, BOOL ansi, ULONG use,
                                 void *auth_data, CredHandle *credentials);
/* As pair_create; the client's credentials are acquired over there, with auth_data. */
BOOL namesake_create_pair(const struct namesake *namesake, struct pair *pair, void *auth_data,
                          const struct side_options *client, const struct side_options *server);

#endif
