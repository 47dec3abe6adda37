/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * asyncsspi.h - the asynchronous SSPI functions for user-mode programs.
 *
 * Windows declares these functions for kernel mode only. asyncsspi's secur32.dll and sspicli.dll
 * export them for programs; link with -lsecur32 of this project, or look them up with
 * GetProcAddress where the DLL may be another one. Usable from C and C++, with mingw-w64 and MSVC.
 *
 * How a call travels: create an async context, set a callback if you want one, make one *Async
 * call. Its return value says whether the call was queued; the call's own status is
 * SspiGetAsyncCallStatus's, once it is no longer SEC_I_ASYNC_CALL_PENDING. Reinitialise the async
 * context before its next call. docs/async.md is the reference.
 *
 * Source of the facts: the public "Asynchronous contexts" page and the sspi.h reference pages.
 */
#ifndef ASYNCSSPI_H
#define ASYNCSSPI_H

#ifndef SECURITY_WIN32
#define SECURITY_WIN32
#endif
#include <windows.h>
#include <sspi.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Not yet complete, or never made. winerror.h of Windows 10 and later. */
#ifndef SEC_I_ASYNC_CALL_PENDING
#define SEC_I_ASYNC_CALL_PENDING ((HRESULT)0x00090368L)
#endif

/*
 * Certificate property (CertSetCertificateContextProperty, a CRYPT_DATA_BLOB) that carries the
 * certificate's private key as an unencrypted PKCS#8 PrivateKeyInfo (DER): RSA, ECDSA or Ed25519.
 * AcquireCredentialsHandle for Schannel looks here first. It exists because Wine's key stores hold
 * RSA keys only. The property lives and dies with the certificate context or its store, and is a
 * plain copy of the key: adding the certificate to a system store would keep it there unencrypted.
 *
 * The number is CERT_PVK_FILE_PROP_ID's, which names a private key's file on Windows: Wine stores
 * properties of the numbers it knows only and refuses those from CERT_FIRST_USER_PROP_ID on. A
 * blob that is no PrivateKeyInfo, such as a file name, is passed over.
 */
#define ASYNCSSPI_CERT_PKCS8_PROP_ID 12

typedef struct _SspiAsyncContext SspiAsyncContext;

/*
 * Runs once per completed call, on a pool thread, never on the calling thread. It may reinitialise
 * Handle and start its next call, or free it.
 */
typedef void (*SspiAsyncNotifyCallback)(_In_ SspiAsyncContext *Handle, _In_opt_ PVOID CallbackData);

/* Returns a context for one call at a time, or NULL when out of memory. */
SspiAsyncContext *SspiCreateAsyncContext(void);

/* Frees Handle; NULL is accepted. A call still pending runs to its end, its callback is not made.
 */
void SspiFreeAsyncContext(_In_opt_ SspiAsyncContext *Handle);

/*
 * Makes Handle ready for its next call; callback and data stay. Returns STATUS_SUCCESS;
 * STATUS_DEVICE_BUSY while the call is pending; STATUS_INVALID_PARAMETER for NULL.
 */
LONG SspiReinitAsyncContext(_In_ SspiAsyncContext *Handle);

/*
 * Registers Callback (NULL removes it) and its argument. Returns SEC_E_OK;
 * SEC_E_INVALID_PARAMETER for NULL, and for a context that is pending or completed and not
 * reinitialised.
 */
SECURITY_STATUS SspiSetAsyncNotifyCallback(_In_ SspiAsyncContext *Context,
                                           _In_opt_ SspiAsyncNotifyCallback Callback,
                                           _In_opt_ void *CallbackData);

/* TRUE when a callback is registered. */
BOOLEAN SspiAsyncContextRequiresNotify(_In_ SspiAsyncContext *AsyncContext);

/*
 * SEC_I_ASYNC_CALL_PENDING until the call is complete (also before one is made), then what the
 * synchronous function would have returned. SEC_E_INVALID_PARAMETER for NULL.
 */
SECURITY_STATUS SspiGetAsyncCallStatus(_In_ SspiAsyncContext *Handle);

