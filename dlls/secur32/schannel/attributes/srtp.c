/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SRTP over DTLS (RFC 5764): what the program offers in SRTP_PROTECTION_PROFILES and
 * SRTP_MASTER_KEY_IDENTIFIER buffers, and SECPKG_ATTR_SRTP_PARAMETERS.
 *
 * The profiles are the bytes of the extension, so each number is in network byte order; so is the
 * one of the answer. They are kept with the context, because a DTLS server's session comes to be
 * only with the client's second hello.
 */
#include "schannel/attributes/srtp.h"
#include "core/memory.h"
#include "schannel/base/buffers.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "winegnutls/unixlib.h"

#include <string.h>

struct srtp_offer {
    USHORT profiles_size;
    BYTE mki_size;
    BYTE mki[255];
    BYTE profiles[];
};

static SECURITY_STATUS new_offer(const SecBuffer *profiles, const SecBuffer *identifier,
                                 struct srtp_offer **result)
{
    const BYTE *list = profiles->pvBuffer, *mki = identifier ? identifier->pvBuffer : NULL;
    struct srtp_offer *offer;
    USHORT size;

    if (!list || profiles->cbBuffer < sizeof(size))
        return SEC_E_INVALID_PARAMETER;
    memcpy(&size, list, sizeof(size));
    if (!size || size % sizeof(USHORT) || size > profiles->cbBuffer - sizeof(size))
        return SEC_E_INVALID_PARAMETER;
    if (identifier && (!mki || !identifier->cbBuffer || mki[0] > identifier->cbBuffer - 1))
        return SEC_E_INVALID_PARAMETER;
    offer = heap_zalloc(sizeof(*offer) + size);
    if (!offer)
        return SEC_E_INSUFFICIENT_MEMORY;
    offer->profiles_size = size;
    memcpy(offer->profiles, list + sizeof(size), size);
    if (mki) {
        offer->mki_size = mki[0];
        memcpy(offer->mki, mki + 1, mki[0]);
    }
    *result = offer;
    return SEC_E_OK;
}

SECURITY_STATUS srtp_prepare(const struct leg *leg, struct tls_handshake *call)
{
    struct schannel_context *context = leg->context;
    struct srtp_offer *offer = NULL;
    SECURITY_STATUS status;

    if (leg->buffers.srtp_profiles) {
        status = new_offer(leg->buffers.srtp_profiles, leg->buffers.srtp_identifier, &offer);
        if (status)
            return status;
        srtp_release(context);
        context->srtp = offer;
    }
    if (context->srtp) {
        call->srtp_profiles = (ULONG_PTR)context->srtp->profiles;
        call->srtp_profiles_size = context->srtp->profiles_size;
        call->srtp_mki = (ULONG_PTR)context->srtp->mki;
        call->srtp_mki_size = context->srtp->mki_size;
    }
    return SEC_E_OK;
}

void srtp_release(struct schannel_context *context)
{
    if (context->srtp)
        heap_free(context->srtp);
    context->srtp = NULL;
}

SECURITY_STATUS query_srtp_parameters(struct schannel_context *context, void *buffer)
{
    SecPkgContext_SrtpParameters *parameters = buffer;
    struct tls_srtp call = {.session = context->session};
    SECURITY_STATUS status = session_call(context, TLS_CALL_SRTP, &call);
    BYTE *mki = NULL;

    if (!status)
        status = call.status;
    if (status)
        return status;
    if (call.mki_size) {
        mki = heap_zalloc(call.mki_size);
        if (!mki)
            return SEC_E_INSUFFICIENT_MEMORY;
        memcpy(mki, call.mki, call.mki_size);
    }
    parameters->ProtectionProfile = (WORD)(call.profile >> 8 | call.profile << 8);
    parameters->MasterKeyIdentifierSize = (BYTE)call.mki_size;
    parameters->MasterKeyIdentifier = mki;
    return SEC_E_OK;
}
