/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * See fuzz/sspitls/system.h. The headers are those of Windows, the C library is that of Linux.
 */
#include "fuzz/sspitls/system.h"

#include <winsock2.h>
#include <windows.h>
#include <wincrypt.h>
#include <stdarg.h>
#include <string.h>
#include <ws2tcpip.h>

#include "base/file.h"

/* The C library's: <stdio.h> of Windows makes others of them. */
int strcasecmp(const char *one, const char *two);
int strncasecmp(const char *one, const char *two, size_t size);

static struct {
    const uint8_t *data;
    size_t size, piece;
} input;

static unsigned int lines_said;

void system_set_input(const uint8_t *data, size_t size, size_t piece)
{
    input.data = data;
    input.size = size;
    input.piece = piece;
}

unsigned int system_lines_said(void)
{
    const unsigned int said = lines_said;

    lines_said = 0;
    return said;
}

/* What the headers make of functions of the C library */

int __mingw_vsnprintf(char *text, size_t size, const char *format, va_list arguments)
{
    return __builtin_vsnprintf(text, size, format, arguments);
}

/* All text is made, so that a sanitizer sees what it is made of. */
int __mingw_vfprintf(void *file, const char *format, va_list arguments)
{
    char text[4096];
    const int length = __builtin_vsnprintf(text, sizeof(text), format, arguments);

    (void)file;
    if (length > 0 && strchr(text, '\n'))
        lines_said++;
    return length;
}

int puts(const char *text)
{
    return (int)strlen(text);
}

void *__acrt_iob_func(unsigned int number)
{
    (void)number;
    return NULL;
}

int _stricmp(const char *one, const char *two)
{
    return strcasecmp(one, two);
}

int _strnicmp(const char *one, const char *two, size_t size)
{
    return strncasecmp(one, two, size);
}

PVOID RtlSecureZeroMemory(PVOID memory, SIZE_T size)
{
    return memset(memory, 0, size);
}

/* Of Windows */

HANDLE WINAPI GetStdHandle(DWORD which)
{
    (void)which;
    return NULL;
}

BOOL WINAPI ReadFile(HANDLE file, LPVOID buffer, DWORD size, LPDWORD got, LPOVERLAPPED overlapped)
{
    size_t now = size < input.piece ? size : input.piece;

    (void)file;
    (void)overlapped;
    if (now > input.size)
        now = input.size;
    memcpy(buffer, input.data, now);
    input.data += now;
    input.size -= now;
    *got = (DWORD)now;
    return TRUE;
}

INT WSAAPI getnameinfo(const struct sockaddr *address, socklen_t size, PCHAR host, DWORD host_size,
                       PCHAR port, DWORD port_size, INT flags)
{
    (void)address;
    (void)size;
    (void)host;
    (void)host_size;
    (void)port;
    (void)port_size;
    (void)flags;
    return WSAHOST_NOT_FOUND;
}

/* Looks at all of the text, and gives out as much as base64 would. */
BOOL WINAPI CryptStringToBinaryA(LPCSTR text, DWORD length, DWORD flags, BYTE *bytes, DWORD *size,
                                 DWORD *skipped, DWORD *found)
{
    const DWORD wanted = length / 4 * 3;
    BYTE sum = 0;

    (void)flags;
    (void)skipped;
    (void)found;
    for (DWORD i = 0; i < length; i++)
        sum ^= (BYTE)text[i];
    if (bytes)
        memset(bytes, sum, wanted);
    *size = wanted;
    return sum != 0;
}

BOOL WINAPI CertAddEncodedCertificateToStore(HCERTSTORE store, DWORD encoding, const BYTE *bytes,
                                             DWORD size, DWORD disposition,
                                             PCCERT_CONTEXT *certificate)
{
    (void)store;
    (void)encoding;
    (void)disposition;
    (void)certificate;
    return size && bytes[0] == bytes[size - 1];
}

BOOL WINAPI CryptBinaryToStringA(const BYTE *bytes, DWORD size, DWORD flags, LPSTR text,
                                 DWORD *length)
{
    (void)bytes;
    (void)size;
    (void)flags;
    (void)text;
    (void)length;
    return FALSE;
}

BOOL WINAPI CertGetCertificateContextProperty(PCCERT_CONTEXT certificate, DWORD id, void *data,
                                              DWORD *size)
{
    (void)certificate;
    (void)id;
    (void)data;
    (void)size;
    return FALSE;
}

/* Of sspitls */

bool write_file(const char *path, const void *data, size_t size)
{
    (void)path;
    (void)data;
    (void)size;
    return false;
}
