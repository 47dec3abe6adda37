/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the tests of attributes share: connections of every kind, and one function per attribute
 * that looks at what both sides of such a connection say.
 */
#ifndef ATTRIBUTES_H
#define ATTRIBUTES_H

#include "kit/pair.h"
#include "kit/tally.h"
#include "kit/testcert.h"

/* Newer than some headers. */
#ifndef SECPKG_ATTR_CERT_CHECK_RESULT
#define SECPKG_ATTR_CERT_CHECK_RESULT        0x71
#define SECPKG_ATTR_CERT_CHECK_RESULT_INPROC 0x72
#endif
#ifndef SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT
#define SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT_INPROC 0x74
#define SECPKG_ATTR_SERIALIZED_REMOTE_CERT_CONTEXT        0x75
#endif

/* A connection that stands. */
struct scene {
    struct pair pair;
    struct side *sides[2]; /* by enum side_role */
    DWORD version;         /* SIDE_TLS1_ */
    BOOL tls13;
    const CERT_CONTEXT *certificates[2]; /* by enum side_role; the client's may be NULL */
    BOOL resumed;
};

/* One attribute's values. */
struct attribute_test {
    const char *name; /* "attribute STREAM_SIZES" */
    void (*check)(struct scene *scene);
};

/* Runs every test on every kind of connection: TLS 1.2 and 1.3, RSA and ECDSA, the client with and
 * without certificate, new and resumed. Counts by name. */
void attributes_run(const struct attribute_test *tests, unsigned int count);

/* QueryContextAttributesW, with an ok() that says the status is `expected`. TRUE: SEC_E_OK. */
BOOL query_expecting(struct side *side, ULONG attribute, void *buffer, SECURITY_STATUS expected);
/* The same, expecting SEC_E_OK. */
BOOL query(struct side *side, ULONG attribute, void *buffer);

typedef SECURITY_STATUS WINAPI query_ex_function(CtxtHandle *, ULONG, void *, ULONG);
/* QueryContextAttributesExW (or A): secur32 has it only under Wine, sspicli on Windows too. NULL:
 * it is not there. */
query_ex_function *find_query_ex(BOOL ansi);

/* X.500 text of a name; the caller frees it. */
WCHAR *name_text(CERT_NAME_BLOB *name);
/* Whether two certificate contexts have the same bytes. */
BOOL same_certificate(const CERT_CONTEXT *one, const CERT_CONTEXT *other);
BOOL store_has(HCERTSTORE store, const CERT_CONTEXT *certificate);

#endif
