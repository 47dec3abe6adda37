/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether Wine's winhttp or wininet makes a credential.
 */
#ifndef ASYNCSSPI_WINENET_H
#define ASYNCSSPI_WINENET_H

#include <stdbool.h>

/* caller: where a call of AcquireCredentialsHandle returns to, or NULL. */
bool is_winenet(const void *caller);

#endif
