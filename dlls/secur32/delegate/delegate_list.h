/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Which packages Wine has.
 */
#ifndef ASYNCSSPI_DELEGATE_LIST_H
#define ASYNCSSPI_DELEGATE_LIST_H

#include "core/package.h"

/* Loads Wine's secur32; none when it cannot be loaded. The list stays to the end. */
const struct package *delegate_packages(unsigned int *count);

#endif
