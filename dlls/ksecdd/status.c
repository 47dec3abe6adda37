/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * MapSecurityError: the NTSTATUS of the same meaning. Its page names no values, so these are our
 * choice: an error without a counterpart is STATUS_UNSUCCESSFUL; what is no error, and what is no
 * error of SSPI, stays as it is.
 */
#include "ksecdd.h"

#define FACILITY_MASK 0xffff0000u
#define SSPI_ERROR    0x80090000u

static const struct {
    SECURITY_STATUS from;
    NTSTATUS to;
} counterparts[] = {
    {SEC_E_INSUFFICIENT_MEMORY, STATUS_NO_MEMORY},
    {SEC_E_INVALID_HANDLE, STATUS_INVALID_HANDLE},
    {SEC_E_UNSUPPORTED_FUNCTION, STATUS_NOT_SUPPORTED},
    {SEC_E_TARGET_UNKNOWN, STATUS_BAD_NETWORK_NAME},
    {SEC_E_INTERNAL_ERROR, STATUS_INTERNAL_ERROR},
    {SEC_E_SECPKG_NOT_FOUND, STATUS_NO_SUCH_PACKAGE},
    {SEC_E_INVALID_TOKEN, STATUS_INVALID_PARAMETER},
    {SEC_E_INVALID_PARAMETER, STATUS_INVALID_PARAMETER},
    {SEC_E_LOGON_DENIED, STATUS_LOGON_FAILURE},
    {SEC_E_UNKNOWN_CREDENTIALS, STATUS_NO_SUCH_USER},
    {SEC_E_NO_CREDENTIALS, STATUS_NO_SUCH_LOGON_SESSION},
    {SEC_E_NO_AUTHENTICATING_AUTHORITY, STATUS_NO_LOGON_SERVERS},
    {SEC_E_MESSAGE_ALTERED, STATUS_ACCESS_DENIED},
    {SEC_E_BUFFER_TOO_SMALL, STATUS_BUFFER_TOO_SMALL},
    {SEC_E_TIME_SKEW, STATUS_TIME_DIFFERENCE_AT_DC},
    {SEC_E_CONTEXT_EXPIRED, STATUS_CONNECTION_DISCONNECTED},
};

NTSTATUS WINAPI kernel_map_error(SECURITY_STATUS status);

NTSTATUS WINAPI kernel_map_error(SECURITY_STATUS status)
{
    for (ULONG i = 0; i < sizeof(counterparts) / sizeof(*counterparts); i++)
        if (counterparts[i].from == status)
            return counterparts[i].to;
    return ((ULONG)status & FACILITY_MASK) == SSPI_ERROR ? STATUS_UNSUCCESSFUL : status;
}
