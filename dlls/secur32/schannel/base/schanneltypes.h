/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Windows' own types of Schannel and of certificates, and what the headers of mingw-w64 lack of
 * them.
 */
#ifndef ASYNCSSPI_SCHANNELTYPES_H
#define ASYNCSSPI_SCHANNELTYPES_H

#include "core/sspitypes.h"
#include <wincrypt.h>

#define SCHANNEL_USE_BLACKLISTS
#include <subauth.h>
#include <schannel.h>

#ifndef SCH_CRED_DEFERRED_CRED_VALIDATION
#define SCH_CRED_DEFERRED_CRED_VALIDATION 0x04000000
#endif
#ifndef CALG_NULLCIPHER
#define CALG_NULLCIPHER (ALG_CLASS_DATA_ENCRYPT | ALG_TYPE_ANY | 0)
#endif

#endif
