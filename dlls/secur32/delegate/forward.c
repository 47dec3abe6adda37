/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Exports that belong to Wine's own secur32: names of users and computers, LSA, and the list of
 * packages that can be changed. Each looks its namesake up in the delegate; where there is no
 * delegate it says that the function is not implemented.
 */
#define WIN32_NO_STATUS /* <ntstatus.h> has them all */
#include "delegate/delegate.h"

#include <secext.h>
#undef WIN32_NO_STATUS
#include <ntsecapi.h>
#include <ntstatus.h>

/* A function of the delegate with the type of the one that forwards to it. */
#define DELEGATE(name) ((__typeof__(&name))(void (*)(void))delegate_function(#name))

static BOOLEAN no_such_call(void)
{
    SetLastError(ERROR_CALL_NOT_IMPLEMENTED);
    return FALSE;
}

BOOLEAN WINAPI GetUserNameExA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer, PULONG nSize)
{
    __typeof__(&GetUserNameExA) function = DELEGATE(GetUserNameExA);

    return function ? function(NameFormat, lpNameBuffer, nSize) : no_such_call();
}

BOOLEAN WINAPI GetComputerObjectNameA(EXTENDED_NAME_FORMAT NameFormat, LPSTR lpNameBuffer,
                                      PULONG nSize)
{
    __typeof__(&GetComputerObjectNameA) function = DELEGATE(GetComputerObjectNameA);

    return function ? function(NameFormat, lpNameBuffer, nSize) : no_such_call();
}

BOOLEAN WINAPI TranslateNameA(LPCSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                              EXTENDED_NAME_FORMAT DesiredNameFormat, LPSTR lpTranslatedName,
                              PULONG nSize)
{
    __typeof__(&TranslateNameA) function = DELEGATE(TranslateNameA);

    return function ? function(lpAccountName, AccountNameFormat, DesiredNameFormat,
                               lpTranslatedName, nSize)
                    : no_such_call();
}

BOOLEAN WINAPI GetUserNameExW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer, PULONG nSize)
{
    __typeof__(&GetUserNameExW) function = DELEGATE(GetUserNameExW);

    return function ? function(NameFormat, lpNameBuffer, nSize) : no_such_call();
}

BOOLEAN WINAPI GetComputerObjectNameW(EXTENDED_NAME_FORMAT NameFormat, LPWSTR lpNameBuffer,
                                      PULONG nSize)
{
    __typeof__(&GetComputerObjectNameW) function = DELEGATE(GetComputerObjectNameW);

    return function ? function(NameFormat, lpNameBuffer, nSize) : no_such_call();
}

BOOLEAN WINAPI TranslateNameW(LPCWSTR lpAccountName, EXTENDED_NAME_FORMAT AccountNameFormat,
                              EXTENDED_NAME_FORMAT DesiredNameFormat, LPWSTR lpTranslatedName,
                              PULONG nSize)
{
    __typeof__(&TranslateNameW) function = DELEGATE(TranslateNameW);

    return function ? function(lpAccountName, AccountNameFormat, DesiredNameFormat,
                               lpTranslatedName, nSize)
                    : no_such_call();
}

NTSTATUS WINAPI LsaCallAuthenticationPackage(HANDLE LsaHandle, ULONG AuthenticationPackage,
                                             PVOID ProtocolSubmitBuffer, ULONG SubmitBufferLength,
                                             PVOID *ProtocolReturnBuffer, PULONG ReturnBufferLength,
                                             PNTSTATUS ProtocolStatus)
{
    __typeof__(&LsaCallAuthenticationPackage) function = DELEGATE(LsaCallAuthenticationPackage);

    return function ? function(LsaHandle, AuthenticationPackage, ProtocolSubmitBuffer,
                               SubmitBufferLength, ProtocolReturnBuffer, ReturnBufferLength,
                               ProtocolStatus)
                    : STATUS_NOT_IMPLEMENTED;
}

NTSTATUS WINAPI LsaConnectUntrusted(PHANDLE LsaHandle)
{
    __typeof__(&LsaConnectUntrusted) function = DELEGATE(LsaConnectUntrusted);

    return function ? function(LsaHandle) : STATUS_NOT_IMPLEMENTED;
}

NTSTATUS WINAPI LsaDeregisterLogonProcess(HANDLE LsaHandle)
{
    __typeof__(&LsaDeregisterLogonProcess) function = DELEGATE(LsaDeregisterLogonProcess);

    return function ? function(LsaHandle) : STATUS_NOT_IMPLEMENTED;
}

