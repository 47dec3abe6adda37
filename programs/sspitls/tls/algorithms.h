/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Algorithms to do without: names of the command line -> CRYPTO_SETTINGS. */
#ifndef SSPITLS_ALGORITHMS_H
#define SSPITLS_ALGORITHMS_H

#include <stdbool.h>
#include <winsock2.h>
#include "asyncsspi.h"
#define SCHANNEL_USE_BLACKLISTS
#include <subauth.h>
#include <schannel.h>

struct algorithms {
    CRYPTO_SETTINGS settings[SCH_CRED_MAX_SUPPORTED_CRYPTO_SETTINGS];
    unsigned count;
};

/* Of a list as "aes128-cbc,sha1"; false after a line on stderr. */
bool algorithms_parse(struct algorithms *algorithms, const char *list);

#endif
