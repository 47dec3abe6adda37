/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Settings of the command line -> SCH_CREDENTIALS -> a credential handle. */
#include "tls/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "base/completion.h"
#include "base/error.h"
#include "tls/alpn.h"
#include "tls/async.h"

/* Where QuerySecurityPackageInfo cannot be asked. */
#define FALLBACK_MAX_TOKEN 24576

#define CLIENT_REQUIREMENTS                                                                        \
    (ISC_REQ_SEQUENCE_DETECT | ISC_REQ_REPLAY_DETECT | ISC_REQ_CONFIDENTIALITY | ISC_REQ_STREAM |  \
     ISC_REQ_EXTENDED_ERROR | ISC_REQ_USE_SUPPLIED_CREDS)
/* ISC_REQ_STREAM and ASC_REQ_STREAM differ, ISC_REQ_DATAGRAM and ASC_REQ_DATAGRAM do not. */
#define SERVER_REQUIREMENTS                                                                        \
    (ASC_REQ_SEQUENCE_DETECT | ASC_REQ_REPLAY_DETECT | ASC_REQ_CONFIDENTIALITY | ASC_REQ_STREAM |  \
     ASC_REQ_EXTENDED_ERROR)

static DWORD disabled_protocols(const struct tls_settings *settings)
{
    static const struct {
        unsigned version;
        DWORD bits;
    } rows[] = {
        {TLS_1_0, SP_PROT_TLS1_0},
        {TLS_1_1, SP_PROT_TLS1_1},
        {TLS_1_2, SP_PROT_TLS1_2},
        {TLS_1_3, SP_PROT_TLS1_3},
    };
    DWORD disabled = 0, wanted = 0;

    if (!settings->versions)
        return 0;
    /* All but what is wanted: that asks for DTLS 1.0, which is not used otherwise. */
    if (settings->dtls)
        return ~((settings->versions & TLS_1_2 ? SP_PROT_DTLS1_2 : 0u) |
                 (settings->versions & TLS_1_0 ? SP_PROT_DTLS1_0 : 0u));
    for (size_t i = 0; i < ARRAYSIZE(rows); i++) {
        if (settings->versions & rows[i].version)
            wanted |= rows[i].bits;
        else
            disabled |= rows[i].bits;
    }
    /* Versions that are off by default are asked for by the complement of all that is wanted. */
    if (settings->versions & (TLS_1_0 | TLS_1_1))
        return ~wanted;
    return disabled | SP_PROT_SSL2 | SP_PROT_SSL3;
}

static DWORD credential_flags(const struct tls_settings *settings)
{
    DWORD flags = settings->legacy ? 0 : SCH_USE_STRONG_CRYPTO;

    if (settings->dtls)
        flags |= SCH_USE_DTLS_ONLY;
    if (settings->no_reconnect)
        flags |= SCH_CRED_DISABLE_RECONNECTS;
    if (!settings->server)
        flags |= SCH_CRED_NO_DEFAULT_CREDS;
    if (settings->insecure)
        flags |= SCH_CRED_MANUAL_CRED_VALIDATION;
    else
        flags |= SCH_CRED_AUTO_CRED_VALIDATION;
    if (settings->revocation)
        flags |= SCH_CRED_REVOCATION_CHECK_CHAIN;
    return flags;
}

static void acquired(SspiAsyncContext *call, void *data)
{
    (void)call;
    completion_signal(data);
}

static SECURITY_STATUS acquire_async(struct tls_credentials *credentials, ULONG use, void *data)
{
    struct completion completion = {.done = false};
    SspiAsyncContext *call = async.create();
    SECURITY_STATUS status;
    TimeStamp expiry;

    if (!call)
        return SEC_E_INSUFFICIENT_MEMORY;
    async.set_callback(call, acquired, &completion);
    status = async.acquire(call, NULL, (WCHAR *)UNISP_NAME_W, use, NULL, data, NULL, NULL,
                           &credentials->handle, &expiry);
    if (status == SEC_E_OK) {
        completion_wait(&completion);
        status = async.status(call);
    }
    async.free(call);
    return status;
}

static ULONG query_max_token(void)
{
    PSecPkgInfoW package;
    ULONG size = FALLBACK_MAX_TOKEN;

    if (QuerySecurityPackageInfoW((WCHAR *)UNISP_NAME_W, &package) == SEC_E_OK) {
        size = max(size, package->cbMaxToken);
        FreeContextBuffer(package);
    }
    return size;
}

SECURITY_STATUS tls_credentials_acquire(struct tls_credentials *credentials,
                                        const struct tls_settings *settings)
{
    TLS_PARAMETERS parameters = {.grbitDisabledProtocols = disabled_protocols(settings)};
    SCH_CREDENTIALS data = {
        .dwVersion = SCH_CREDENTIALS_VERSION,
        .cCreds = settings->certificate_count,
        .paCred = settings->certificates,
        .hRootStore = settings->roots,
        .dwFlags = credential_flags(settings),
    };
    ULONG use = settings->server ? SECPKG_CRED_INBOUND : SECPKG_CRED_OUTBOUND;
    SECURITY_STATUS status;
    TimeStamp expiry;

    memset(credentials, 0, sizeof(*credentials));
    credentials->server = settings->server;
    credentials->sync = settings->sync;
    if (settings->alpn) {
        credentials->alpn_size =
            (ULONG)alpn_build(settings->alpn, credentials->alpn, sizeof(credentials->alpn));
        if (!credentials->alpn_size)
            return SEC_E_INVALID_PARAMETER;
    }
    if (!settings->sync && !async_load())
        return SEC_E_UNSUPPORTED_FUNCTION;
    if (settings->without) {
        parameters.cDisabledCrypto = settings->without->count;
        parameters.pDisabledCrypto = (CRYPTO_SETTINGS *)settings->without->settings;
    }
    if (settings->versions || settings->without) {
        data.cTlsParameters = 1;
        data.pTlsParameters = &parameters;
    }
    credentials->requirements = settings->server ? SERVER_REQUIREMENTS : CLIENT_REQUIREMENTS;
    if (settings->dtls)
        credentials->requirements =
            (credentials->requirements & ~(settings->server ? ASC_REQ_STREAM : ISC_REQ_STREAM)) |
            ISC_REQ_DATAGRAM;
    if (settings->verify)
        credentials->requirements |= ASC_REQ_MUTUAL_AUTH;
    if (settings->insecure && !settings->server)
        credentials->requirements |= ISC_REQ_MANUAL_CRED_VALIDATION;

    if (settings->sync)
        status = AcquireCredentialsHandleW(NULL, (WCHAR *)UNISP_NAME_W, use, NULL, &data, NULL,
                                           NULL, &credentials->handle, &expiry);
    else
        status = acquire_async(credentials, use, &data);
    credentials->acquired = status == SEC_E_OK;
    if (credentials->acquired)
        credentials->max_token = query_max_token();
    return status;
}

void tls_credentials_free(struct tls_credentials *credentials)
{
    SspiAsyncContext *call;

    if (!credentials->acquired)
        return;
    credentials->acquired = false;
    if (!credentials->sync && (call = async.create())) {
        /* No callback: the async context may be freed while the call is still under
         * way. */
        if (async.free_credentials(call, &credentials->handle) == SEC_E_OK) {
            async.free(call);
            return;
        }
        async.free(call);
    }
    FreeCredentialsHandle(&credentials->handle);
}
