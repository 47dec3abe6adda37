/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * asyncsspi-probe: what a Windows program in this prefix gets, as lines of `name=value`.
 *
 * asyncsspi-setup runs it for `status`. It looks everything up by name, so that it also runs where
 * secur32.dll is Wine's, and exits 0 only when TLS through our DLL is ready for use.
 */
#define SECURITY_WIN32
#include <windows.h>
#include <sspi.h>
#include <schannel.h>
#include <stdio.h>
#include "winegnutls/unixlib.h"

/* Any function of any library; cast to its own type before it is called. */
static FARPROC function(const char *library, const char *name)
{
    HMODULE module = LoadLibraryA(library);

    return module ? GetProcAddress(module, name) : NULL;
}

static void print_path(const char *library)
{
    char path[MAX_PATH] = "none";

    if (!GetModuleFileNameA(LoadLibraryA(library), path, sizeof(path)))
        strcpy(path, "none");
    printf("%s=%s\n", library, path);
}

static int is_ours(const char *library)
{
    return function(library, "SspiCreateAsyncContext") != NULL;
}

/* The thunk's answer: the contract's own status, or the NTSTATUS that says why it has none. */
static int probe_engine(void)
{
    typedef LONG(WINAPI * call_function)(unsigned int code, void *params);
    call_function call = (call_function)(void *)function("winegnutls.dll", "winegnutls_call");
    struct tls_startup startup = {.contract_version = TLS_CONTRACT_VERSION};
    LONG status;

    if (!call) {
        printf("thunk=none\n");
        return 0;
    }
    status = call(TLS_CALL_STARTUP, &startup);
    printf("thunk=0x%08lx\n", status ? status : (LONG)startup.status);
    if (status || startup.status)
        return 0;
    printf("gnutls=%s\n", startup.gnutls_version);
    return 1;
}

/* A client credential is the first thing that needs the engine. */
static SECURITY_STATUS probe_schannel(void)
{
    ACQUIRE_CREDENTIALS_HANDLE_FN_W acquire = (ACQUIRE_CREDENTIALS_HANDLE_FN_W)(void *)function(
        "secur32.dll", "AcquireCredentialsHandleW");
    FREE_CREDENTIALS_HANDLE_FN release =
        (FREE_CREDENTIALS_HANDLE_FN)(void *)function("secur32.dll", "FreeCredentialsHandle");
    CredHandle credential;
    SECURITY_STATUS status;

    if (!acquire || !release)
        return SEC_E_SECPKG_NOT_FOUND;
    status = acquire(NULL, (SEC_WCHAR *)UNISP_NAME_W, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL, NULL,
                     &credential, NULL);
    if (status == SEC_E_OK)
        release(&credential);
    return status;
}

int main(void)
{
    int ours = is_ours("secur32.dll");
    int engine = ours ? probe_engine() : 0;
    SECURITY_STATUS status = probe_schannel();

    print_path("secur32.dll");
    print_path("sspicli.dll");
    printf("asyncsspi=%d\n", ours && is_ours("sspicli.dll"));
    printf("schannel=0x%08lx\n", (unsigned long)status);
    fflush(stdout);
    return ours && engine && status == SEC_E_OK ? 0 : 1;
}
