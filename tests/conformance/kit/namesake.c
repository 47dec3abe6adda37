/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A DLL with the name of another one, see kit/namesake.h.
 */
#include "kit/namesake.h"
#include "wine/test.h"

typedef SECURITY_STATUS call_acquire(ACQUIRE_CREDENTIALS_HANDLE_FN_W acquire, WCHAR *package,
                                     ULONG use, void *auth_data, CredHandle *credentials);

static void find_original(WCHAR *path)
{
    WCHAR *name;

    GetModuleFileNameW(NULL, path, MAX_PATH);
    name = wcsrchr(path, '\\') + 1;
    lstrcpynW(name, L"namesake.dll", (int)(MAX_PATH - (name - path)));
}

/*
 * Wine takes its own DLL for a file of that name, wherever the file is, but for an override of
 * exactly this path.
 */
static void override_file(const struct namesake *namesake, BOOL there)
{
    static const WCHAR key[] = L"Software\\Wine\\DllOverrides";
    WCHAR path[MAX_PATH], *end;

    lstrcpyW(path, namesake->file);
    end = path + max(lstrlenW(path) - 4, 0);
    if (!lstrcmpiW(end, L".dll"))
        *end = 0;
    if (there)
        RegSetKeyValueW(HKEY_CURRENT_USER, key, path, REG_SZ, L"native", sizeof(L"native"));
    else
        RegDeleteKeyValueW(HKEY_CURRENT_USER, key, path);
}

BOOL namesake_load(struct namesake *namesake, const WCHAR *name)
{
    WCHAR original[MAX_PATH], temporary[MAX_PATH];
    BOOL result;

    memset(namesake, 0, sizeof(*namesake));
    find_original(original);
    /* GetTempFileName makes a file of a name that nobody has; a directory takes its place. */
    GetTempPathW(ARRAY_SIZE(temporary), temporary);
    GetTempFileNameW(temporary, L"nam", 0, namesake->directory);
    DeleteFileW(namesake->directory);
    CreateDirectoryW(namesake->directory, NULL);
    swprintf(namesake->file, ARRAY_SIZE(namesake->file), L"%ls\\%ls", namesake->directory, name);
    result = CopyFileW(original, namesake->file, TRUE);
    ok(result, "no copy of %s: error %lu\n", wine_dbgstr_w(original), GetLastError());
    override_file(namesake, TRUE);
    if (result)
        namesake->module = LoadLibraryW(namesake->file);
    if (namesake->module)
        namesake->acquire = GetProcAddress(namesake->module, "call_acquire");
    ok(namesake->acquire != NULL, "%s: error %lu\n", wine_dbgstr_w(namesake->file), GetLastError());
    return namesake->acquire != NULL;
}

void namesake_unload(struct namesake *namesake)
{
    if (namesake->module)
        FreeLibrary(namesake->module);
    override_file(namesake, FALSE);
    DeleteFileW(namesake->file);
    ok(RemoveDirectoryW(namesake->directory), "%s stays: error %lu\n",
       wine_dbgstr_w(namesake->directory), GetLastError());
}

SECURITY_STATUS namesake_acquire(const struct namesake *namesake, BOOL ansi, ULONG use,
                                 void *auth_data, CredHandle *credentials)
{
    char ansi_package[] = UNISP_NAME_A;
    WCHAR package[] = UNISP_NAME_W;

    /* They differ in the characters' size alone. */
    return ((call_acquire *)(void *)namesake->acquire)(
        ansi ? (ACQUIRE_CREDENTIALS_HANDLE_FN_W)(void *)AcquireCredentialsHandleA
             : AcquireCredentialsHandleW,
        ansi ? (WCHAR *)(void *)ansi_package : package, use, auth_data, credentials);
}

BOOL namesake_create_pair(const struct namesake *namesake, struct pair *pair, void *auth_data,
                          const struct side_options *client, const struct side_options *server)
{
    SECURITY_STATUS status;

    if (!pair_create(pair, client, server))
        return FALSE;
    FreeCredentialsHandle(&pair->client.credentials);
    status = namesake_acquire(namesake, FALSE, SECPKG_CRED_OUTBOUND, auth_data,
                              &pair->client.credentials);
    ok(status == SEC_E_OK, "AcquireCredentialsHandle: %s\n", status_name(status));
    pair->client.have_credentials = status == SEC_E_OK;
    return pair->client.have_credentials;
}
