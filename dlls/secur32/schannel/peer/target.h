/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The target name of InitializeSecurityContext.
 */
#ifndef ASYNCSSPI_TARGET_H
#define ASYNCSSPI_TARGET_H

#include "core/sspitypes.h"
#include <stdint.h>

/* Longest name that fits into SNI, and longest target that is looked at. */
#define SERVER_NAME_MAX 255
#define TARGET_MAX      1024

/* The host in a target: without service, port, brackets and trailing dot. Not NUL-terminated. */
struct target_host {
    const SEC_WCHAR *name;
    size_t size; /* 0: none */
};

struct target_host target_find_host(const SEC_WCHAR *target);

/* The A-label form of a target for SNI; its length, 0 when there is none to send. */
uint32_t server_name_from_target(const SEC_WCHAR *target, char name[SERVER_NAME_MAX + 1]);

#endif
