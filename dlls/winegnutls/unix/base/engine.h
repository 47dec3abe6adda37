/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every file of the engine needs: the libraries, the contract with the caller, statuses. */
#ifndef UNIX_BASE_ENGINE_H
#define UNIX_BASE_ENGINE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "unix/base/status.h"
#include "unixlib.h"

/* Turns a pointer member of a parameter struct into a pointer. */
static inline void *pointer(tls_u64 value)
{
    return (void *)(uintptr_t)value;
}

#endif
