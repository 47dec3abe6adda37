/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Telling a failed negotiation of the version from one of the cipher suite. GnuTLS looks at suites
 * first: with a TLS 1.2 client, a server of TLS 1.3 alone finds no suite in common and says so,
 * which misleads whoever has to fix it. So the ClientHello is read once more when that error comes.
 */
#include "engine.h"

#define SUPPORTED_VERSIONS 43
#define MESSAGE_OFFSET     (RECORD_HEADER_SIZE + 4)

struct offer {
    uint32_t protocols;
    bool listed; /* the extension was there */
};

static uint32_t protocol_of(uint8_t major, uint8_t minor)
{
    static const uint32_t protocols[] = {TLS_PROTOCOL_TLS1_0, TLS_PROTOCOL_TLS1_1,
                                         TLS_PROTOCOL_TLS1_2, TLS_PROTOCOL_TLS1_3};

    return major == 3 && minor >= 1 && minor <= 4 ? protocols[minor - 1] : 0;
}

static int on_extension(void *context, unsigned int type, const unsigned char *data,
                        unsigned int size)
{
    struct offer *offer = context;
    unsigned int i;

    if (type != SUPPORTED_VERSIONS)
        return 0;
    offer->listed = true;
    for (i = 1; i + 1 < size; i += 2)
        offer->protocols |= protocol_of(data[i], data[i + 1]);
    return 0;
}

bool client_hello_shares_version(const uint8_t *data, size_t size, uint32_t protocols)
{
    struct offer offer = {0, false};
    struct record_view view;
    gnutls_datum_t message;
    uint32_t highest;

    /* One that is spread over records is not worth the trouble. */
    if (record_look(data, size, 0, &view) != RECORD_WHOLE || view.type != RECORD_HANDSHAKE ||
        view.size < MESSAGE_OFFSET + 2 || data[RECORD_HEADER_SIZE] != GNUTLS_HANDSHAKE_CLIENT_HELLO)
        return true;
    message.data = (uint8_t *)data + MESSAGE_OFFSET;
    message.size = (unsigned int)(view.size - MESSAGE_OFFSET);
    if (gnutls_ext_raw_parse(&offer, on_extension, &message, GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO) <
        0)
        return true;
    if (!offer.listed) {
        /* The old way names the highest version and means all below. */
        highest = protocol_of(message.data[0], message.data[1]);
        offer.protocols = highest | (highest ? highest - 1 : 0);
    }
    return offer.protocols & protocols;
}
