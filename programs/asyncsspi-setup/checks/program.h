/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Programs that get another secur32.dll than others do. */
#ifndef PROBE_PROGRAM_H
#define PROBE_PROGRAM_H

#include "checks/finding.h"

/* The programs that have overrides of their own (AppDefaults). */
void check_overrides(struct finding *finding);
/* Those of 32 bits. */
void check_wow64(struct finding *finding);
/* The program of that name, whose path is whole. */
void check_program(struct finding *finding, const WCHAR *path);

#endif
