/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What stands behind documented names that neither Wine nor we provide. secur32.spec maps each name
 * to the function with its number of parameters, so that on i386 the stack is right afterwards.
 */
#define WIN32_NO_STATUS /* <ntstatus.h> has them all */
#include "core/unsupported.h"

#undef WIN32_NO_STATUS
#include <winternl.h>
#include <ntstatus.h>

/* One per number of parameters; called through the export table only. */
SECURITY_STATUS WINAPI sspi_unsupported0(void);
SECURITY_STATUS WINAPI sspi_unsupported1(ULONG_PTR a);
SECURITY_STATUS WINAPI sspi_unsupported2(ULONG_PTR a, ULONG_PTR b);
SECURITY_STATUS WINAPI sspi_unsupported3(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c);
SECURITY_STATUS WINAPI sspi_unsupported4(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d);
SECURITY_STATUS WINAPI sspi_unsupported5(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d,
                                         ULONG_PTR e);
SECURITY_STATUS WINAPI sspi_unsupported9(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d,
                                         ULONG_PTR e, ULONG_PTR f, ULONG_PTR g, ULONG_PTR h,
                                         ULONG_PTR i);
SECURITY_STATUS WINAPI sspi_unsupported12(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d,
                                          ULONG_PTR e, ULONG_PTR f, ULONG_PTR g, ULONG_PTR h,
                                          ULONG_PTR i, ULONG_PTR j, ULONG_PTR k, ULONG_PTR l);

SECURITY_STATUS WINAPI sspi_unsupported0(void)
{
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI sspi_unsupported1(ULONG_PTR a)
{
    (void)a;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI sspi_unsupported2(ULONG_PTR a, ULONG_PTR b)
{
    (void)a;
    (void)b;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI sspi_unsupported3(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    (void)a;
    (void)b;
    (void)c;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI sspi_unsupported4(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI sspi_unsupported5(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d,
                                         ULONG_PTR e)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    (void)e;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI sspi_unsupported8(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d,
                                         ULONG_PTR e, ULONG_PTR f, ULONG_PTR g, ULONG_PTR h)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    (void)e;
    (void)f;
    (void)g;
    (void)h;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI sspi_unsupported9(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d,
                                         ULONG_PTR e, ULONG_PTR f, ULONG_PTR g, ULONG_PTR h,
                                         ULONG_PTR i)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    (void)e;
    (void)f;
    (void)g;
    (void)h;
    (void)i;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI sspi_unsupported12(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c, ULONG_PTR d,
                                          ULONG_PTR e, ULONG_PTR f, ULONG_PTR g, ULONG_PTR h,
                                          ULONG_PTR i, ULONG_PTR j, ULONG_PTR k, ULONG_PTR l)
{
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    (void)e;
    (void)f;
    (void)g;
    (void)h;
    (void)i;
    (void)j;
    (void)k;
    (void)l;
    return SEC_E_UNSUPPORTED_FUNCTION;
}

/*
 * Behind names whose parameters are not public. On 64-bit the caller cleans the stack up; on i386
 * the callee does, which we cannot without knowing how much, so the call ends there.
 */
SECURITY_STATUS WINAPI sspi_undocumented(void);

SECURITY_STATUS WINAPI sspi_undocumented(void)
{
#ifdef __i386__
    RaiseException((DWORD)STATUS_ENTRYPOINT_NOT_FOUND, EXCEPTION_NONCONTINUABLE, 0, NULL);
#endif
    return SEC_E_UNSUPPORTED_FUNCTION;
}

BOOL WINAPI LogonUserExExW(PWSTR user, PWSTR domain, PWSTR password, DWORD type, DWORD provider,
                           PTOKEN_GROUPS groups, HANDLE *token, PSID *sid, void **profile,
                           DWORD *profile_size, PQUOTA_LIMITS quotas);

BOOL WINAPI LogonUserExExW(PWSTR user, PWSTR domain, PWSTR password, DWORD type, DWORD provider,
                           PTOKEN_GROUPS groups, HANDLE *token, PSID *sid, void **profile,
                           DWORD *profile_size, PQUOTA_LIMITS quotas)
{
    (void)user;
    (void)domain;
    (void)password;
    (void)type;
    (void)provider;
    (void)groups;
    (void)token;
    (void)sid;
    (void)profile;
    (void)profile_size;
    (void)quotas;
    SetLastError(ERROR_CALL_NOT_IMPLEMENTED);
    return FALSE;
}
