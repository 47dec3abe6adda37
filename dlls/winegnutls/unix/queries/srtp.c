/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The use_srtp extension of DTLS (RFC 5764): what is offered, and what was agreed on. The keys come
 * from TLS_CALL_KEYING_MATERIAL. GnuTLS keeps four profiles and does not look at their numbers, so
 * that those it has no name for (RFC 7714) work as well.
 */
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/queries/srtp.h"
#include "unix/state/session.h"

#define MAX_PROFILES 4
#define MAX_MKI      255

int srtp_offer(gnutls_session_t tls, const struct tls_handshake *params)
{
    const uint8_t *list = pointer(params->srtp_profiles);
    uint32_t i, count = params->srtp_profiles_size / 2;
    gnutls_datum_t mki = {pointer(params->srtp_mki), params->srtp_mki_size};
    int error = 0;

    if (!list || !count)
        return 0;
    if (params->srtp_profiles_size % 2 || mki.size > MAX_MKI)
        return GNUTLS_E_INVALID_REQUEST;
    for (i = 0; error >= 0 && i < count && i < MAX_PROFILES; i++)
        error = gnutls_srtp_set_profile(
            tls, (gnutls_srtp_profile_t)((unsigned int)list[2 * i] << 8 | list[2 * i + 1]));
    if (error >= 0 && mki.size)
        error = gnutls_srtp_set_mki(tls, &mki);
    return error;
}

void call_srtp(struct tls_srtp *params)
{
    struct session *session = pointer(params->session);
    gnutls_srtp_profile_t profile;
    gnutls_datum_t mki;

    params->profile = params->mki_size = 0;
    memset(params->mki, 0, sizeof(params->mki));
    if (!session || !is_connected(session)) {
        params->status = SEC_E_INVALID_HANDLE;
        return;
    }
    params->status = SEC_E_UNSUPPORTED_FUNCTION;
    if (!session->datagram || gnutls_srtp_get_selected_profile(session->tls, &profile) < 0)
        return;
    params->profile = (uint32_t)profile;
    if (gnutls_srtp_get_mki(session->tls, &mki) >= 0 && mki.size <= MAX_MKI) {
        memcpy(params->mki, mki.data, mki.size);
        params->mki_size = mki.size;
    }
    params->status = SEC_E_OK;
}
