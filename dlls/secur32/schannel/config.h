/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the registry says about Schannel.
 */
#ifndef ASYNCSSPI_CONFIG_H
#define ASYNCSSPI_CONFIG_H

#include "schannel.h"

/*
 * The administrator's word on protocol versions, as SP_PROT_ bits of the role. *defaults comes in
 * as the versions used when a program names none and goes out changed; *forbidden are those no
 * program can have.
 */
void config_protocols(enum tls_role role, DWORD *defaults, DWORD *forbidden);

#endif
