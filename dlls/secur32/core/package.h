/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What a security package is to the SSPI core: credentials, contexts and a table of operations.
 *
 * The core (core/sspi.c) turns handles into objects, keeps the order of calls on one context,
 * converts ANSI arguments and opens and closes handles. A package never sees a handle and never
 * frees its objects itself: it fills in object.destroy.
 *
 * Locking: initialize, accept, complete, apply_control_token, query_context, set_context and the
 * other context operations run in the context's lane, one at a time. encrypt, decrypt,
 * make_signature and verify_signature run outside it, possibly at the same time as each other and
 * as a lane operation; the package protects what they share.
 */
#ifndef ASYNCSSPI_PACKAGE_H
#define ASYNCSSPI_PACKAGE_H

#include "core/object.h"
#include "core/lane.h"

struct credentials {
    struct object object;
};

struct context {
    struct object object;
    struct lane lane;
};

struct acquire_args {
    const SEC_WCHAR *principal; /* or NULL */
    const SEC_WCHAR *package;   /* the name asked for, which may be an alias */
    ULONG use;                  /* SECPKG_CRED_ */
    void *logon_id;
    void *auth_data;
    SEC_GET_KEY_FN get_key;
    void *get_key_argument;
    bool ansi;          /* auth_data came through the A function */
    const void *caller; /* code of the program's that the call returns to; NULL: not known */
};

struct initialize_args {
    const SEC_WCHAR *target; /* or NULL */
    ULONG requirements;      /* ISC_REQ_ */
    ULONG reserved1;
    ULONG data_representation;
    SecBufferDesc *input; /* or NULL */
    ULONG reserved2;
    SecBufferDesc *output; /* or NULL */
    ULONG *attributes;     /* never NULL */
    TimeStamp *expiry;     /* never NULL */
    /* First call: the context whose handle is in *phNewContext and will be written over, or NULL;
     * of any package. */
    struct context *abandoned;
};

struct accept_args {
    SecBufferDesc *input;
    ULONG requirements; /* ASC_REQ_ */
    ULONG data_representation;
    SecBufferDesc *output;
    ULONG *attributes; /* never NULL */
    TimeStamp *expiry; /* never NULL */
};

/* Version 14 breaks declarations of function pointers in odd places. */
/* clang-format off */
/*
 * Operations. A NULL entry means SEC_E_UNSUPPORTED_FUNCTION. `ansi` tells that strings in the
 * buffer are to be ANSI.
 */
struct package_operations {
    SECURITY_STATUS (*acquire)(const struct package *package, const struct acquire_args *args,
                               struct credentials **credentials, TimeStamp *expiry);
    /*
     * *context is NULL on the first call; the package sets it when it created one, which it does
     * only together with a success status. credentials may be NULL on later calls.
     */
    SECURITY_STATUS (*initialize)(struct credentials *credentials, struct context **context,
                                  const struct initialize_args *args);
    SECURITY_STATUS (*accept)(struct credentials *credentials, struct context **context,
                              const struct accept_args *args);
    SECURITY_STATUS (*complete)(struct context *context, SecBufferDesc *token);
    SECURITY_STATUS (*apply_control_token)(struct context *context, SecBufferDesc *input);
    SECURITY_STATUS (*encrypt)(struct context *context, ULONG qop, SecBufferDesc *message,
                               ULONG sequence);
    SECURITY_STATUS (*decrypt)(struct context *context, SecBufferDesc *message, ULONG sequence,
                               ULONG *qop);
    SECURITY_STATUS (*make_signature)(struct context *context, ULONG qop, SecBufferDesc *message,
                                      ULONG sequence);
    SECURITY_STATUS (*verify_signature)(struct context *context, SecBufferDesc *message,
                                        ULONG sequence, ULONG *qop);
    /* size is the buffer's size, or ~0u when the caller did not tell. */
    SECURITY_STATUS (*query_context)(struct context *context, ULONG attribute, void *buffer,
                                     ULONG size, bool ansi);
    SECURITY_STATUS (*set_context)(struct context *context, ULONG attribute, void *buffer,
                                   ULONG size, bool ansi);
    SECURITY_STATUS (*query_credentials)(struct credentials *credentials, ULONG attribute,
                                         void *buffer, ULONG size, bool ansi);
    SECURITY_STATUS (*set_credentials)(struct credentials *credentials, ULONG attribute,
                                       void *buffer, ULONG size, bool ansi);
    SECURITY_STATUS (*impersonate)(struct context *context);
    SECURITY_STATUS (*revert)(struct context *context);
    SECURITY_STATUS (*query_token)(struct context *context, void **token);
    SECURITY_STATUS (*export_context)(struct context *context, ULONG flags, SecBuffer *packed,
                                      void **token);
    /* *context is NULL, and set together with a success status. */
    SECURITY_STATUS (*import_context)(const struct package *package, SecBuffer *packed, void *token,
                                      struct context **context);
    SECURITY_STATUS (*add_credentials)(struct credentials *credentials,
                                       const struct acquire_args *args, TimeStamp *expiry);
};
/* clang-format on */

struct package {
    const SecPkgInfoW *info;
    const struct package_operations *operations;
    /* Last chance before use: loads what the package needs. Fails, or says PACKAGE_ABSENT. NULL:
     * nothing is needed. */
    SECURITY_STATUS (*prepare)(const struct package *package);
};

/* This package is not to be had here, from now on: one of others with its name takes its place. */
#define PACKAGE_ABSENT ((SECURITY_STATUS)1)

/*
 * Which packages there are: `own`, and those of others, who are asked only when none of ours
 * answers; one of theirs with the name of one of ours does not count, unless ours is absent. Before
 * any other call.
 */
void packages_use(const struct package *own, unsigned int own_count,
                  const struct package *(*others)(unsigned int *count));

/* The package of that name or alias, ready for use: SEC_E_OK, SEC_E_SECPKG_NOT_FOUND, or why it
 * cannot be used. */
SECURITY_STATUS package_find(const SEC_WCHAR *name, const struct package **package);

/* SecPkgInfoA or SecPkgInfoW in one block with its strings; NULL: out of memory. */
void *package_info_copy(const SecPkgInfoW *info, bool ansi);

#endif
