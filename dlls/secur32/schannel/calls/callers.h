/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Callers inside Wine that need answers of their own.
 */
#ifndef ASYNCSSPI_CALLERS_H
#define ASYNCSSPI_CALLERS_H

#include "core/package.h"
#include "schannel/base/context.h"

/* Who makes a first call with these credentials and ISC_REQ_ flags. */
enum caller caller_find(const struct schannel_credentials *credentials, ULONG requirements);
/* Whether this first call is another try by somebody who does not take no for an answer.
 * credentials may be NULL. */
bool caller_tries_for_ever(const struct schannel_credentials *credentials,
                           const struct initialize_args *args);

#endif
