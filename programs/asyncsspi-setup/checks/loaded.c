/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* See checks/loaded.h. Everything is looked up by name: it also runs where secur32.dll is Wine's.
 */
#include "checks/loaded.h"

#include "winegnutls/unixlib.h"

#define NOT_FOUND ((LONG)0xc0000135)

static bool is_ours(const char *library)
{
    HMODULE module = LoadLibraryA(library);

    return module && GetProcAddress(module, "SspiCreateAsyncContext");
}

static const char *path_of(const char *library)
{
    HMODULE module = LoadLibraryA(library);
    WCHAR path[MAX_PATH];

    return module && GetModuleFileNameW(module, path, ARRAYSIZE(path)) ? utf8(path) : "none";
}

void check_loaded(struct finding *finding)
{
    const bool secur32 = is_ours("secur32.dll"), sspicli = is_ours("sspicli.dll");

    if (secur32 && sspicli) {
        finding_set(finding, VERDICT_OK, "asyncsspi's secur32.dll (%s)", path_of("secur32.dll"));
        return;
    }
    finding_set(finding, VERDICT_BAD, "%s secur32.dll (%s) and %s sspicli.dll (%s)",
                secur32 ? "asyncsspi's" : "Wine's own", path_of("secur32.dll"),
                sspicli ? "asyncsspi's" : "Wine's own", path_of("sspicli.dll"));
    finding_explain(finding, "no override, or one in WINEDLLOVERRIDES, which comes first");
}

void check_engine(struct finding *finding)
{
    typedef LONG(WINAPI * entry)(unsigned int code, void *params);
    /* Where secur32.dll looks for it. */
    HMODULE module = LoadLibraryExA("winegnutls.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    entry call = module ? (entry)(void *)GetProcAddress(module, "winegnutls_call") : NULL;
    struct tls_startup startup = {.contract_version = TLS_CONTRACT_VERSION};
    LONG status;

    if (!call) {
        finding_set(finding, VERDICT_BAD, "not reachable: there is no winegnutls.dll in system32");
        finding_explain(finding, "asyncsspi-setup install puts it there");
        return;
    }
    status = call(TLS_CALL_STARTUP, &startup);
    if (status == NOT_FOUND) {
        finding_set(finding, VERDICT_BAD, "not reachable: Wine finds no winegnutls.so");
        finding_explain(finding, "WINEDLLPATH does not name its directory, or GnuTLS is missing");
    } else if (status) {
        finding_set(finding, VERDICT_BAD, "not reachable: Wine's way to it fails, status 0x%08lx",
                    (unsigned long)status);
        finding_explain(finding, "this Wine is older than 8.0, or has another way");
    } else if (startup.status && !startup.library[0]) {
        finding_set(finding, VERDICT_BAD, "of another version of asyncsspi");
        finding_explain(finding, "install both again; a winegnutls.so in Wine's own directory "
                                 "comes before those of WINEDLLPATH");
    } else if (startup.status) {
        finding_set(finding, VERDICT_BAD, "GnuTLS %s is too old, in %s", startup.gnutls_version,
                    startup.library);
    } else {
        finding_set(finding, VERDICT_OK, "GnuTLS %s, in %s", startup.gnutls_version,
                    startup.library);
    }
}
