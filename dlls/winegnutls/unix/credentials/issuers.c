/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whom a server's certificate requests name.
 *
 * GnuTLS names the subjects of the credentials' trusted certificates, which the engine uses for
 * nothing else. They are added once, before any session is told to send them: sessions made earlier
 * do not look at the list, so that it can be made while they run.
 */
#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/credentials/issuers.h"
#include "unix/credentials/keyload.h"
#include "unix/state/credentials.h"
#include "unix/state/session.h"

/* Hands a certificate over to GnuTLS; one that does not parse is nobody's name. */
static int add_issuer(gnutls_certificate_credentials_t tls, const struct tls_blob *blob)
{
    gnutls_x509_crt_t certificate;
    int error = certificate_import(&certificate, blob->data, blob->size);

    if (error >= 0)
        error = gnutls_certificate_set_x509_trust(tls, &certificate, 1);
    if (certificate)
        gnutls_x509_crt_deinit(certificate);
    return error == GNUTLS_E_MEMORY_ERROR ? error : 0;
}

int issuers_set(struct credentials *credentials, const struct tls_blob *issuers, uint32_t count)
{
    int error = 0;

    for (uint32_t i = 0; i < count && error >= 0; i++)
        error = add_issuer(credentials->tls, &issuers[i]);
    if (error >= 0)
        atomic_store_explicit(&credentials->names_issuers, true, memory_order_release);
    return error;
}

void issuers_apply(struct session *session)
{
    bool named = atomic_load_explicit(&session->credentials->names_issuers, memory_order_acquire);

    gnutls_certificate_send_x509_rdn_sequence(session->tls, named ? 0 : 1);
}

void call_set_issuers(struct tls_set_issuers *params)
{
    struct credentials *credentials = pointer(params->credentials);

    params->status = SEC_E_UNSUPPORTED_FUNCTION;
    if (!credentials || credentials->role != TLS_SERVER || (params->count && !params->issuers))
        return;
    pthread_mutex_lock(&credentials->settings_lock);
    if (!atomic_load(&credentials->names_issuers))
        params->status = issuers_set(credentials, pointer(params->issuers), params->count) < 0
                             ? SEC_E_INSUFFICIENT_MEMORY
                             : SEC_E_OK;
    pthread_mutex_unlock(&credentials->settings_lock);
}
