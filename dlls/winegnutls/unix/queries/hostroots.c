/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the host trusts, for a caller that judges a chain itself: the roots of the host's that a
 * chain of the peer's ends in, provided that GnuTLS accepts it, dates and signatures included.
 *
 * The list is GnuTLS's, from where the distribution has it, and read when it is first asked for.
 */
#include <gnutls/x509.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "unix/base/calls.h"
#include "unix/base/status.h"
#include "unix/credentials/keyload.h"

/* More than any chain has that is worth a look. */
#define MOST_CERTIFICATES 10

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static gnutls_x509_trust_list_t trusted; /* NULL: not read yet, or could not be */
static tls_u64 moment;                   /* when */

/* Under the lock. */
static bool read_list(tls_u64 wanted)
{
    if (trusted && moment == wanted)
        return true;
    if (trusted)
        gnutls_x509_trust_list_deinit(trusted, 1);
    trusted = NULL;
    if (gnutls_x509_trust_list_init(&trusted, 0) < 0)
        return false;
    moment = wanted;
    return gnutls_x509_trust_list_add_system_trust(trusted, 0, 0) > 0;
}

/* The number of certificates; 0: there is one that cannot be read. */
static unsigned int read_chain(const struct tls_host_roots *params,
                               gnutls_x509_crt_t chain[MOST_CERTIFICATES])
{
    const uint8_t *at = pointer(params->chain);
    uint32_t left = params->chain_size, size;
    unsigned int count = 0;

    while (left > sizeof(size)) {
        memcpy(&size, at, sizeof(size));
        at += sizeof(size);
        left -= (uint32_t)sizeof(size);
        if (size > left || count == MOST_CERTIFICATES ||
            certificate_import(&chain[count++], (uintptr_t)at, size) < 0)
            break;
        at += size;
        left -= size;
    }
    if (!left)
        return count;
    for (unsigned int i = 0; i < count; i++)
        if (chain[i])
            gnutls_x509_crt_deinit(chain[i]);
    return 0;
}

/* Under the lock. Changes neither the order nor the number of the caller's. */
static bool is_accepted(gnutls_x509_crt_t *chain, unsigned int count)
{
    gnutls_x509_crt_t sorted[MOST_CERTIFICATES];
    unsigned int problems = GNUTLS_CERT_INVALID;

    memcpy(sorted, chain, count * sizeof(*sorted));
    return gnutls_x509_trust_list_verify_crt2(trusted, sorted, count, NULL, 0, 0, &problems,
                                              NULL) >= 0 &&
           !problems;
}

/* The roots' bytes, one behind the other, each with its size in front. */
struct roots {
    uint8_t *data;
    uint32_t size, count;
};

static void add_root(struct roots *roots, gnutls_x509_crt_t root)
{
    gnutls_datum_t der = {NULL, 0};
    uint8_t *grown = NULL;
    uint32_t size;

    if (gnutls_x509_crt_export2(root, GNUTLS_X509_FMT_DER, &der) >= 0)
        grown = realloc(roots->data, roots->size + sizeof(size) + der.size);
    if (grown) {
        size = der.size;
        memcpy(grown + roots->size, &size, sizeof(size));
        memcpy(grown + roots->size + sizeof(size), der.data, size);
        roots->data = grown;
        roots->size += (uint32_t)sizeof(size) + size;
        roots->count++;
    }
    gnutls_free(der.data);
}

/* Under the lock. */
static void find_roots(gnutls_x509_crt_t *chain, unsigned int count, struct roots *roots)
{
    gnutls_x509_crt_t root;

    for (unsigned int i = 0; i < count; i++) {
        root = NULL;
        if (gnutls_x509_trust_list_get_issuer(trusted, chain[i], &root, GNUTLS_TL_GET_COPY) < 0)
            continue;
        add_root(roots, root);
        gnutls_x509_crt_deinit(root);
    }
}

void call_host_roots(struct tls_host_roots *params)
{
    gnutls_x509_crt_t chain[MOST_CERTIFICATES];
    const unsigned int count = read_chain(params, chain);
    struct roots roots = {NULL, 0, 0};

    params->status = SEC_E_UNTRUSTED_ROOT;
    params->size = params->count = 0;
    if (!count)
        return;
    pthread_mutex_lock(&lock);
    if (read_list(params->moment) && is_accepted(chain, count))
        find_roots(chain, count, &roots);
    pthread_mutex_unlock(&lock);
    if (roots.count) {
        params->size = roots.size;
        params->count = roots.count;
        params->status = SEC_E_BUFFER_TOO_SMALL;
        if (params->buffer && roots.size <= params->buffer_size) {
            memcpy(pointer(params->buffer), roots.data, roots.size);
            params->status = SEC_E_OK;
        }
    }
    free(roots.data);
    for (unsigned int i = 0; i < count; i++)
        gnutls_x509_crt_deinit(chain[i]);
}