/*
 * The calls. Parameters behind the first are those of the synchronous function of the same name;
 * everything they point to stays the caller's and must stay valid until completion, except the
 * values of phCredential and phContext, which are read before the function returns.
 *
 * All return SEC_E_OK when queued (the call may be complete already);
 * SEC_E_INVALID_PARAMETER for an async context that is NULL, pending, or completed and not
 * reinitialised; SEC_E_INSUFFICIENT_MEMORY; SEC_E_SHUTDOWN_IN_PROGRESS once the process is ending.
 * When not queued, nothing runs and no callback comes.
 */
SECURITY_STATUS SspiAcquireCredentialsHandleAsyncW(
    _Inout_ SspiAsyncContext *AsyncContext, _In_opt_ LPWSTR pszPrincipal, _In_ LPWSTR pszPackage,
    _In_ ULONG fCredentialUse, _In_opt_ void *pvLogonId, _In_opt_ void *pAuthData,
    _In_opt_ SEC_GET_KEY_FN pGetKeyFn, _In_opt_ void *pvGetKeyArgument,
    _Out_ PCredHandle phCredential, _Out_opt_ PTimeStamp ptsExpiry);

SECURITY_STATUS SspiAcquireCredentialsHandleAsyncA(
    _Inout_ SspiAsyncContext *AsyncContext, _In_opt_ LPSTR pszPrincipal, _In_ LPSTR pszPackage,
    _In_ ULONG fCredentialUse, _In_opt_ void *pvLogonId, _In_opt_ void *pAuthData,
    _In_opt_ SEC_GET_KEY_FN pGetKeyFn, _In_opt_ void *pvGetKeyArgument,
    _Out_ PCredHandle phCredential, _Out_opt_ PTimeStamp ptsExpiry);

SECURITY_STATUS SspiInitializeSecurityContextAsyncW(
    _Inout_ SspiAsyncContext *AsyncContext, _In_opt_ PCredHandle phCredential,
    _In_opt_ PCtxtHandle phContext, _In_opt_ LPWSTR pszTargetName, _In_ ULONG fContextReq,
    _In_ ULONG Reserved1, _In_ ULONG TargetDataRep, _In_opt_ PSecBufferDesc pInput,
    _In_ ULONG Reserved2, _Inout_opt_ PCtxtHandle phNewContext, _Inout_opt_ PSecBufferDesc pOutput,
    _Out_ ULONG *pfContextAttr, _Out_opt_ PTimeStamp ptsExpiry);

SECURITY_STATUS SspiInitializeSecurityContextAsyncA(
    _Inout_ SspiAsyncContext *AsyncContext, _In_opt_ PCredHandle phCredential,
    _In_opt_ PCtxtHandle phContext, _In_opt_ LPSTR pszTargetName, _In_ ULONG fContextReq,
    _In_ ULONG Reserved1, _In_ ULONG TargetDataRep, _In_opt_ PSecBufferDesc pInput,
    _In_ ULONG Reserved2, _Inout_opt_ PCtxtHandle phNewContext, _Inout_opt_ PSecBufferDesc pOutput,
    _Out_ ULONG *pfContextAttr, _Out_opt_ PTimeStamp ptsExpiry);

SECURITY_STATUS SspiAcceptSecurityContextAsync(
    _Inout_ SspiAsyncContext *AsyncContext, _In_opt_ PCredHandle phCredential,
    _In_opt_ PCtxtHandle phContext, _In_opt_ PSecBufferDesc pInput, _In_ ULONG fContextReq,
    _In_ ULONG TargetDataRep, _Inout_opt_ PCtxtHandle phNewContext,
    _Inout_opt_ PSecBufferDesc pOutput, _Out_ ULONG *pfContextAttr, _Out_opt_ PTimeStamp ptsExpiry);

SECURITY_STATUS SspiFreeCredentialsHandleAsync(_Inout_ SspiAsyncContext *AsyncContext,
                                               _In_ PCredHandle phCredential);

SECURITY_STATUS SspiDeleteSecurityContextAsync(_Inout_ SspiAsyncContext *AsyncContext,
                                               _In_ PCtxtHandle phContext);

#ifdef UNICODE
#define SspiAcquireCredentialsHandleAsync  SspiAcquireCredentialsHandleAsyncW
#define SspiInitializeSecurityContextAsync SspiInitializeSecurityContextAsyncW
#else
#define SspiAcquireCredentialsHandleAsync  SspiAcquireCredentialsHandleAsyncA
#define SspiInitializeSecurityContextAsync SspiInitializeSecurityContextAsyncA
#endif

#ifdef __cplusplus
}
#endif

#endif
