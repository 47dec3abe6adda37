/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Versions and algorithms, as GnuTLS's priorities, shared by credentials with equal settings. */
#ifndef UNIX_CREDENTIALS_PRIORITY_H
#define UNIX_CREDENTIALS_PRIORITY_H

#include "unix/base/engine.h"

struct priority;

/* Beside the TLS_DISABLE_ bits: peers without RFC 5746. */
#define PRIORITY_NO_UNSAFE_PEERS (1ull << 62)

/* A counted, shared gnutls_priority_t for these settings; NULL and *status on failure. */
struct priority *priority_get(uint32_t role, uint32_t protocols, uint64_t disabled,
                              const struct tls_order *order, int32_t *status);
/* Those of the protocols that a suite of the order is for. */
uint32_t priority_protocols(uint32_t protocols, const struct tls_order *order);
void priority_release(struct priority *priority);
gnutls_priority_t priority_handle(const struct priority *priority);
/* A reference to the same, but sessions that get it neither take nor give out tickets any more. */
struct priority *priority_without_tickets(const struct priority *priority);

/* A reference to the same without TLS 1.3; NULL: nothing is left, or no memory. */
struct priority *priority_without_tls13(const struct priority *priority);

/* What kind of key signs in a suite before TLS 1.3. */
#define SUITE_WITH_RSA   1
#define SUITE_WITH_ECDSA 2 /* EdDSA too */

/* One of these if the suite is enabled, else 0. */
uint8_t priority_suite(const struct priority *priority, const uint8_t id[2]);

#endif
