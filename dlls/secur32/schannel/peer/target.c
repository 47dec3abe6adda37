/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The target name of InitializeSecurityContext as the server name of the handshake and of the
 * certificate.
 *
 * Programs hand over what they have: a host name, one with a port ("host:443", "[::1]:443"), or a
 * service principal name ("HTTP/host", "HTTP/host:443/realm"). The host is what counts.
 *
 * An address is no server name (RFC 6066), neither is an empty one, one too long, one that has no
 * A-label form, or one that could not stand in a host name: the handshake then goes without, and
 * the check of the certificate's name decides.
 */
#include "schannel/peer/target.h"

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

/* Hexadecimal digits, dots and at least two colons, perhaps with a zone. */
static bool is_ipv6(const SEC_WCHAR *name, size_t size)
{
    unsigned int colons = 0;

    for (size_t i = 0; i < size; i++) {
        if (name[i] == ':') {
            colons++;
            continue;
        }
        if (name[i] == '%')
            break;
        if (!is_digit(name[i]) && name[i] != '.' && !(name[i] >= 'a' && name[i] <= 'f') &&
            !(name[i] >= 'A' && name[i] <= 'F'))
            return false;
    }
    return colons >= 2;
}

static bool is_port(const SEC_WCHAR *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (!is_digit(text[i]))
            return false;
    return size <= 5;
}

static size_t find(const SEC_WCHAR *text, size_t size, SEC_WCHAR character)
{
    size_t i = 0;

    while (i < size && text[i] != character)
        i++;
    return i;
}

struct target_host target_find_host(const SEC_WCHAR *target)
{
    struct target_host host = {target, target ? wcsnlen(target, TARGET_MAX + 1) : 0};
    size_t slash, end;

    if (host.size > TARGET_MAX)
        host.size = 0;
    slash = find(host.name, host.size, '/');
    if (slash < host.size) {
        host.name += slash + 1;
        host.size -= slash + 1;
        host.size = find(host.name, host.size, '/');
    }
    if (host.size && host.name[0] == '[') {
        end = find(host.name, host.size, ']');
        if (end < host.size) {
            host.name++;
            host.size = end - 1;
        }
    } else if (!is_ipv6(host.name, host.size)) {
        end = find(host.name, host.size, ':');
        if (end < host.size && is_port(host.name + end + 1, host.size - end - 1))
            host.size = end;
    }
    if (host.size && host.name[host.size - 1] == '.')
        host.size--;
    return host;
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

/* Letters, digits and what else names in use have; a server may refuse anything else. */
static bool is_host_character(SEC_WCHAR character)
{
    return is_digit(character) || (character >= 'a' && character <= 'z') ||
           (character >= 'A' && character <= 'Z') || character == '-' || character == '_' ||
           character == '.';
}

uint32_t server_name_from_target(const SEC_WCHAR *target, char name[SERVER_NAME_MAX + 1])
{
    struct target_host host = target_find_host(target);
    SEC_WCHAR labels[SERVER_NAME_MAX];

    if (!host.size || host.size > SERVER_NAME_MAX || is_ipv4(host.name, host.size) ||
        is_ipv6(host.name, host.size))
        return 0;
    if (!is_ascii(host.name, host.size)) {
        host.size = to_a_labels(host.name, host.size, labels);
        host.name = labels;
    }
    for (size_t i = 0; i < host.size; i++) {
        if (!is_host_character(host.name[i]))
            return 0;
        name[i] = (char)host.name[i];
    }
    name[host.size] = 0;
    return (uint32_t)host.size;
}
