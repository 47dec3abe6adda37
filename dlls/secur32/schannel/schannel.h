/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel as the DLL sees it. The rooms below, each of which calls only those that stand under it:
 *
 *   package.c    the two names, the table of operations
 *   calls        InitializeSecurityContext and AcceptSecurityContext, EncryptMessage and
 *                DecryptMessage, ApplyControlToken; callers inside Wine that need answers of their
 *                own
 *   legs         one leg of a handshake between the caller's buffers and the engine
 *   attributes   what is queried and set, of contexts and of credentials
 *   peer         the peer's certificates: fetched, judged, named
 *   credentials  what the program and the registry allow, the certificates to send, stores,
 *                sessions to resume
 *   keys         a certificate context -> its private key, exported or used where it is
 *   base         the security context, the caller's buffers, the way to the engine
 */
#ifndef ASYNCSSPI_SCHANNEL_H
#define ASYNCSSPI_SCHANNEL_H

#include "core/package.h"

/* The three names of Schannel. */
extern const struct package schannel_packages[3];

/* When the DLL is unloaded. */
void schannel_unload(void);

#endif
