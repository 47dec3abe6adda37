/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The order of suites and groups, as administrators write it.
 */
#ifndef ASYNCSSPI_ORDER_H
#define ASYNCSSPI_ORDER_H

#include "core/sspitypes.h"
#include "winegnutls/unixlib.h"

struct schannel_order {
    struct tls_order order;
    tls_u64 disabled; /* TLS_DISABLE_: parts of no listed suite, curves that are not listed */
};

/* As the registry is now, for config_get, which keeps it. Names that nobody knows are passed over;
 * a list without any other is as good as none. */
void order_read(struct schannel_order *order);

#endif
