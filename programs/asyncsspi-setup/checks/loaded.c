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

typedef LONG(WINAPI *engine_entry)(unsigned int code, void *params);

/* As secur32.dll looks for it. False: system32 has no such module. */
static bool ask(const char *name, struct tls_startup *startup, LONG *status)
{
    HMODULE module = LoadLibraryExA(name, NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
    engine_entry call =
        module ? (engine_entry)(void *)GetProcAddress(module, "winegnutls_call") : NULL;

    *startup = (struct tls_startup){.contract_version = TLS_CONTRACT_VERSION};
    *status = call ? call(TLS_CALL_STARTUP, startup) : NOT_FOUND;
    return call;
}

void check_engine(struct finding *finding)
{
    struct tls_startup startup;
    LONG status;

    if ((!ask("winegnutlsprivate.dll", &startup, &status) || status || startup.status) &&
        !ask("winegnutls.dll", &startup, &status)) {
        finding_set(finding, VERDICT_BAD, "not reachable: there is no winegnutls.dll in system32");
        finding_explain(finding, "asyncsspi-setup install puts it there");
    } else if (status == NOT_FOUND) {
        finding_set(finding, VERDICT_BAD, "not reachable: Wine finds no winegnutls.so");
        finding_explain(finding, "it is neither in Wine's own directory nor in WINEDLLPATH, or "
                                 "GnuTLS is missing");
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
