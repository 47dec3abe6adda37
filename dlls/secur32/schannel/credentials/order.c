/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lists of suites and curves in the registry. The policy's wins over the machine's own.
 *
 * Source of the facts: "Manage Transport Layer Security (TLS)", "TLS Elliptic Curves in Windows 10
 * version 1607 and later" and the policies "SSL Cipher Suite Order" and "ECC Curve Order", public
 * documentation.
 */
#include "schannel/credentials/order.h"
#include "schannel/credentials/suites.h"

#include <string.h>

#define LOCAL_KEY  L"System\\CurrentControlSet\\Control\\Cryptography\\Configuration\\Local\\SSL\\"
#define POLICY_KEY L"Software\\Policies\\Microsoft\\Cryptography\\Configuration\\SSL\\00010002"
#define MAX_LIST   8192 /* characters; a policy's list of suites ends at 1023 */

#define ALL_CURVES                                                                                 \
    (TLS_DISABLE_GROUP_X25519 | TLS_DISABLE_GROUP_SECP256R1 | TLS_DISABLE_GROUP_SECP384R1 |        \
     TLS_DISABLE_GROUP_SECP521R1 | TLS_DISABLE_GROUP_X448 | TLS_DISABLE_GROUP_X25519_MLKEM768 |    \
     TLS_DISABLE_GROUP_SECP256R1_MLKEM768 | TLS_DISABLE_GROUP_SECP384R1_MLKEM1024)

static const struct {
    const WCHAR *name;
    uint16_t number; /* IANA's */
    tls_u64 bit;
} curves[] = {
    {L"x25519_mlkem768", 4588, TLS_DISABLE_GROUP_X25519_MLKEM768},
    {L"secp256r1_mlkem768", 4587, TLS_DISABLE_GROUP_SECP256R1_MLKEM768},
    {L"secp384r1_mlkem1024", 4589, TLS_DISABLE_GROUP_SECP384R1_MLKEM1024},
    {L"curve25519", 29, TLS_DISABLE_GROUP_X25519},
    {L"NistP256", 23, TLS_DISABLE_GROUP_SECP256R1},
    {L"NistP384", 24, TLS_DISABLE_GROUP_SECP384R1},
    {L"NistP521", 25, TLS_DISABLE_GROUP_SECP521R1},
};

static bool is_named(const WCHAR *text, int length, const WCHAR *name)
{
    return CompareStringOrdinal(text, length, name, -1, TRUE) == CSTR_EQUAL;
}

/* Puts a number behind the others, once. */
static void add_number(uint16_t *numbers, unsigned int count, uint16_t number)
{
    unsigned int i = 0;

    while (i < count && numbers[i] && numbers[i] != number)
        i++;
    if (i < count)
        numbers[i] = number;
}

static void add_suite(struct schannel_order *order, const WCHAR *name, int length)
{
    tls_u64 parts;
    uint16_t number = suite_by_name(name, length, &parts);

    if (!number)
        return;
    if (!order->order.suites[0])
        order->disabled |= SUITE_PARTS;
    add_number(order->order.suites, TLS_MAX_SUITES, number);
    order->disabled &= ~parts;
}

static void add_curve(struct schannel_order *order, const WCHAR *name, int length)
{
    for (unsigned int i = 0; i < ARRAYSIZE(curves); i++) {
        if (!is_named(name, length, curves[i].name))
            continue;
        if (!order->order.groups[0])
            order->disabled |= ALL_CURVES;
        add_number(order->order.groups, TLS_MAX_GROUPS, curves[i].number);
        order->disabled &= ~curves[i].bit;
    }
}

static bool is_separator(WCHAR character)
{
    return !character || character == ',' || character == ' ';
}

/* A REG_MULTI_SZ, or a REG_SZ with commas. */
static void read_list(const WCHAR *key, const WCHAR *value, struct schannel_order *order,
                      void (*add)(struct schannel_order *, const WCHAR *, int))
{
    DWORD size = MAX_LIST * sizeof(WCHAR), count, start = 0;
    WCHAR *list = HeapAlloc(GetProcessHeap(), 0, size);
    bool found = list && !RegGetValueW(HKEY_LOCAL_MACHINE, key, value,
                                       RRF_RT_REG_MULTI_SZ | RRF_RT_REG_SZ, NULL, list, &size);

    count = found ? size / sizeof(WCHAR) : 0;
    for (DWORD i = 0; i < count; i++) {
        if (!is_separator(list[i]))
            continue;
        if (i > start)
            add(order, list + start, (int)(i - start));
        start = i + 1;
    }
    if (list)
        HeapFree(GetProcessHeap(), 0, list);
}

void order_read(struct schannel_order *order)
{
    *order = (struct schannel_order){0};
    read_list(POLICY_KEY, L"Functions", order, add_suite);
    if (!order->order.suites[0])
        read_list(LOCAL_KEY L"00010002", L"Functions", order, add_suite);
    read_list(POLICY_KEY, L"EccCurves", order, add_curve);
    /* Where the cmdlets of Windows put it, beside the suites, and where CNG has an interface of its
     * own. */
    if (!order->order.groups[0])
        read_list(LOCAL_KEY L"00010002", L"EccCurves", order, add_curve);
    if (!order->order.groups[0])
        read_list(LOCAL_KEY L"00010003", L"Functions", order, add_curve);
}
