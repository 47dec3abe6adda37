/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of calls that Wine's loader finds in winegnutlsidentity.so. */
#include <string.h>

#include "unix/found.h"
#include "unix/make.h"
#include "unix/pem.h"
#include "unix/pfx.h"

#define EXPORT __attribute__((visibility("default")))

/* NTSTATUS of the call itself; how it went is in the struct. */
typedef int32_t unix_call(void *params);

static int32_t enter_startup(void *params)
{
    struct identity_startup *startup = params;
    const char *version = gnutls_check_version(NULL);

    memset(startup->gnutls_version, 0, sizeof(startup->gnutls_version));
    strncpy(startup->gnutls_version, version ? version : "", sizeof(startup->gnutls_version) - 1);
    startup->status = startup->contract_version == IDENTITY_CONTRACT_VERSION ? 0 : -1;
    return 0;
}

static int32_t enter_read(void *params)
{
    struct identity_read *read = params;
    const char *password = (const char *)(uintptr_t)read->password;
    gnutls_datum_t file = {(void *)(uintptr_t)read->file, read->file_size};
    gnutls_datum_t key = {(void *)(uintptr_t)read->key_file, read->key_file_size};
    struct found found = {0};
    int32_t status;

    if (read->format == IDENTITY_PFX)
        status = pfx_read(&file, password, &found);
    else
        status = pem_read(&file, read->key_file ? &key : &file, password, &found);
    found_give(&found, status, &read->result);
    found_free(&found);
    return 0;
}

static int32_t enter_make(void *params)
{
    struct identity_make *make = params;
    struct found found = {0};

    found_give(&found, make_identity(make->kind, make->length, &found), &make->result);
    found_free(&found);
    return 0;
}

#define CALL_TABLE                                                                                 \
    {                                                                                              \
        [IDENTITY_CALL_STARTUP] = enter_startup, [IDENTITY_CALL_READ] = enter_read,                \
        [IDENTITY_CALL_MAKE] = enter_make,                                                         \
    }

EXPORT unix_call *const __wine_unix_call_funcs[IDENTITY_CALL_COUNT] = CALL_TABLE;
EXPORT unix_call *const __wine_unix_call_wow64_funcs[IDENTITY_CALL_COUNT] = CALL_TABLE;
