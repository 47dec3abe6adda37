/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Reading a ClientHello for what GnuTLS does not tell.
 *
 * The version: GnuTLS looks at suites first. With a TLS 1.2 client, a server of TLS 1.3 alone finds
 * no suite in common and says so, which misleads whoever has to fix it. So the ClientHello is read
 * once more when that error comes.
 */
#include <stdlib.h>
#include <string.h>

#include "unix/base/bytes.h"
#include "unix/base/engine.h"
#include "unix/wire/hello.h"
#include "unix/wire/wire.h"

#define SUPPORTED_VERSIONS  43
#define MESSAGE_HEADER_SIZE 4

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

static int on_version_extension(void *context, unsigned int type, const unsigned char *data,
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

/* Puts the message together; false when it is none or not all there. */
static bool read_body(struct client_hello *hello)
{
    const uint8_t *data = hello->records;
    size_t size = hello->size, filled = 0, wanted = MESSAGE_HEADER_SIZE;
    uint8_t *message = hello->memory;
    struct record_view view;

    while (filled < wanted) {
        if (record_look(data, size, 0, &view) != RECORD_WHOLE || view.type != RECORD_HANDSHAKE)
            return false;
        memcpy(message + filled, data + RECORD_HEADER_SIZE, view.size - RECORD_HEADER_SIZE);
        filled += view.size - RECORD_HEADER_SIZE;
        data += view.size;
        size -= view.size;
        if (filled >= MESSAGE_HEADER_SIZE)
            wanted = MESSAGE_HEADER_SIZE + load24(message + 1);
    }
    hello->body.size = (unsigned int)(wanted - MESSAGE_HEADER_SIZE);
    return message[0] == GNUTLS_HANDSHAKE_CLIENT_HELLO && hello->body.size >= 2;
}

bool client_hello_extensions(struct client_hello *hello, extension_callback found, void *context)
{
    if (!hello->read && hello->size) {
        hello->read = true;
        hello->memory = malloc(hello->size);
        if (hello->memory && read_body(hello))
            hello->body.data = hello->memory + MESSAGE_HEADER_SIZE;
    }
    return hello->body.data && gnutls_ext_raw_parse(context, found, &hello->body,
                                                    GNUTLS_EXT_RAW_FLAG_TLS_CLIENT_HELLO) >= 0;
}

void client_hello_free(struct client_hello *hello)
{
    free(hello->memory);
}

bool client_hello_shares_version(struct client_hello *hello, uint32_t protocols)
{
    struct offer offer = {0, false};
    uint32_t highest;

    if (!client_hello_extensions(hello, on_version_extension, &offer))
        return true;
    if (!offer.listed) {
        /* The old way names the highest version and means all below. */
        highest = protocol_of(hello->body.data[0], hello->body.data[1]);
        offer.protocols = highest | (highest ? highest - 1 : 0);
    }
    return offer.protocols & protocols;
}
