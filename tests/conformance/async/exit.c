/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Asynchronous SSPI: the DLL is unloaded, or the process ends, while calls are pending. Each case
 * is a child process, which must come to its end with exit code 0.
 */
#include "kit/async_api.h"
#include "kit/other.h"
#include "wine/test.h"

#define WAITING 1000

/* One call that stands at a gate, and many behind it; for as long as the process lives. */
static struct {
    struct pair pair;
    struct gate gate;
    struct leg held, waiting[WAITING];
    SspiAsyncContext *async;
} pending;

static BOOL create_pending(SspiAsyncNotifyCallback callback)
{
    SECURITY_STATUS status;
    unsigned int i;

    if (!pair_create(&pending.pair, NULL, NULL) ||
        side_leg(&pending.pair.client) != SEC_I_CONTINUE_NEEDED)
        return FALSE;
    for (i = 0; i < WAITING; i++)
        leg_begin(&pending.pair.server, &pending.waiting[i]);
    side_leg(&pending.pair.server);
    side_leg(&pending.pair.client);
    leg_begin(&pending.pair.server, &pending.held);
    gate_create(&pending.gate, &pending.held.input);
    pending.held.input_pointer = pending.gate.desc;

    pending.async = sspi.create();
    status = leg_queue(pending.async, &pending.pair.server, &pending.held);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    async_wait(pending.gate.reached, "call");
    for (i = 0; i < WAITING; i++) {
        SspiAsyncContext *async = sspi.create();

        sspi.set_callback(async, callback, NULL);
        status = leg_queue(async, &pending.pair.server, &pending.waiting[i]);
        ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    }
    status = sspi.status(pending.async);
    ok(status == SEC_I_ASYNC_CALL_PENDING, "not pending: %s\n", status_name(status));
    return status == SEC_I_ASYNC_CALL_PENDING;
}

static void end_process(SspiAsyncContext *handle, void *data)
{
    (void)handle;
    (void)data;
    ExitProcess(winetest_get_failures());
}

static void report(SspiAsyncContext *handle, void *data)
{
    (void)handle;
    SetEvent(data);
}

/* Loads a DLL of its own, which nobody else holds, and frees it while a call is pending. */
static void unload(const char *path)
{
    HANDLE done = CreateEventW(NULL, FALSE, FALSE, NULL);
    HMODULE module = LoadLibraryA(path);
    INIT_SECURITY_INTERFACE_W initialize;
    SCH_CREDENTIALS data = {.dwVersion = SCH_CREDENTIALS_VERSION};
    const CERT_CONTEXT *certificate = test_cert_localhost(TEST_KEY_RSA);
    static WCHAR schannel[] = L"Schannel";
    SecurityFunctionTableW *table;
    SECURITY_STATUS status;
    struct side server = {.role = SIDE_SERVER, .options.flags = SIDE_SERVER_FLAGS};
    struct pair pair;
    struct gate gate;
    struct leg leg;

    ok(module != NULL, "%s does not load: %lu\n", path, GetLastError());
    ok(module != module_of_code(), "not a DLL of its own\n");
    if (!module || async_lookup(module, &sspi) != 13)
        return;
    initialize =
        (INIT_SECURITY_INTERFACE_W)(void *)GetProcAddress(module, SECURITY_ENTRYPOINT_ANSIW);
    table = initialize();
    data.cCreds = 1;
    data.paCred = &certificate;
    status = table->AcquireCredentialsHandleW(NULL, schannel, SECPKG_CRED_INBOUND, NULL, &data,
                                              NULL, NULL, &server.credentials, NULL);
    ok(status == SEC_E_OK, "acquire: %s\n", status_name(status));
    /* The hello may come from the other DLL. */
    if (!pair_create(&pair, NULL, NULL))
        return;
    side_leg(&pair.client);
    server.inbox = pair.server.inbox;
    server.inbox_size = pair.server.inbox_size;

    leg_begin(&server, &leg);
    gate_create(&gate, &leg.input);
    leg.input_pointer = gate.desc;
    pending.async = sspi.create();
    sspi.set_callback(pending.async, report, done);
    status = leg_queue(pending.async, &server, &leg);
    ok(status == SEC_E_OK, "queueing: %s\n", status_name(status));
    async_wait(gate.reached, "call");
    ok(FreeLibrary(module), "FreeLibrary: %lu\n", GetLastError());
    gate_open(&gate);
    async_wait(done, "callback");
    ok(leg.out[0].cbBuffer > 0, "no token\n");
    /* What runs behind the callback is the DLL's, too. */
    Sleep(50);
}

/* A call that is made when the process ends already, by the program's own code: the callback of a
 * fiber's slot. */
static void WINAPI on_end(void *value)
{
    static WCHAR schannel[] = L"Schannel";
    CredHandle credentials;
    SECURITY_STATUS status;

    (void)value;
    status = sspi.acquire_w(sspi.create(), NULL, schannel, SECPKG_CRED_OUTBOUND, NULL, NULL, NULL,
                            NULL, &credentials, NULL);
    if (status != SEC_E_SHUTDOWN_IN_PROGRESS)
        TerminateProcess(GetCurrentProcess(), 1);
}

static void run_child(const char *name, const char *argument)
{
    if (!strcmp(name, "end")) {
        ok(FlsSetValue(FlsAlloc(on_end), &pending), "no slot: %lu\n", GetLastError());
    } else if (!strcmp(name, "return")) {
        create_pending(NULL);
    } else if (!strcmp(name, "callback")) {
        if (create_pending(end_process))
            Sleep(ASYNC_PATIENCE);
        ok(FALSE, "the callback did not end the process\n");
    } else {
        unload(argument);
    }
}

static void test_child(const char *name, const char *argument)
{
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    char command[3 * MAX_PATH];
    char **arguments;

    winetest_get_mainargs(&arguments);
    winetest_push_context("%s", name);
    snprintf(command, sizeof(command), "\"%s\" %s %s \"%s\"", arguments[0], arguments[1], name,
             argument);
    if (CreateProcessA(NULL, command, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &process)) {
        if (!async_wait(process.hProcess, "end of the process"))
            TerminateProcess(process.hProcess, 1);
        wait_child_process(process.hProcess);
        CloseHandle(process.hThread);
        CloseHandle(process.hProcess);
    } else {
        ok(FALSE, "CreateProcess: %lu\n", GetLastError());
    }
    winetest_pop_context();
}

static void test_unload(void)
{
    char original[MAX_PATH], directory[MAX_PATH], copy[MAX_PATH];

    /* In Wine's own tree the unix library has the DLL's name, and a copy has none. */
    if (module_of_code() == GetModuleHandleA("secur32.dll")) {
        skip("a copy of this secur32.dll has no engine\n");
        return;
    }
    GetModuleFileNameA(module_of_code(), original, sizeof(original));
    GetTempPathA(sizeof(directory), directory);
    snprintf(copy, sizeof(copy), "%.200s\\asyncsspi-test-%lu.dll", directory,
             GetCurrentProcessId());
    ok(CopyFileA(original, copy, TRUE), "%s to %s: %lu\n", original, copy, GetLastError());
    test_child("unload", copy);
    DeleteFileA(copy);
}

START_TEST(async_exit)
{
    char **arguments;
    const int count = winetest_get_mainargs(&arguments);

    if (!async_available())
        return;
    if (count >= 4) {
        run_child(arguments[2], arguments[3]);
        return;
    }
    test_child("return", "");
    test_child("callback", "");
    if (winetest_platform_is_wine)
        test_child("end", "");
    test_unload();
}
