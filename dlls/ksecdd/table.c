/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The function table of InitSecurityInterfaceW as drivers know it: the functions with names have
 * kernel mode's arguments, and there is no ChangeAccountPassword.
 */
#include "ksecdd.h"

/* The members have user mode's types. */
#define KERNEL(type, function) ((type)(void (*)(void))(function))

static SecurityFunctionTableW table = {
    .dwVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
    .EnumerateSecurityPackagesW = EnumerateSecurityPackagesW,
    .QueryCredentialsAttributesW = QueryCredentialsAttributesW,
    .AcquireCredentialsHandleW = KERNEL(ACQUIRE_CREDENTIALS_HANDLE_FN_W, kernel_acquire),
    .FreeCredentialsHandle = FreeCredentialsHandle,
    .InitializeSecurityContextW = KERNEL(INITIALIZE_SECURITY_CONTEXT_FN_W, kernel_initialize),
    .AcceptSecurityContext = AcceptSecurityContext,
    .CompleteAuthToken = CompleteAuthToken,
    .DeleteSecurityContext = DeleteSecurityContext,
    .ApplyControlToken = ApplyControlToken,
    .QueryContextAttributesW = QueryContextAttributesW,
    .ImpersonateSecurityContext = ImpersonateSecurityContext,
    .RevertSecurityContext = RevertSecurityContext,
    .MakeSignature = MakeSignature,
    .VerifySignature = VerifySignature,
    .FreeContextBuffer = FreeContextBuffer,
    .QuerySecurityPackageInfoW = KERNEL(QUERY_SECURITY_PACKAGE_INFO_FN_W, kernel_package_info),
    .Reserved3 = EncryptMessage,
    .Reserved4 = DecryptMessage,
    .ExportSecurityContext = ExportSecurityContext,
    .ImportSecurityContextW = KERNEL(IMPORT_SECURITY_CONTEXT_FN_W, kernel_import),
    .AddCredentialsW = KERNEL(ADD_CREDENTIALS_FN_W, kernel_add),
    .QuerySecurityContextToken = QuerySecurityContextToken,
    .EncryptMessage = EncryptMessage,
    .DecryptMessage = DecryptMessage,
    .SetContextAttributesW = SetContextAttributesW,
    .SetCredentialsAttributesW = SetCredentialsAttributesW,
    .QueryContextAttributesExW = QueryContextAttributesExW,
    .QueryCredentialsAttributesExW = QueryCredentialsAttributesExW,
};

SecurityFunctionTableW *WINAPI kernel_table(void);

SecurityFunctionTableW *WINAPI kernel_table(void)
{
    return &table;
}
