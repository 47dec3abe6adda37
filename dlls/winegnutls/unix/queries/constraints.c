/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * TLS_CALL_NAME_CONSTRAINTS: whether the names in a chain keep to what the authorities above them
 * permit and exclude (RFC 5280 4.2.1.10).
 *
 * GnuTLS compares DNS names, IP addresses and mail addresses, the common name included where it
 * serves as a server's name. What it does not know it lets pass (3.7.9), so directory names and the
 * hosts of URIs are compared here.
 */
#include <string.h>
#include <strings.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/credentials/keyload.h"

#define MAX_ELEMENTS 32
#define MAX_NAME     2048
#define MAX_NAMES    1024

/* A distinguished name as GnuTLS writes it ("CN=x,O=y,C=z") begins with the RDNs of the other one
 * when it ends with their text. */
static bool name_below(const char *name, size_t size, const gnutls_datum_t *tree)
{
    if (!tree->size)
        return true;
    if (size < tree->size ||
        strncasecmp(name + size - tree->size, (const char *)tree->data, tree->size))
        return false;
    if (size == tree->size)
        return true;
    return name[size - tree->size - 1] == ',' &&
           (size - tree->size < 2 || name[size - tree->size - 2] != '\\');
}

/* The host of a URI; false: it has none, or an address. */
static bool host_of(const char *uri, size_t size, const char **host, size_t *host_size)
{
    const char *end = uri + size, *start = memmem(uri, size, "://", 3), *at;

    if (!start)
        return false;
    start += 3;
    for (at = start; at < end && *at != '/' && *at != '?' && *at != '#'; at++)
        if (*at == '@')
            start = at + 1;
    end = at;
    if (start < end && *start == '[')
        return false;
    for (at = start; at < end && *at != ':'; at++)
        continue;
    *host = start;
    *host_size = (size_t)(at - start);
    /* A name's last label is no number. */
    return *host_size && !(at[-1] >= '0' && at[-1] <= '9');
}

/* ".example.com" is every host below, "example.com" that host. */
static bool host_below(const char *host, size_t size, const gnutls_datum_t *tree)
{
    const char *text = (const char *)tree->data;

    if (!tree->size)
        return true;
    if (text[0] == '.')
        return size > tree->size && !strncasecmp(host + size - tree->size, text, tree->size);
    return size == tree->size && !strncasecmp(host, text, size);
}

static bool is_below(unsigned int type, const char *name, size_t size, const gnutls_datum_t *tree)
{
    const char *host;
    size_t host_size;

    if (type == GNUTLS_SAN_DN)
        return name_below(name, size, tree);
    return host_of(name, size, &host, &host_size) && host_below(host, host_size, tree);
}

typedef int next_subtree(gnutls_x509_name_constraints_t constraints, unsigned int index,
                         unsigned int *type, gnutls_datum_t *name);

/* Whether the name is in one of the subtrees of its type; *any: there are such. */
static bool is_in(gnutls_x509_name_constraints_t constraints, next_subtree *next, unsigned int type,
                  const char *name, size_t size, bool *any)
{
    unsigned int found;
    gnutls_datum_t tree;

    *any = false;
    for (unsigned int i = 0; next(constraints, i, &found, &tree) >= 0; i++) {
        if (found != type)
            continue;
        *any = true;
        if (is_below(type, name, size, &tree))
            return true;
    }
    return false;
}

static bool is_permitted(gnutls_x509_name_constraints_t constraints, unsigned int type,
                         const char *name, size_t size)
{
    const char *host;
    size_t host_size;
    bool any, excluded;

    if (!is_in(constraints, gnutls_x509_name_constraints_get_permitted, type, name, size, &any) &&
        any)
        return false;
    excluded =
        is_in(constraints, gnutls_x509_name_constraints_get_excluded, type, name, size, &any);
    /* A URI of which nobody can say where it leads is in none of them, and refused (RFC 5280). */
    if (any && type == GNUTLS_SAN_URI && !host_of(name, size, &host, &host_size))
        return false;
    return !excluded;
}

/* Directory names and URIs: the subject and the alternative names. */
static bool others_permitted(gnutls_x509_name_constraints_t constraints,
                             gnutls_x509_crt_t certificate)
{
    gnutls_datum_t subject = {NULL, 0};
    char name[MAX_NAME];
    bool permitted = true;

    if (gnutls_x509_crt_get_dn3(certificate, &subject, 0) >= 0) {
        permitted = !subject.size || is_permitted(constraints, GNUTLS_SAN_DN,
                                                  (const char *)subject.data, subject.size);
        gnutls_free(subject.data);
    }
    for (unsigned int i = 0; permitted && i < MAX_NAMES; i++) {
        size_t size = sizeof(name);
        int type = gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &size, NULL);

        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            break;
        if (type == GNUTLS_E_SHORT_MEMORY_BUFFER)
            return false; /* no name is as long */
        if (type == GNUTLS_SAN_DN || type == GNUTLS_SAN_URI)
            permitted = is_permitted(constraints, (unsigned int)type, name, strnlen(name, size));
    }
    return permitted;
}

static bool all_permitted(gnutls_x509_name_constraints_t constraints, gnutls_x509_crt_t certificate)
{
    static const gnutls_x509_subject_alt_name_t types[] = {GNUTLS_SAN_DNSNAME, GNUTLS_SAN_IPADDRESS,
                                                           GNUTLS_SAN_RFC822NAME};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
        if (!gnutls_x509_name_constraints_check_crt(constraints, types[i], certificate))
            return false;
    return others_permitted(constraints, certificate);
}

/* What chain[index] says of those below it: 0, or an error. */
static int check_below(gnutls_x509_crt_t *chain, uint32_t index)
{
    gnutls_x509_name_constraints_t constraints = NULL;
    unsigned int critical;
    int error = gnutls_x509_name_constraints_init(&constraints);

    if (error >= 0)
        error = gnutls_x509_crt_get_name_constraints(chain[index], constraints, 0, &critical);
    if (error == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) {
        error = 0;
    } else if (error >= 0) {
        for (uint32_t i = 0; error >= 0 && i < index; i++) {
            /* An authority that renews itself is not below itself; the leaf always is. */
            if (i && gnutls_x509_crt_check_issuer(chain[i], chain[i]))
                continue;
            if (!all_permitted(constraints, chain[i]))
                error = GNUTLS_E_CERTIFICATE_ERROR;
        }
    }
    if (constraints)
        gnutls_x509_name_constraints_deinit(constraints);
    return error;
}

void call_name_constraints(struct tls_name_constraints *params)
{
    gnutls_x509_crt_t chain[MAX_ELEMENTS] = {NULL};
    const struct tls_blob *blobs = pointer(params->chain);
    int error = 0;

    params->status = SEC_E_INVALID_PARAMETER;
    if (!blobs || !params->count || params->count > MAX_ELEMENTS)
        return;
    for (uint32_t i = 0; error >= 0 && i < params->count; i++)
        error = certificate_import(&chain[i], blobs[i].data, blobs[i].size);
    for (uint32_t i = 1; error >= 0 && i < params->count; i++)
        error = check_below(chain, i);
    for (uint32_t i = 0; i < params->count; i++)
        if (chain[i])
            gnutls_x509_crt_deinit(chain[i]);
    if (error == GNUTLS_E_MEMORY_ERROR)
        params->status = SEC_E_INSUFFICIENT_MEMORY;
    else
        params->status = error < 0 ? SEC_E_CERT_UNKNOWN : SEC_E_OK;
}
