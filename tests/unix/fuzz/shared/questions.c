/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See fuzz/shared/questions.h.
 */
#include "fuzz/shared/questions.h"

#include <stdlib.h>

#include "kit/support.h"
#include "fuzz/shared/require.h"

static void ask_blob(tls_u64 session, enum tls_call code, uint32_t kind, uint32_t room)
{
    uint8_t *buffer = room ? malloc(room) : NULL;
    struct tls_get_blob call = {.session = session,
                                .buffer = (tls_u64)(uintptr_t)buffer,
                                .buffer_size = room,
                                .kind = kind};

    engine_call(code, &call);
    require(call.status != SEC_E_OK || call.size <= room, "an answer fits");
    require(call.status != SEC_E_BUFFER_TOO_SMALL || call.size > room, "a size that is needed");
    free(buffer);
}

static void ask_keys(tls_u64 session, uint32_t room)
{
    uint8_t *output = room ? malloc(room) : NULL;
    struct tls_keying_material call = {.session = session,
                                       .label = (tls_u64)(uintptr_t) "EXPORTER-fuzz",
                                       .label_size = room % 14,
                                       .has_context = room >> 4 & 1,
                                       .context = (tls_u64)(uintptr_t) "context",
                                       .context_size = room >> 5 & 7,
                                       .output = (tls_u64)(uintptr_t)output,
                                       .output_size = room};

    engine_call(TLS_CALL_KEYING_MATERIAL, &call);
    free(output);
}

void ask_everything(tls_u64 session, uint8_t room)
{
    static const enum tls_call blobs[] = {TLS_CALL_PEER_CHAIN, TLS_CALL_RESUMPTION_DATA,
                                          TLS_CALL_SIGNATURES, TLS_CALL_STAPLED_RESPONSE,
                                          TLS_CALL_ISSUERS};
    struct tls_eap_keys eap = {.session = session, .kind = room};
    struct tls_set_mtu mtu = {.session = session}; /* none that can be */
    struct tls_srtp srtp = {.session = session};
    struct tls_names names;
    struct tls_info info;

    info_get(session, &info);
    names_get(session, &names);
    require(names.alpn_size <= sizeof(names.alpn), "a protocol fits");
    require(names.server_name_size <= sizeof(names.server_name), "a name fits");
    for (unsigned int i = 0; i < sizeof(blobs) / sizeof(blobs[0]); i++)
        ask_blob(session, blobs[i], room & 3, (uint32_t)room * 16);
    for (uint32_t kind = 0; kind < 4; kind++)
        ask_blob(session, TLS_CALL_CHANNEL_BINDING, kind, room);
    ask_keys(session, (uint32_t)room);
    for (eap.kind = 0; eap.kind < 5; eap.kind++)
        engine_call(TLS_CALL_EAP_KEYS, &eap);
    engine_call(TLS_CALL_SRTP, &srtp);
    engine_call(TLS_CALL_SET_MTU, &mtu);
    require(mtu.status != SEC_E_OK, "no MTU is none");
}
