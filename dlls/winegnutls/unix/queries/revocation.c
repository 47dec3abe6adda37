/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether a certificate was revoked: where to ask, and what an answer is worth. Fetching is the
 * caller's; lists are judged in queries/crl.c.
 *
 * An answer counts only when the issuer signed it, itself or through a responder it named, and when
 * it is of now. Everything else is CRYPT_E_REVOCATION_OFFLINE, as if nobody had answered: what an
 * attacker could send must not read as "not revoked".
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <gnutls/ocsp.h>
#include <gnutls/x509.h>

#include "unix/base/calls.h"
#include "unix/base/engine.h"
#include "unix/base/status.h"
#include "unix/credentials/keyload.h"
#include "unix/queries/crl.h"

#define MAX_SOURCES 16
#define MAX_URL     1024

/* Clocks differ by minutes. */
#define CLOCK_SKEW   (5 * 60)
/* How long a response that names no end is believed. */
#define DEFAULT_LIFE (3 * 24 * 60 * 60)

/* Sources on their way into the caller's buffer. */
struct source_list {
    char *at;
    size_t capacity, size;
};

static void add_bytes(struct source_list *list, const void *bytes, size_t size)
{
    if (list->size + size <= list->capacity)
        memcpy(list->at + list->size, bytes, size);
    list->size += size;
}

static bool is_http(const gnutls_datum_t *url)
{
    static const char scheme[] = "http://";
    unsigned int i;

    if (url->size <= sizeof(scheme) - 1 || url->size > MAX_URL)
        return false;
    for (i = 0; i < sizeof(scheme) - 1; i++)
        if ((url->data[i] | 0x20) != (scheme[i] | 0x20))
            return false;
    for (; i < url->size; i++)
        if (url->data[i] <= ' ' || url->data[i] >= 0x7f)
            return false;
    return true;
}

/* The request of RFC 6960 A.1 for a GET, escaped base64. */
static void add_request(struct source_list *list, const gnutls_datum_t *request)
{
    gnutls_datum_t text = {NULL, 0};
    char escaped[4];
    unsigned int i;

    if (gnutls_base64_encode2(request, &text) < 0)
        return;
    for (i = 0; i < text.size; i++) {
        if (strchr("+/=", text.data[i])) {
            snprintf(escaped, sizeof(escaped), "%%%02X", text.data[i]);
            add_bytes(list, escaped, 3);
        } else {
            add_bytes(list, &text.data[i], 1);
        }
    }
    gnutls_free(text.data);
}

static void add_source(struct source_list *list, enum tls_evidence kind, const gnutls_datum_t *url,
                       const gnutls_datum_t *request)
{
    uint8_t byte = (uint8_t)kind;

    add_bytes(list, &byte, 1);
    add_bytes(list, url->data, url->size);
    if (request) {
        if (url->data[url->size - 1] != '/')
            add_bytes(list, "/", 1);
        add_request(list, request);
    }
    add_bytes(list, "", 1);
}

static int make_request(gnutls_x509_crt_t certificate, gnutls_x509_crt_t issuer,
                        gnutls_datum_t *bytes)
{
    gnutls_ocsp_req_t request;
    int error = gnutls_ocsp_req_init(&request);

    if (error < 0)
        return error;
    /* What every responder understands; it only says which certificate is meant. */
    error = gnutls_ocsp_req_add_cert(request, GNUTLS_DIG_SHA1, issuer, certificate);
    if (error >= 0)
        error = gnutls_ocsp_req_export(request, bytes);
    gnutls_ocsp_req_deinit(request);
    return error;
}

