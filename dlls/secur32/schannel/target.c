/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The target name of InitializeSecurityContext as the server name of the handshake.
 *
 * An address is no server name (RFC 6066), neither is an empty one, one too long, or one that has
 * no A-label form: the handshake then goes without, and the check of the certificate's name
 * decides. A port or a service prefix ("host:443", "HTTP/host") is sent as it is, as on Windows.
 */
#include "buffers.h"

typedef int(WINAPI *idn_to_ascii)(DWORD flags, LPCWSTR unicode, int unicode_size, LPWSTR ascii,
                                  int ascii_size);

static bool is_digit(SEC_WCHAR character)
{
    return character >= '0' && character <= '9';
}

/* a.b.c.d, each up to three digits. A host name never ends in an all-digit label. */
static bool is_ipv4(const SEC_WCHAR *name, size_t size)
{
    unsigned int dots = 0, digits = 0;

    for (size_t i = 0; i < size; i++) {
        if (is_digit(name[i])) {
            if (++digits > 3)
                return false;
        } else if (name[i] == '.' && digits) {
            dots++;
            digits = 0;
        } else {
            return false;
        }
    }
    return dots == 3 && digits;
}

/* Hexadecimal digits, dots and at least two colons, perhaps in brackets, perhaps with a zone. */
static bool is_ipv6(const SEC_WCHAR *name, size_t size)
{
    unsigned int colons = 0;

    if (size >= 2 && name[0] == '[') {
        name++;
        size--;
    }
    for (size_t i = 0; i < size; i++) {
        if (name[i] == ':') {
            colons++;
            continue;
        }
        if (name[i] == '%' || name[i] == ']')
            break;
        if (!is_digit(name[i]) && name[i] != '.' && !(name[i] >= 'a' && name[i] <= 'f') &&
            !(name[i] >= 'A' && name[i] <= 'F'))
            return false;
    }
    return colons >= 2;
}

static bool is_ascii(const SEC_WCHAR *name, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (name[i] >= 0x80)
            return false;
    return true;
}

/* In kernel32 on newer systems, in normaliz.dll always; few programs ever need it. */
static idn_to_ascii find_converter(void)
{
    FARPROC function = GetProcAddress(GetModuleHandleW(L"kernel32.dll"), "IdnToAscii");
    HMODULE module;

    if (!function) {
        module = LoadLibraryExW(L"normaliz.dll", NULL, LOAD_LIBRARY_SEARCH_SYSTEM32);
        if (module)
            function = GetProcAddress(module, "IdnToAscii");
    }
    return (idn_to_ascii)(void *)function;
}

static size_t to_a_labels(const SEC_WCHAR *name, size_t size, SEC_WCHAR *labels)
{
    idn_to_ascii convert = find_converter();
    int length = convert ? convert(0, name, (int)size, labels, SERVER_NAME_MAX) : 0;

    return length > 0 ? (size_t)length : 0;
}

uint32_t server_name_from_target(const SEC_WCHAR *target, char name[SERVER_NAME_MAX + 1])
{
    SEC_WCHAR labels[SERVER_NAME_MAX];
    size_t size = target ? wcsnlen(target, SERVER_NAME_MAX + 2) : 0;

    if (size && target[size - 1] == '.')
        size--;
    if (!size || size > SERVER_NAME_MAX || is_ipv4(target, size) || is_ipv6(target, size))
        return 0;
    if (!is_ascii(target, size)) {
        size = to_a_labels(target, size, labels);
        target = labels;
    }
    for (size_t i = 0; i < size; i++)
        name[i] = (char)target[i];
    name[size] = 0;
    return (uint32_t)size;
}
