/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * How a server judges its clients' certificates, as a number.
 */
#ifndef ASYNCSSPI_JUDGEMENT_H
#define ASYNCSSPI_JUDGEMENT_H

#include "core/sspitypes.h"
#include "winegnutls/unixlib.h"

struct schannel_credentials;

/* Equal for credentials that come to the same verdicts; 0: they leave it to the program. */
tls_u64 judgement_of(const struct schannel_credentials *credentials);

#endif
