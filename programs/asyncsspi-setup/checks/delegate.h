/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is left to Wine's own secur32.dll. */
#ifndef PROBE_DELEGATE_H
#define PROBE_DELEGATE_H

#include "checks/finding.h"

/* Whether Wine's own DLL can be loaded from where asyncsspi looks for it. */
void check_marker(struct finding *finding);
/* Whether there is NTLM, for which Wine starts ntlm_auth. */
void check_ntlm(struct finding *finding);

#endif
