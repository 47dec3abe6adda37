/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Where lines go: to Wine's own functions, which know what WINEDEBUG asks for and write to stderr
 * of Unix, and to the file that ASYNCSSPI_LOG names, for those who cannot set WINEDEBUG (Steam,
 * Lutris). The file gets all of every channel, one line at a time, behind what is there already: a
 * game and its launcher may share it.
 *
 * A program finds its last error as it was. Outside Wine nobody looks.
 */
#include "core/trace.h"

#ifndef __WINESRC__

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* More than three names and what is said of them. */
#define LINE_SIZE 2048
#define ALL       (1 << TRACE_CLASS_ERR | 1 << TRACE_CLASS_WARN | 1 << TRACE_CLASS_TRACE)

/* Exports of ntdll, in Wine; no header of the SDK's has them. */
struct wine_functions {
    unsigned char(__cdecl *flags)(struct wine_channel *channel);
    int(__cdecl *header)(int class, struct wine_channel *channel, const char *function);
    int(__cdecl *output)(const char *text);
};

/* Set once, before `prepared`. Nobody waits for somebody else to do it: who waits may have the
 * loader's lock, which it takes. */
static struct wine_functions wine;
static HANDLE file; /* NULL: there is none */
static bool prepared;

static void find_wine(void)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    struct wine_functions found;

    found.flags = (void *)GetProcAddress(ntdll, "__wine_dbg_get_channel_flags");
    found.header = (void *)GetProcAddress(ntdll, "__wine_dbg_header");
    found.output = (void *)GetProcAddress(ntdll, "__wine_dbg_output");
    if (found.flags && found.header && found.output)
        wine = found;
}

static void write_file(const char *text, int length)
{
    DWORD written;

    WriteFile(file, text, (DWORD)length, &written, NULL);
}

/* A path of Windows or, beginning with a slash, of Unix. */
static void open_file(void)
{
    static const WCHAR unix_root[] = L"\\\\?\\unix";
    enum { PREFIX = ARRAYSIZE(unix_root) - 1 };
    WCHAR path[PREFIX + MAX_PATH], *given = path + PREFIX, program[MAX_PATH];
    char line[LINE_SIZE];
    DWORD length = GetEnvironmentVariableW(L"ASYNCSSPI_LOG", given, MAX_PATH);
    HANDLE opened;

    if (!length || length >= MAX_PATH)
        return;
    memcpy(path, unix_root, PREFIX * sizeof(WCHAR));
    opened = CreateFileW(given[0] == '/' ? path : given, FILE_APPEND_DATA,
                         FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_ALWAYS,
                         FILE_ATTRIBUTE_NORMAL, NULL);
    if (opened == INVALID_HANDLE_VALUE)
        return;
    if (InterlockedCompareExchangePointer(&file, opened, NULL)) {
        CloseHandle(opened);
        return;
    }
    program[0] = 0;
    GetModuleFileNameW(NULL, program, MAX_PATH);
    write_file(line, snprintf(line, sizeof(line), "--- process %04lx: %s\n", GetCurrentProcessId(),
                              debugstr_w(program)));
}

unsigned char trace_ask(struct trace_channel *channel)
{
    const DWORD error = GetLastError();
    unsigned char wanted = 0;

    if (!__atomic_load_n(&prepared, __ATOMIC_ACQUIRE)) {
        find_wine();
        open_file();
        __atomic_store_n(&prepared, true, __ATOMIC_RELEASE);
    }
    if (wine.flags)
        wanted = wine.flags(&channel->wine) & ALL;
    if (file)
        wanted = ALL;
    __atomic_store_n(&channel->wanted, wanted, __ATOMIC_RELAXED);
    SetLastError(error);
    return wanted;
}

static void log_line(const struct trace_channel *channel, enum trace_class class,
                     const char *function, const char *text)
{
    static const char *const classes[] = {"fixme", "err", "warn", "trace"};
    char line[LINE_SIZE + 128];
    SYSTEMTIME now;
    int length;

    GetLocalTime(&now);
    length =
        snprintf(line, sizeof(line), "%04u-%02u-%02u %02u:%02u:%02u.%03u %04lx:%04lx %s:%s:%s %s",
                 now.wYear, now.wMonth, now.wDay, now.wHour, now.wMinute, now.wSecond,
                 now.wMilliseconds, GetCurrentProcessId(), GetCurrentThreadId(), classes[class],
                 channel->wine.name, function, text);
    write_file(line, min(length, (int)sizeof(line) - 1));
}

void trace_write(struct trace_channel *channel, enum trace_class class, const char *function,
                 const char *format, ...)
{
    const DWORD error = GetLastError();
    char text[LINE_SIZE];
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (length >= (int)sizeof(text))
        strcpy(text + sizeof(text) - sizeof("...\n"), "...\n");
    /* It looks for itself whether this class is wanted. */
    if (wine.header && wine.header(class, &channel->wine, function) >= 0)
        wine.output(text);
    if (file)
        log_line(channel, class, function, text);
    SetLastError(error);
}

void trace_release(void)
{
    if (file)
        CloseHandle(file);
}

/* One character as it may stand in a line; the number of bytes. */
static int quote(char *text, unsigned int character)
{
    if (character == '"' || character == '\\')
        return sprintf(text, "\\%c", character);
    if (character >= ' ' && character < 0x7f)
        return sprintf(text, "%c", character);
    return sprintf(text, character > 0xff ? "\\x%04x" : "\\x%02x", character);
}

static const char *quote_all(char *text, const void *string, bool wide, int length)
{
    enum { LONGEST = sizeof("\\x0000") - 1, BEHIND = sizeof("\"...") };
    int used = sprintf(text, wide ? "L\"" : "\"");

    if (!string)
        return "(null)";
    for (int i = 0; length < 0 || i < length; i++) {
        unsigned int character = wide ? ((const WCHAR *)string)[i] : ((const BYTE *)string)[i];

        if (length < 0 && !character)
            break;
        if (used + LONGEST + BEHIND > TRACE_TEXT) {
            strcpy(text + used, "\"...");
            return text;
        }
        used += quote(text + used, character);
    }
    strcpy(text + used, "\"");
    return text;
}

const char *trace_quote_wide(char *text, const WCHAR *string, int length)
{
    return quote_all(text, string, true, length);
}

const char *trace_quote(char *text, const char *string, int length)
{
    return quote_all(text, string, false, length);
}

#else

void trace_release(void)
{
}

#endif
