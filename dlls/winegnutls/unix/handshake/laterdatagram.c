/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS_ACTION_HANDSHAKE after a DTLS handshake: repeats of the last flight, and hellos that are
 * refused.
 */
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/handshake/later.h"
#include "unix/handshake/laterdatagram.h"
#include "unix/handshake/renegotiate.h"
#include "unix/records/dtlsrecord.h"
#include "unix/records/keys.h"
#include "unix/session/ending.h"
#include "unix/state/session.h"
#include "unix/wire/wire.h"

/* False when the leg ends here. */
static bool take_message(struct session *session, const uint8_t *record,
                         const struct dtls_view *view, struct tls_handshake *params)
{
    int error;

    switch (dtls_judge(session, record, view)) {
    case SEC_E_UNFINISHED_CONTEXT_DELETED:
        return posthandshake_feed(session, record, view->size, params);
    case SEC_I_RENEGOTIATE:
        keys_give(session);
        error = renegotiation_refuse(session);
        if (error >= 0)
            error = keys_take(session);
        if (error >= 0)
            return true;
        session_fail(session, error, params);
        return false;
    default:
        return true;
    }
}

void datagram_posthandshake(struct session *session, struct tls_handshake *params)
{
    const uint8_t *input = pointer(params->input);
    struct dtls_view view;

    params->status = SEC_E_OK;
    if (peer_has_closed(session, params))
        return;
    while (params->consumed < params->input_size &&
           dtls_look(input + params->consumed, params->input_size - params->consumed, &view)) {
        const uint8_t *record = input + params->consumed;
        bool ours = view.epoch == session->decrypt.epoch;

        /* That is DecryptMessage's. */
        if (ours && (view.type == RECORD_DATA || view.type == RECORD_ALERT))
            return;
        params->consumed += (uint32_t)view.size;
        if (ours && view.type == RECORD_HANDSHAKE && !take_message(session, record, &view, params))
            return;
    }
    params->consumed = params->input_size;
}
