/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SECPKG_ATTR_DTLS_MTU: the largest datagram of a DTLS context.
 *
 * SEC_DTLS_MTU has 16 bits; programs that hand over 32 for a value in the documented range mean the
 * same. The first call of a handshake may bring one in a buffer, too (legs/datagram.c). The
 * datagram is what stands behind the UDP header.
 */
#include "schannel/attributes/attributes_datagram.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "winegnutls/unixlib.h"

SECURITY_STATUS query_mtu(struct schannel_context *context, void *buffer)
{
    if (!context->datagram)
        return SEC_E_UNSUPPORTED_FUNCTION;
    ((SEC_DTLS_MTU *)buffer)->PathMTU = context->mtu;
    return SEC_E_OK;
}

SECURITY_STATUS set_mtu(struct schannel_context *context, const void *buffer)
{
    struct tls_set_mtu call = {.session = context->session};
    SECURITY_STATUS status = SEC_E_OK;
    USHORT mtu;

    if (!context->datagram)
        return SEC_E_UNSUPPORTED_FUNCTION;
    memcpy(&mtu, buffer, sizeof(mtu));
    if (mtu < TLS_MINIMUM_MTU)
        return SEC_E_INVALID_PARAMETER;
    call.mtu = mtu;

    context_lock(context);
    if (context->session) {
        status = engine_call(TLS_CALL_SET_MTU, &call);
        if (status == SEC_E_OK)
            status = call.status;
    }
    if (status == SEC_E_OK) {
        context->mtu = mtu;
        context->sizes.max_data = call.max_data;
    }
    context_unlock(context);
    return status;
}
