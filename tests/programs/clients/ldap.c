/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * ldap HOST PORT ldaps|starttls NAME PASSWORD BASE [callback]: binds, searches below BASE and
 * prints the number of entries and the size and a checksum of their descriptions. With `callback`
 * it asks wldap32 for a callback that would accept any server certificate.
 */
#include <windows.h>
#include <winldap.h>
#include <stdio.h>
#include <stdlib.h>
#include <wchar.h>

static BOOLEAN __cdecl accept_any(PLDAP ldap, PCCERT_CONTEXT *certificate)
{
    (void)ldap;
    (void)certificate;
    printf("asked about the certificate\n");
    return TRUE;
}

static int fail(const char *what, ULONG error)
{
    printf("%s: error %lu\n", what, error);
    return 1;
}

struct descriptions {
    ULONG entries, characters, sum;
};

static void add_descriptions(LDAP *ldap, LDAPMessage *entry, struct descriptions *found)
{
    WCHAR **values = ldap_get_valuesW(ldap, entry, (WCHAR *)L"description");

    for (ULONG i = 0; i < ldap_count_valuesW(values); i++) {
        for (const WCHAR *c = values[i]; *c; c++, found->characters++)
            found->sum = found->sum * 31 + *c;
    }
    ldap_value_freeW(values);
    found->entries++;
}

static ULONG print_entries(LDAP *ldap, WCHAR *base)
{
    struct descriptions found = {0};
    LDAPMessage *result = NULL;
    ULONG error;

    error = ldap_search_sW(ldap, base, LDAP_SCOPE_ONELEVEL, (WCHAR *)L"(objectClass=*)", NULL, 0,
                           &result);
    if (error)
        return error;
    for (LDAPMessage *entry = ldap_first_entry(ldap, result); entry;
         entry = ldap_next_entry(ldap, entry))
        add_descriptions(ldap, entry, &found);
    ldap_msgfree(result);
    printf("%lu entries, %lu characters, sum %08lx\n", found.entries, found.characters, found.sum);
    return 0;
}

int wmain(int count, WCHAR **words)
{
    ULONG version = LDAP_VERSION3, error, returned = 0;
    LDAP *ldap;
    int status = 1;

    if (count < 7)
        return 2;
    ldap = ldap_sslinitW(words[1], wcstoul(words[2], NULL, 10), !wcscmp(words[3], L"ldaps"));
    if (!ldap)
        return fail("ldap_sslinit", LdapGetLastError());
    ldap_set_optionW(ldap, LDAP_OPT_PROTOCOL_VERSION, &version);
    if (count > 7 && (error = ldap_set_optionW(ldap, LDAP_OPT_SERVER_CERTIFICATE, accept_any)))
        fail("LDAP_OPT_SERVER_CERTIFICATE", error);
    if (!wcscmp(words[3], L"starttls") &&
        (error = ldap_start_tls_sW(ldap, &returned, NULL, NULL, NULL)))
        fail("ldap_start_tls", error);
    else if ((error = ldap_simple_bind_sW(ldap, words[4], words[5])))
        fail("ldap_simple_bind", error);
    else if ((error = print_entries(ldap, words[6])))
        fail("ldap_search", error);
    else
        status = 0;
    ldap_unbind(ldap);
    return status;
}
