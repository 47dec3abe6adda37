/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which files this process gets. */
#ifndef PROBE_LOADED_H
#define PROBE_LOADED_H

#include <stdbool.h>

#include "checks/finding.h"

/* Whose secur32.dll and sspicli.dll. */
void check_loaded(struct finding *finding);
/* Whether the engine can be reached, and in which file. */
void check_engine(struct finding *finding);

#endif
