/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What each of Wine's packages does.
 */
#ifndef ASYNCSSPI_DELEGATE_PACKAGE_H
#define ASYNCSSPI_DELEGATE_PACKAGE_H

#include "core/package.h"

/* Of packages whose info->Name is Wine's; called only where delegate_table() is not NULL. */
extern const struct package_operations delegate_operations;

#endif
