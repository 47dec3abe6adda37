/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A certificate against every version, both ways of checking; see kit/verdict.h.
 */
#include "kit/verdict.h"
#include "wine/test.h"
#include "kit/wire.h"

/* ChangeCipherSpec and an encrypted alert of TLS 1.3; a Finished is longer than that. */
#define LONGEST_REFUSAL (6 + 5 + 2 + 1 + 16)

/* The public table of Schannel's codes for alerts, as far as certificates go. */
static SECURITY_STATUS status_of_alert(int alert)
{
    switch (alert) {
    case TLS1_ALERT_CERTIFICATE_REVOKED:
        return CRYPT_E_REVOKED;
    case TLS1_ALERT_CERTIFICATE_EXPIRED:
        return SEC_E_CERT_EXPIRED;
    case TLS1_ALERT_UNKNOWN_CA:
        return SEC_E_UNTRUSTED_ROOT;
    case TLS1_ALERT_BAD_CERTIFICATE:
    case TLS1_ALERT_UNSUPPORTED_CERT:
    case TLS1_ALERT_CERTIFICATE_UNKNOWN:
        return SEC_E_CERT_UNKNOWN;
    default:
        return SEC_E_ILLEGAL_MESSAGE;
    }
}

/* What the peer is told, when its own handshake is over already: a TLS 1.3 client's. */
static SECURITY_STATUS told_later(struct side *peer)
{
    BYTE bytes[16];
    DWORD size;

    return side_receive(peer, bytes, sizeof(bytes), &size);
}

/* A refusal is an alert and nothing else; the peer's handshake does not end with it. */
static void check_refusal(struct side *side, struct side *peer, DWORD version,
                          struct verdict expected)
{
    const DWORD size = peer->inbox_size;
    SECURITY_STATUS told;

    ok(side->alert == expected.alert, "alert %d, expected %d\n", side->alert, expected.alert);
    ok(size && size <= LONGEST_REFUSAL, "a refusal of %lu bytes\n", size);
    if (version == SIDE_TLS1_2)
        ok(size == WIRE_HEADER_SIZE + 2 && peer->inbox[0] == WIRE_ALERT, "more than an alert\n");
    if (peer->status == SEC_E_OK) {
        ok(version == SIDE_TLS1_3 && peer->role == SIDE_CLIENT, "the peer is content\n");
        told = told_later(peer);
    } else {
        ok(peer->status == SEC_I_CONTINUE_NEEDED, "the peer %s\n", status_name(peer->status));
        told = side_leg(peer);
    }
    ok(told == status_of_alert(expected.alert), "the peer is told %s\n", status_name(told));
}

/* To and fro until one side is done for; unlike pair_handshake it leaves the refusal unread. */
static void run(struct pair *pair, struct side *checking)
{
    unsigned int rounds;

    for (rounds = 0; rounds < 10 && !FAILED(checking->status); rounds++) {
        struct side *side = rounds % 2 ? &pair->server : &pair->client;

        if (side->status != SEC_I_CONTINUE_NEEDED || (rounds && !side->inbox_size))
            continue;
        side_leg(side);
        if (side == checking && FAILED(side->status))
            break;
    }
}

static void check_one(const struct verdict_case *row, enum side_role checking, DWORD version,
                      BOOL manual, struct verdict expected)
{
    struct side_options client = {.protocols = version, .target = row->target};
    struct side_options server = {.protocols = version};
    struct side_options *own = checking == SIDE_CLIENT ? &client : &server;
    struct side_options *other = checking == SIDE_CLIENT ? &server : &client;
    struct side *side, *peer;
    struct pair pair;

    own->cred_flags = row->cred_flags;
    own->cred_flags |= manual ? SCH_CRED_MANUAL_CRED_VALIDATION : SCH_CRED_AUTO_CRED_VALIDATION;
    own->root_store = row->root_store;
    own->alert = TRUE;
    other->certificates[0] = row->certificate;
    if (checking == SIDE_SERVER) {
        server.flags = SIDE_SERVER_FLAGS | ASC_REQ_MUTUAL_AUTH;
        server.certificates[0] = test_cert_localhost(TEST_KEY_ECDSA);
    }
    if (pair_create(&pair, &client, &server)) {
        side = checking == SIDE_CLIENT ? &pair.client : &pair.server;
        peer = side->peer;
        run(&pair, side);
        ok(side->status == expected.status, "%s, expected %s\n", status_name(side->status),
           status_name(expected.status));
        if (side->status == expected.status && FAILED(expected.status))
            check_refusal(side, peer, version, expected);
        else if (side->status == expected.status && pair_handshake(&pair))
            pair_exchange(side, peer, 100);
    }
    pair_destroy(&pair);
}

void check_verdict(const struct verdict_case *row, enum side_role checking, struct verdict expected)
{
    static const struct verdict accepted = {SEC_E_OK, 0};
    unsigned int i, manual;

    for (i = 0; i < ARRAY_SIZE(versions); i++)
        for (manual = 0; manual < (row->no_manual ? 1u : 2u); manual++) {
            winetest_push_context("%s, %s, %s", checking == SIDE_CLIENT ? "client" : "server",
                                  version_name(versions[i]), manual ? "manual" : "automatic");
            check_one(row, checking, versions[i], manual, manual ? accepted : expected);
            winetest_pop_context();
        }
}

void check_verdicts(const struct verdict_case *row, struct verdict expected)
{
    check_verdict(row, SIDE_CLIENT, expected);
    check_verdict(row, SIDE_SERVER, expected);
}