static uint32_t add_responders(struct source_list *list, gnutls_x509_crt_t certificate,
                               gnutls_x509_crt_t issuer)
{
    gnutls_datum_t request = {NULL, 0}, url;
    uint32_t count = 0;
    unsigned int seq;
    int error;

    if (make_request(certificate, issuer, &request) < 0)
        return 0;
    for (seq = 0; seq < MAX_SOURCES; seq++) {
        error = gnutls_x509_crt_get_authority_info_access(certificate, seq, GNUTLS_IA_OCSP_URI,
                                                          &url, NULL);
        if (error == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            break;
        /* Another kind of access, such as where the issuer's certificate is. */
        if (error < 0)
            continue;
        count++;
        if (is_http(&url))
            add_source(list, TLS_EVIDENCE_OCSP, &url, &request);
        gnutls_free(url.data);
    }
    gnutls_free(request.data);
    return count;
}

static uint32_t add_lists(struct source_list *list, gnutls_x509_crt_t certificate)
{
    unsigned int seq, reasons;
    uint8_t name[MAX_URL];
    uint32_t count = 0;

    for (seq = 0; seq < MAX_SOURCES; seq++) {
        gnutls_datum_t url = {name, 0};
        size_t size = sizeof(name);
        int type =
            gnutls_x509_crt_get_crl_dist_points(certificate, seq, name, &size, &reasons, NULL);

        if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            break;
        count++;
        url.size = type == GNUTLS_SAN_URI ? (unsigned int)size : 0;
        /* A list for some reasons only cannot say that a certificate is good. */
        if (!reasons && is_http(&url))
            add_source(list, TLS_EVIDENCE_CRL, &url, NULL);
    }
    return count;
}

void call_revocation_sources(struct tls_revocation_sources *params)
{
    struct source_list list = {.at = pointer(params->buffer), .capacity = params->buffer_size};
    gnutls_x509_crt_t certificate = NULL, issuer = NULL;
    int error;

    params->size = params->count = 0;
    if (!list.at)
        list.capacity = 0;
    error = certificate_import(&certificate, params->certificate, params->certificate_size);
    if (error >= 0)
        error = certificate_import(&issuer, params->issuer, params->issuer_size);
    if (error >= 0) {
        params->count = add_responders(&list, certificate, issuer) + add_lists(&list, certificate);
        params->size = (uint32_t)list.size;
    }
    if (error < 0)
        params->status =
            error == GNUTLS_E_MEMORY_ERROR ? SEC_E_INSUFFICIENT_MEMORY : SEC_E_CERT_UNKNOWN;
    else
        params->status = list.size > list.capacity ? SEC_E_BUFFER_TOO_SMALL : SEC_E_OK;
    if (certificate)
        gnutls_x509_crt_deinit(certificate);
    if (issuer)
        gnutls_x509_crt_deinit(issuer);
}

static bool is_current(time_t from, time_t until)
{
    time_t now = time(NULL);

    if (from == (time_t)-1 || from > now + CLOCK_SKEW)
        return false;
    if (until == (time_t)-1)
        until = from + DEFAULT_LIFE;
    return now <= until + CLOCK_SKEW;
}

static int32_t read_response(gnutls_ocsp_resp_t response, gnutls_x509_crt_t certificate,
                             gnutls_x509_crt_t issuer)
{
    unsigned int problems = 0, index, status;
    time_t from, until;
    int error;

    if (gnutls_ocsp_resp_get_status(response) != GNUTLS_OCSP_RESP_SUCCESSFUL ||
        gnutls_ocsp_resp_verify_direct(response, issuer, &problems, 0) < 0 || problems)
        return CRYPT_E_REVOCATION_OFFLINE;
    for (index = 0; index < MAX_SOURCES; index++) {
        error = gnutls_ocsp_resp_check_crt(response, index, certificate);
        if (error == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE)
            break;
        if (error < 0 || gnutls_ocsp_resp_get_single(response, index, NULL, NULL, NULL, NULL,
                                                     &status, &from, &until, NULL, NULL) < 0)
            continue;
        if (!is_current(from, until))
            continue;
        if (status == GNUTLS_OCSP_CERT_REVOKED)
            return CRYPT_E_REVOKED;
        if (status == GNUTLS_OCSP_CERT_GOOD)
            return SEC_E_OK;
    }
    return CRYPT_E_REVOCATION_OFFLINE;
}

static int32_t ocsp_check(const gnutls_datum_t *bytes, gnutls_x509_crt_t certificate,
                          gnutls_x509_crt_t issuer)
{
    int32_t status = CRYPT_E_REVOCATION_OFFLINE;
    gnutls_ocsp_resp_t response;

    if (gnutls_ocsp_resp_init(&response) < 0)
        return status;
    if (gnutls_ocsp_resp_import(response, bytes) >= 0)
        status = read_response(response, certificate, issuer);
    gnutls_ocsp_resp_deinit(response);
    return status;
}

void call_revocation_check(struct tls_revocation_check *params)
{
    gnutls_datum_t evidence = {pointer(params->evidence), params->evidence_size};
    gnutls_x509_crt_t certificate = NULL, issuer = NULL;

    params->status = CRYPT_E_REVOCATION_OFFLINE;
    if (evidence.data && evidence.size &&
        certificate_import(&certificate, params->certificate, params->certificate_size) >= 0 &&
        certificate_import(&issuer, params->issuer, params->issuer_size) >= 0) {
        if (params->kind == TLS_EVIDENCE_OCSP)
            params->status = ocsp_check(&evidence, certificate, issuer);
        else if (params->kind == TLS_EVIDENCE_CRL)
            params->status = crl_check(&evidence, certificate, issuer);
    }
    if (certificate)
        gnutls_x509_crt_deinit(certificate);
    if (issuer)
        gnutls_x509_crt_deinit(issuer);
}
