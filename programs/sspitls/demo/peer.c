/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Unix programs as peers.
 *
 * Under Wine CreateProcess starts unix programs by a \\?\unix path, but gives no handle to them:
 * there is nothing to wait for, and pipes of Windows are none of theirs. So a peer is a shell
 * script, and all news from it are files in its directory: NAME.pid while it runs, NAME.status
 * with its exit status when it has ended (renamed into place, so it is complete when it is there).
 * `timeout` stops it in the end even if this process has died.
 */
#include "demo/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/file.h"
#include "base/text.h"

#define POLL_MS    20
#define FILE_LIMIT (256u << 20)

bool peer_directory_create(struct peer_directory *directory, const char *programs)
{
    static LONG counter;
    WCHAR wide[MAX_PATH];
    DWORD length = GetTempPathW(ARRAYSIZE(wide) - 40, wide);

    directory->programs = programs;
    snwprintf(wide + length, ARRAYSIZE(wide) - length, L"sspitls-%lx-%lx", GetCurrentProcessId(),
              InterlockedIncrement(&counter));
    WideCharToMultiByte(CP_UTF8, 0, wide, -1, directory->path, sizeof(directory->path), NULL, NULL);
    if (CreateDirectoryW(wide, NULL))
        return true;
    report_system(directory->path, GetLastError());
    directory->path[0] = 0;
    return false;
}

void peer_directory_remove(struct peer_directory *directory)
{
    WIN32_FIND_DATAW found;
    WCHAR *wide, path[MAX_PATH];
    HANDLE find;

    if (!directory->path[0] || !(wide = wide_text(directory->path)))
        return;
    snwprintf(path, ARRAYSIZE(path), L"%ls\\*", wide);
    find = FindFirstFileW(path, &found);
    if (find != INVALID_HANDLE_VALUE) {
        do {
            snwprintf(path, ARRAYSIZE(path), L"%ls\\%ls", wide, found.cFileName);
            DeleteFileW(path);
        } while (FindNextFileW(find, &found));
        FindClose(find);
    }
    RemoveDirectoryW(wide);
    free(wide);
    directory->path[0] = 0;
}

void peer_path(const struct peer_directory *directory, const char *name, char path[MAX_PATH])
{
    snprintf(path, MAX_PATH, "%s\\%s", directory->path, name);
}

/* Runs a script file of the directory with /bin/sh; false: this system has none. */
static bool run_script(const struct peer_directory *directory, const char *script)
{
    STARTUPINFOW startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process = {0};
    WCHAR command[64], *wide = wide_text(directory->path);
    bool ok;

    if (!wide)
        return false;
    snwprintf(command, ARRAYSIZE(command), L"sh %hs", script);
    ok = CreateProcessW(L"\\\\?\\unix\\bin\\sh", command, NULL, NULL, FALSE, 0, NULL, wide,
                        &startup, &process);
    free(wide);
    if (!ok) {
        report("unix programs cannot be started from here; --no-peers does without");
        return false;
    }
    /* No handle to close: Wine makes none for a program of the system's, and leaves in `process`
     * what was on its stack, which may be the number of a handle of ours (docs/wine.md). */
    return true;
}

static bool write_script(const struct peer_directory *directory, const char *name,
                         const struct buffer *text)
{
    char path[MAX_PATH];

    peer_path(directory, name, path);
    return write_file(path, text->data, text->size);
}

/* Between single quotes nothing but the single quote is special. */
static bool append_quoted(struct buffer *text, const char *value)
{
    bool ok = buffer_append_text(text, "'");

    for (; ok && *value; value++)
        ok = *value == '\'' ? buffer_append_text(text, "'\\''") : buffer_append(text, value, 1);
    return ok && buffer_append_text(text, "'");
}

bool peer_start(const struct peer_directory *directory, const char *name, const char *command,
                unsigned seconds)
{
    struct buffer text = {0};
    char script[64];
    bool ok = true;

    snprintf(script, sizeof(script), "%s.sh", name);
    if (directory->programs)
        ok = buffer_append_text(&text, "PATH=") && append_quoted(&text, directory->programs) &&
             buffer_append_text(&text, ":$PATH\nexport PATH\n");
    /* The shell itself has nothing to say. */
    ok = ok && buffer_append_text(&text, "exec 2>/dev/null\n");
    ok = ok && buffer_printf(&text, "[ -f %s.in ] || : >%s.in\ntimeout %u ", name, name, seconds) &&
         buffer_append_text(&text, command) &&
         buffer_printf(&text,
                       " <%s.in >%s.out 2>%s.err &\n"
                       "echo $! >%s.pid\nwait $!\necho $? >%s.ended\nrm -f %s.pid\n"
                       "mv %s.ended %s.status\n",
                       name, name, name, name, name, name, name, name) &&
         write_script(directory, script, &text) && run_script(directory, script);
    buffer_free(&text);
    return ok;
}

bool peer_read(const struct peer_directory *directory, const char *name, const char *suffix,
               struct buffer *content)
{
    char file[64], path[MAX_PATH];

    snprintf(file, sizeof(file), "%s.%s", name, suffix);
    peer_path(directory, file, path);
    content->size = 0;
    if (!read_file(path, FILE_LIMIT, content) || !buffer_append(content, "", 1))
        return false;
    content->size--;
    return true;
}

int peer_wait(const struct peer_directory *directory, const char *name, unsigned seconds)
{
    ULONGLONG end = GetTickCount64() + seconds * 1000ull;
    struct buffer content = {0};
    int status = -1;

    for (;;) {
        if (peer_read(directory, name, "status", &content)) {
            status = atoi((char *)content.data);
            break;
        }
        if (GetTickCount64() >= end)
            break;
        Sleep(POLL_MS);
    }
    buffer_free(&content);
    return status;
}

void peer_stop(const struct peer_directory *directory, const char *name)
{
    struct buffer content = {0}, text = {0};
    char script[64];

    /* The program is the child of `timeout`, which hands the signal on. */
    if (peer_read(directory, name, "pid", &content)) {
        snprintf(script, sizeof(script), "%s-stop.sh", name);
        if (buffer_printf(&text, "kill %d\n", atoi((char *)content.data)) &&
            write_script(directory, script, &text))
            run_script(directory, script);
        peer_wait(directory, name, 5);
    }
    buffer_free(&content);
    buffer_free(&text);
}