NTSTATUS WINAPI LsaEnumerateLogonSessions(PULONG LogonSessionCount, PLUID *LogonSessionList)
{
    __typeof__(&LsaEnumerateLogonSessions) function = DELEGATE(LsaEnumerateLogonSessions);

    return function ? function(LogonSessionCount, LogonSessionList) : STATUS_NOT_IMPLEMENTED;
}

NTSTATUS WINAPI LsaFreeReturnBuffer(PVOID Buffer)
{
    __typeof__(&LsaFreeReturnBuffer) function = DELEGATE(LsaFreeReturnBuffer);

    return function ? function(Buffer) : STATUS_NOT_IMPLEMENTED;
}

NTSTATUS WINAPI LsaGetLogonSessionData(PLUID LogonId,
                                       PSECURITY_LOGON_SESSION_DATA *ppLogonSessionData)
{
    __typeof__(&LsaGetLogonSessionData) function = DELEGATE(LsaGetLogonSessionData);

    return function ? function(LogonId, ppLogonSessionData) : STATUS_NOT_IMPLEMENTED;
}

NTSTATUS WINAPI LsaLogonUser(HANDLE LsaHandle, PLSA_STRING OriginName,
                             SECURITY_LOGON_TYPE LogonType, ULONG AuthenticationPackage,
                             PVOID AuthenticationInformation, ULONG AuthenticationInformationLength,
                             PTOKEN_GROUPS LocalGroups, PTOKEN_SOURCE SourceContext,
                             PVOID *ProfileBuffer, PULONG ProfileBufferLength, PLUID LogonId,
                             PHANDLE Token, PQUOTA_LIMITS Quotas, PNTSTATUS SubStatus)
{
    __typeof__(&LsaLogonUser) function = DELEGATE(LsaLogonUser);

    return function ? function(LsaHandle, OriginName, LogonType, AuthenticationPackage,
                               AuthenticationInformation, AuthenticationInformationLength,
                               LocalGroups, SourceContext, ProfileBuffer, ProfileBufferLength,
                               LogonId, Token, Quotas, SubStatus)
                    : STATUS_NOT_IMPLEMENTED;
}

NTSTATUS WINAPI LsaLookupAuthenticationPackage(HANDLE LsaHandle, PLSA_STRING PackageName,
                                               PULONG AuthenticationPackage)
{
    __typeof__(&LsaLookupAuthenticationPackage) function = DELEGATE(LsaLookupAuthenticationPackage);

    return function ? function(LsaHandle, PackageName, AuthenticationPackage)
                    : STATUS_NOT_IMPLEMENTED;
}

NTSTATUS WINAPI LsaRegisterLogonProcess(PLSA_STRING LogonProcessName, PHANDLE LsaHandle,
                                        PLSA_OPERATIONAL_MODE SecurityMode)
{
    __typeof__(&LsaRegisterLogonProcess) function = DELEGATE(LsaRegisterLogonProcess);

    return function ? function(LogonProcessName, LsaHandle, SecurityMode) : STATUS_NOT_IMPLEMENTED;
}

SECURITY_STATUS WINAPI AddSecurityPackageA(LPSTR pszPackageName, PSECURITY_PACKAGE_OPTIONS pOptions)
{
    __typeof__(&AddSecurityPackageA) function = DELEGATE(AddSecurityPackageA);

    return function ? function(pszPackageName, pOptions) : SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI DeleteSecurityPackageA(SEC_CHAR *pszPackageName)
{
    __typeof__(&DeleteSecurityPackageA) function = DELEGATE(DeleteSecurityPackageA);

    return function ? function(pszPackageName) : SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI AddSecurityPackageW(LPWSTR pszPackageName,
                                           PSECURITY_PACKAGE_OPTIONS pOptions)
{
    __typeof__(&AddSecurityPackageW) function = DELEGATE(AddSecurityPackageW);

    return function ? function(pszPackageName, pOptions) : SEC_E_UNSUPPORTED_FUNCTION;
}

SECURITY_STATUS WINAPI DeleteSecurityPackageW(SEC_WCHAR *pszPackageName)
{
    __typeof__(&DeleteSecurityPackageW) function = DELEGATE(DeleteSecurityPackageW);

    return function ? function(pszPackageName) : SEC_E_UNSUPPORTED_FUNCTION;
}
