/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SSPI core's own functions, which the synchronous exports (core/sspi.c) and the
 * asynchronous engine (async/async.c) both call. They take counted objects where the exports take
 * handles, so that a call can be queued after its handles were read.
 */
#ifndef ASYNCSSPI_SSPI_H
#define ASYNCSSPI_SSPI_H

#include "core/package.h"
#include "core/text.h"

/*
 * The five calls that exist in an asynchronous form, as values. `form` says what the strings are.
 * Pointers are the caller's.
 */
struct acquire_call {
    void *principal;
    void *package;
    ULONG use;
    void *logon_id;
    void *auth_data;
    SEC_GET_KEY_FN get_key;
    void *get_key_argument;
    CredHandle *credential;
    TimeStamp *expiry;
    enum text_form form;
    const void *caller; /* return address of the export, or NULL */
};

struct initialize_call {
    /* References for the time of the call; NULL where the caller passed none. The `bad_` flags
     * record handles that did not resolve: SEC_E_INVALID_HANDLE when the call runs. */
    struct credentials *credentials;
    struct context *context;
    bool bad_credentials, bad_context;
    void *target;
    ULONG requirements;
    ULONG reserved1;
    ULONG data_representation;
    SecBufferDesc *input;
    ULONG reserved2;
    CtxtHandle *new_context;
    SecBufferDesc *output;
    ULONG *attributes;
    TimeStamp *expiry;
    enum text_form form;
};

struct accept_call {
    struct credentials *credentials;
    struct context *context;
    bool bad_credentials, bad_context;
    SecBufferDesc *input;
    ULONG requirements;
    ULONG data_representation;
    CtxtHandle *new_context;
    SecBufferDesc *output;
    ULONG *attributes;
    TimeStamp *expiry;
};

/*
 * Run a call. Those on a context expect to be in its lane already, and neither enters nor leaves
 * it. References stay the caller's.
 */
SECURITY_STATUS sspi_acquire(const struct acquire_call *call);
SECURITY_STATUS sspi_initialize(const struct initialize_call *call);
SECURITY_STATUS sspi_accept(const struct accept_call *call);
/* object NULL: SEC_E_INVALID_HANDLE. Closed meanwhile by another: the same. */
SECURITY_STATUS sspi_free_credentials(struct credentials *credentials);
SECURITY_STATUS sspi_delete_context(struct context *context);

/*
 * A new reference for a handle that a caller passed. A NULL pointer gives NULL and leaves *bad
 * false; a value that is no open handle gives NULL and sets *bad.
 */
struct credentials *credentials_of(const CredHandle *handle, bool *bad);
struct context *context_of(const CtxtHandle *handle, bool *bad);

#endif
