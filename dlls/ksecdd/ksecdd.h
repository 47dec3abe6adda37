/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ksecdd.sys inside. Its functions have C names of their own, because those of the exports are the
 * user-mode functions of secur32 that they call; ksecdd.spec maps one to the other.
 */
#ifndef ASYNCSSPI_KSECDD_H
#define ASYNCSSPI_KSECDD_H

#include "core/sspitypes.h"
#include <ntstatus.h>

SECURITY_STATUS WINAPI kernel_acquire(SECURITY_STRING *principal, SECURITY_STRING *package,
                                      ULONG use, void *logon_id, void *auth_data,
                                      SEC_GET_KEY_FN get_key, void *get_key_argument,
                                      CredHandle *credential, TimeStamp *expiry);
SECURITY_STATUS WINAPI kernel_add(CredHandle *credentials, SECURITY_STRING *principal,
                                  SECURITY_STRING *package, ULONG use, void *auth_data,
                                  SEC_GET_KEY_FN get_key, void *get_key_argument,
                                  TimeStamp *expiry);
SECURITY_STATUS WINAPI kernel_initialize(CredHandle *credential, CtxtHandle *context,
                                         SECURITY_STRING *target, ULONG requirements,
                                         ULONG reserved1, ULONG data_representation,
                                         SecBufferDesc *input, ULONG reserved2,
                                         CtxtHandle *new_context, SecBufferDesc *output,
                                         ULONG *attributes, TimeStamp *expiry);
SECURITY_STATUS WINAPI kernel_package_info(SECURITY_STRING *package, SecPkgInfoW **info);
SECURITY_STATUS WINAPI kernel_import(SECURITY_STRING *package, SecBuffer *packed, void *token,
                                     CtxtHandle *context);

#endif
