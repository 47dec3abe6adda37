/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Whether the peer's certificate is good, decided inside the handshake and before our last flight
 * leaves.
 *
 * crypt32 builds the chain from what the peer sent and from the system's stores and says what is
 * wrong with it; its SSL policy gets the second word, so that anything it knows beyond the chain's
 * status counts too. Names are compared in peer/names.c, and peer/revocation.c asks whether
 * anything was revoked. The first failure in this order, and among the chain's in that of
 * `failures`, decides; it gives the status and the alert for the peer.
 *
 * A credential's hRootStore replaces the system's roots: the chain is built with an engine of its
 * own, which is kept with the credential.
 *
 * What was good a short time ago is not worked out again (peer/verdicts.c); names and revocation
 * are looked at every time.
 *
 * A signature that crypt32 does not accept, which may only mean that it does not know the
 * algorithm, gets a second opinion (peer/signatures.c); what nobody can verify is
 * SEC_E_CERT_UNKNOWN. So do the names that authorities may give (peer/constraints.c), because
 * crypt32 loses violations. It does not look into the store of what nobody is to trust, either.
 */
#define CERT_CHAIN_PARA_HAS_EXTRA_FIELDS
#include "schannel/peer/validate.h"
#include "core/memory.h"
#include "core/trace.h"
#include "schannel/base/context.h"
#include "schannel/credentials/credentials.h"
#include "schannel/credentials/roots.h"
#include "schannel/credentials/systemstore.h"
#include "schannel/peer/constraints.h"
#include "schannel/peer/explain.h"
#include "schannel/peer/hostroots.h"
#include "schannel/peer/names.h"
#include "schannel/peer/peer.h"
#include "schannel/peer/revocation.h"
#include "schannel/peer/signatures.h"
#include "schannel/peer/strength.h"
#include "schannel/peer/trust.h"
#include "schannel/peer/verdicts.h"
#include "winegnutls/unixlib.h"

WINE_DEFAULT_DEBUG_CHANNEL(schannel);

#ifndef CERT_TRUST_HAS_WEAK_SIGNATURE
#define CERT_TRUST_HAS_WEAK_SIGNATURE 0x00100000
#endif

/* wininet.h's, which does not go together with what else is included here. */
#ifndef SECURITY_FLAG_IGNORE_CERT_CN_INVALID
#define SECURITY_FLAG_IGNORE_CERT_CN_INVALID 0x00001000
#define SECURITY_FLAG_IGNORE_REVOCATION      0x00000080
#endif

enum {
    ALERT_BAD_CERTIFICATE = 42,
    ALERT_UNSUPPORTED_CERTIFICATE = 43,
    ALERT_CERTIFICATE_REVOKED = 44,
    ALERT_CERTIFICATE_EXPIRED = 45,
    ALERT_CERTIFICATE_UNKNOWN = 46,
    ALERT_UNKNOWN_CA = 48,
    ALERT_INTERNAL_ERROR = 80,
};

struct verdict {
    SECURITY_STATUS status;
    uint32_t alert;
    const char *reason;
};

static const struct verdict accepted = {SEC_E_OK, 0, NULL};

/* Of one certificate, which has what is wrong, or of the first one's chain. */
#define REVOKED                                                                                    \
    {                                                                                              \
        CRYPT_E_REVOKED, ALERT_CERTIFICATE_REVOKED, "it has been revoked"                          \
    }
#define UNTRUSTED                                                                                  \
    {                                                                                              \
        SEC_E_UNTRUSTED_ROOT, ALERT_UNKNOWN_CA, "nobody here trusts the root of its chain"         \
    }
#define NO_ISSUER                                                                                  \
    {                                                                                              \
        SEC_E_UNTRUSTED_ROOT, ALERT_UNKNOWN_CA,                                                    \
            "its issuer is not known here and was not sent along"                                  \
    }
#define OUTDATED                                                                                   \
    {                                                                                              \
        SEC_E_CERT_EXPIRED, ALERT_CERTIFICATE_EXPIRED, "it is not valid now"                       \
    }
#define MISUSED                                                                                    \
    {                                                                                              \
        SEC_E_CERT_WRONG_USAGE, ALERT_UNSUPPORTED_CERTIFICATE, "it is for another purpose"         \
    }
#define WRONG_NAME                                                                                 \
    {                                                                                              \
        SEC_E_WRONG_PRINCIPAL, ALERT_CERTIFICATE_UNKNOWN, "it is for another name"                 \
    }

/* What is wrong with a chain, the worst first. */
static const struct {
    DWORD trust; /* CERT_TRUST_ */
    struct verdict verdict;
} failures[] = {
    {CERT_TRUST_IS_REVOKED, REVOKED},
    {CERT_TRUST_IS_EXPLICIT_DISTRUST,
     {SEC_E_CERT_UNKNOWN, ALERT_CERTIFICATE_UNKNOWN,
      "the store of what nobody is to trust has a certificate of its chain"}},
    {CERT_TRUST_IS_NOT_SIGNATURE_VALID | CERT_TRUST_HAS_WEAK_SIGNATURE,
     {SEC_E_CERT_UNKNOWN, ALERT_BAD_CERTIFICATE,
      "a signature in its chain is wrong, too weak, or of a kind that nobody here can verify"}},
    {CERT_TRUST_IS_UNTRUSTED_ROOT, UNTRUSTED},
    {CERT_TRUST_IS_PARTIAL_CHAIN | CERT_TRUST_IS_CYCLIC, NO_ISSUER},
    {CERT_TRUST_IS_NOT_TIME_VALID, OUTDATED},
    {CERT_TRUST_IS_NOT_VALID_FOR_USAGE, MISUSED},
    {CERT_TRUST_INVALID_EXTENSION | CERT_TRUST_INVALID_POLICY_CONSTRAINTS |
         CERT_TRUST_INVALID_BASIC_CONSTRAINTS | CERT_TRUST_INVALID_NAME_CONSTRAINTS |
         CERT_TRUST_HAS_NOT_SUPPORTED_NAME_CONSTRAINT | CERT_TRUST_HAS_NOT_DEFINED_NAME_CONSTRAINT |
         CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT | CERT_TRUST_HAS_EXCLUDED_NAME_CONSTRAINT |
         CERT_TRUST_HAS_NOT_SUPPORTED_CRITICAL_EXT,
     {SEC_E_CERT_UNKNOWN, ALERT_BAD_CERTIFICATE,
      "its chain breaks a rule that an authority of it has set, or has one that nobody here "
      "knows"}},
};

/* The SSL policy's errors; whatever else it finds is SEC_E_CERT_UNKNOWN. */
static const struct {
    DWORD error;
    struct verdict verdict;
} policy_failures[] = {
    {(DWORD)CERT_E_UNTRUSTEDROOT, UNTRUSTED}, {(DWORD)CERT_E_UNTRUSTEDCA, UNTRUSTED},
    {(DWORD)CERT_E_CHAINING, NO_ISSUER},      {(DWORD)CERT_E_EXPIRED, OUTDATED},
    {(DWORD)CERT_E_CN_NO_MATCH, WRONG_NAME},  {(DWORD)CERT_E_WRONG_USAGE, MISUSED},
    {(DWORD)CERT_E_REVOKED, REVOKED},         {(DWORD)CRYPT_E_REVOKED, REVOKED},
};

/* Runs once per credential that has an hRootStore. */
static BOOL WINAPI create_chain_engine(INIT_ONCE *once, void *parameter, void **context)
{
    struct schannel_credentials *credentials = parameter;

    (void)once;
    (void)context;
    credentials->chain_engine = chain_engine_create(credentials->root_store);
    return credentials->chain_engine != NULL;
}

/* What SetCredentialsAttributes said of clients' certificates; CERT_CHAIN_ flags. */
static DWORD apply_client_policy(const struct schannel_context *context, CERT_CHAIN_PARA *para)
{
    const struct client_policy *policy = client_policy_of(context->credentials);

    if (!policy)
        return 0;
    para->dwUrlRetrievalTimeout = policy->url_timeout;
    if (policy->omit_usage)
        para->RequestedUsage.Usage.cUsageIdentifier = 0;
    return policy->chain_flags;
}

static const CERT_CHAIN_CONTEXT *build_chain_with(const struct schannel_context *context,
                                                  const CERT_CONTEXT *leaf, HCERTCHAINENGINE engine)
{
    static const char *server_usage[] = {szOID_PKIX_KP_SERVER_AUTH, szOID_SERVER_GATED_CRYPTO,
                                         szOID_SGC_NETSCAPE};
    static const char *client_usage[] = {szOID_PKIX_KP_CLIENT_AUTH};
    CERT_CHAIN_PARA para = {.cbSize = sizeof(para)};
    CERT_ENHKEY_USAGE *usage = &para.RequestedUsage.Usage;
    const CERT_CHAIN_CONTEXT *chain = NULL;
    DWORD flags = 0;

    para.RequestedUsage.dwType = USAGE_MATCH_TYPE_OR;
    usage->rgpszUsageIdentifier =
        (char **)(context->role == TLS_CLIENT ? server_usage : client_usage);
    usage->cUsageIdentifier =
        context->role == TLS_CLIENT ? ARRAYSIZE(server_usage) : ARRAYSIZE(client_usage);
    if (context->credentials->flags & SCH_CRED_CACHE_ONLY_URL_RETRIEVAL)
        flags |= CERT_CHAIN_CACHE_ONLY_URL_RETRIEVAL;
    flags |= apply_client_policy(context, &para);
    return CertGetCertificateChain(engine, leaf, NULL, leaf->hCertStore, &para, flags, NULL, &chain)
               ? chain
               : NULL;
}

/* With a credential's own roots, or with what the system trusts. */
static const CERT_CHAIN_CONTEXT *build_chain(const struct schannel_context *context,
                                             const CERT_CONTEXT *leaf, stores_moment moment)
{
    struct schannel_credentials *credentials = context->credentials;
    const CERT_CHAIN_CONTEXT *chain;
    struct trust_engine *engine;

    if (credentials->root_store)
        return InitOnceExecuteOnce(&credentials->chain_engine_once, create_chain_engine,
                                   credentials, NULL)
                   ? build_chain_with(context, leaf, credentials->chain_engine)
                   : NULL;
    engine = trust_engine_get(TRUST_SYSTEM, moment);
    if (!engine)
        return NULL;
    chain = build_chain_with(context, leaf, engine->handle);
    trust_engine_release(engine);
    return chain;
}

static struct verdict judge_revocation(const struct schannel_context *context,
                                       const CERT_CHAIN_CONTEXT *chain)
{
    static const struct verdict revoked = REVOKED;
    const SECURITY_STATUS status = revocation_check(context, chain);

    if (status == SEC_E_OK)
        return accepted;
    if (status == CRYPT_E_REVOKED)
        return revoked;
    return (struct verdict){status, ALERT_CERTIFICATE_UNKNOWN,
                            "whether it has been revoked could not be found out"};
}

/* trust: the chain's errors, less those that a second opinion withdrew. */
static struct verdict judge_trust(DWORD trust)
{
    for (unsigned int i = 0; i < ARRAYSIZE(failures); i++) {
        if (trust & failures[i].trust)
            return failures[i].verdict;
    }
    return accepted;
}

/* Whether the system's store of what nobody is to trust has one of the chain's certificates. */
static bool is_disallowed(const CERT_CHAIN_CONTEXT *chain)
{
    const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[0];
    HCERTSTORE store = system_store_get(SYSTEM_STORE_DISALLOWED);
    bool found = false;

    for (DWORD i = 0; store && i < simple->cElement && !found; i++) {
        const CERT_CONTEXT *known =
            CertFindCertificateInStore(store, X509_ASN_ENCODING, 0, CERT_FIND_EXISTING,
                                       simple->rgpElement[i]->pCertContext, NULL);

        found = known != NULL;
        if (known)
            CertFreeCertificateContext(known);
    }
    if (store)
        CertCloseStore(store, 0);
    return found;
}

/* The bits of a chain's errors that a status stands for. */
static DWORD trust_of(SECURITY_STATUS status)
{
    DWORD trust = 0;

    for (unsigned int i = 0; i < ARRAYSIZE(failures); i++) {
        if (failures[i].verdict.status == status)
            trust |= failures[i].trust;
    }
    return trust;
}

static void explain(const struct schannel_context *context, const CERT_CHAIN_CONTEXT *chain,
                    const struct verdict *verdict)
{
    explain_refusal(context, chain,
                    &(struct refusal){.status = verdict->status,
                                      .reason = verdict->reason,
                                      .trust = trust_of(verdict->status)});
}

/* The chain's errors, less those that a second opinion withdraws, with those that one adds. */
static DWORD chain_errors(const CERT_CHAIN_CONTEXT *chain, DWORD flags, bool *signatures_good)
{
    DWORD trust = chain->TrustStatus.dwErrorStatus;

    if (!chain_is_strong(chain, flags & SCH_USE_STRONG_CRYPTO))
        trust |= CERT_TRUST_HAS_WEAK_SIGNATURE;
    if (!names_are_permitted(chain))
        trust |= CERT_TRUST_HAS_NOT_PERMITTED_NAME_CONSTRAINT;
    if (is_disallowed(chain))
        trust |= CERT_TRUST_IS_EXPLICIT_DISTRUST;
    *signatures_good = trust & CERT_TRUST_IS_NOT_SIGNATURE_VALID && signatures_are_good(chain);
    return *signatures_good ? trust & ~(DWORD)CERT_TRUST_IS_NOT_SIGNATURE_VALID : trust;
}

/* What the SSL policy has against the chain; 0: nothing. */
static DWORD policy_error(const struct schannel_context *context, const CERT_CHAIN_CONTEXT *chain,
                          bool signatures_good)
{
    SSL_EXTRA_CERT_CHAIN_POLICY_PARA ssl = {.cbSize = sizeof(ssl)};
    CERT_CHAIN_POLICY_PARA para = {.cbSize = sizeof(para)};
    CERT_CHAIN_POLICY_STATUS status = {.cbSize = sizeof(status)};

    ssl.dwAuthType = context->role == TLS_CLIENT ? AUTHTYPE_SERVER : AUTHTYPE_CLIENT;
    /* The name is compared in peer/names.c, revocation checked in peer/revocation.c. */
    ssl.fdwChecks = SECURITY_FLAG_IGNORE_CERT_CN_INVALID | SECURITY_FLAG_IGNORE_REVOCATION;
    para.pvExtraPolicyPara = &ssl;
    /* One by one: the name for all of them has no operators in Wine's own header. */
    para.dwFlags = CERT_CHAIN_POLICY_IGNORE_END_REV_UNKNOWN_FLAG |
                   CERT_CHAIN_POLICY_IGNORE_CTL_SIGNER_REV_UNKNOWN_FLAG |
                   CERT_CHAIN_POLICY_IGNORE_CA_REV_UNKNOWN_FLAG |
                   CERT_CHAIN_POLICY_IGNORE_ROOT_REV_UNKNOWN_FLAG;
    if (!CertVerifyCertificateChainPolicy(CERT_CHAIN_POLICY_SSL, chain, &para, &status))
        return (DWORD)CERT_E_CRITICAL;
    return signatures_good && status.dwError == (DWORD)TRUST_E_CERT_SIGNATURE ? 0 : status.dwError;
}

static struct verdict judge_policy(const struct schannel_context *context,
                                   const CERT_CHAIN_CONTEXT *chain, bool signatures_good)
{
    struct verdict verdict = {SEC_E_CERT_UNKNOWN, ALERT_CERTIFICATE_UNKNOWN,
                              "the policy for TLS has something against its chain"};
    DWORD error = policy_error(context, chain, signatures_good);

    if (!error)
        return accepted;
    for (unsigned int i = 0; i < ARRAYSIZE(policy_failures); i++) {
        if (policy_failures[i].error == error)
            verdict = policy_failures[i].verdict;
    }
    return verdict;
}

static bool name_is_good(const struct schannel_context *context, const CERT_CONTEXT *leaf)
{
    return context->role == TLS_SERVER ||
           context->credentials->flags & SCH_CRED_NO_SERVERNAME_CHECK ||
           certificate_is_for(leaf, context->target);
}

static DWORD revocation_trust(SECURITY_STATUS status)
{
    switch (status) {
    case SEC_E_OK:
        return 0;
    case CRYPT_E_REVOKED:
        return CERT_TRUST_IS_REVOKED;
    case CRYPT_E_REVOCATION_OFFLINE:
        return CERT_TRUST_REVOCATION_STATUS_UNKNOWN | CERT_TRUST_IS_OFFLINE_REVOCATION;
    default:
        return CERT_TRUST_REVOCATION_STATUS_UNKNOWN;
    }
}

SECURITY_STATUS schannel_check_certificate(struct schannel_context *context,
                                           const CERT_CONTEXT *leaf, DWORD *trust, HRESULT *policy)
{
    const CERT_CHAIN_CONTEXT *chain = build_chain(context, leaf, system_stores_look());
    bool signatures_good;

    if (!chain)
        return SEC_E_CERT_UNKNOWN;
    *trust = chain_errors(chain, context->credentials->flags, &signatures_good);
    *policy = (HRESULT)policy_error(context, chain, signatures_good);
    if (!*policy && !name_is_good(context, leaf))
        *policy = CERT_E_CN_NO_MATCH;
    if (!*policy && !*trust) {
        *policy = revocation_check(context, chain);
        *trust |= revocation_trust(*policy);
    }
    CertFreeCertificateChain(chain);
    return SEC_E_OK;
}

static struct verdict judge_chain(const struct schannel_context *context,
                                  const CERT_CHAIN_CONTEXT *chain)
{
    bool signatures_good;
    struct verdict verdict =
        judge_trust(chain_errors(chain, context->credentials->flags, &signatures_good));

    return verdict.status ? verdict : judge_policy(context, chain, signatures_good);
}

/*
 * The chain when nothing but the host's roots counts, provided that it is good; else NULL, which
 * says nothing: a user may have installed another root. Whatever crypt32 and its policy know is
 * asked as always. But a process need not wait for crypt32 to read all roots there are.
 */
static const CERT_CHAIN_CONTEXT *good_chain_of_host(const struct schannel_context *context,
                                                    const struct peer_chain *sent,
                                                    const CERT_CONTEXT *leaf, stores_moment moment)
{
    const CERT_CHAIN_CONTEXT *chain = NULL;
    struct trust_engine *engine;

    /* Where nobody tells of changes there is no moment either. */
    if (context->credentials->root_store || !moment)
        return NULL;
    engine = trust_engine_get(TRUST_HOST, moment);
    if (!engine)
        return NULL;
    if (host_roots_add(engine->roots, sent, moment))
        chain = build_chain_with(context, leaf, engine->handle);
    trust_engine_release(engine);
    if (chain && judge_chain(context, chain).status) {
        CertFreeCertificateChain(chain);
        chain = NULL;
    }
    if (chain)
        TRACE("context %p: the host trusts the root of the peer's chain\n", context);
    return chain;
}

/* Everything that the verdict on a chain depends on. */
static struct verdict_subject subject_of(const struct schannel_context *context,
                                         const struct peer_chain *sent)
{
    const struct schannel_credentials *credentials = context->credentials;
    const struct client_policy *policy = client_policy_of(credentials);

    return (struct verdict_subject){
        .sent = sent,
        .role = context->role,
        .flags = credentials->flags & (SCH_USE_STRONG_CRYPTO | SCH_CRED_CACHE_ONLY_URL_RETRIEVAL),
        .chain_flags = policy ? policy->chain_flags : 0,
        .omit_usage = policy && policy->omit_usage,
        .roots = credentials->roots};
}

/* A chain of the peer's that is good, as found before or as found now; else NULL and why. */
static const CERT_CHAIN_CONTEXT *good_chain(const struct schannel_context *context,
                                            const struct peer_chain *sent, struct verdict *verdict)
{
    const struct verdict_subject subject = subject_of(context, sent);
    HCERTSTORE roots = context->credentials->root_store;
    /* Roots without a number are not told from the system's: nothing is known of them. */
    const stores_moment moment = roots && !subject.roots ? 0 : system_stores_look();
    const CERT_CHAIN_CONTEXT *chain = verdict_find(&subject, moment);
    const CERT_CONTEXT *leaf;

    *verdict = accepted;
    if (chain)
        return chain;
    leaf = peer_chain_open(sent);
    *verdict = (struct verdict){SEC_E_CERT_UNKNOWN,
                                leaf ? ALERT_CERTIFICATE_UNKNOWN : ALERT_BAD_CERTIFICATE, NULL};
    if (!leaf)
        return NULL;
    chain = good_chain_of_host(context, sent, leaf, moment);
    if (chain) {
        *verdict = accepted;
    } else if ((chain = build_chain(context, leaf, moment))) {
        *verdict = judge_chain(context, chain);
    }
    CertFreeCertificateContext(leaf);
    if (!chain)
        return NULL;
    if (verdict->status) {
        explain(context, chain, verdict);
        CertFreeCertificateChain(chain);
        return NULL;
    }
    /* The program may have changed its store since it gave it to us. */
    if (!roots || roots_number(roots) == subject.roots)
        verdict_keep(&subject, moment, chain);
    return chain;
}

static struct verdict judge(const struct schannel_context *context, const struct peer_chain *sent)
{
    static const struct verdict wrong_name = WRONG_NAME;
    struct verdict verdict;
    const CERT_CHAIN_CONTEXT *chain = good_chain(context, sent, &verdict);

    if (!chain)
        return verdict;
    /* Last, because it goes to addresses that only a trusted certificate may name. */
    if (name_is_good(context, chain->rgpChain[0]->rgpElement[0]->pCertContext))
        verdict = judge_revocation(context, chain);
    else
        verdict = wrong_name;
    if (verdict.status)
        explain(context, chain, &verdict);
    CertFreeCertificateChain(chain);
    return verdict;
}

SECURITY_STATUS schannel_validate_peer(struct schannel_context *context, uint32_t *alert)
{
    struct verdict verdict = {SEC_E_CERT_UNKNOWN, ALERT_BAD_CERTIFICATE, NULL};
    struct peer_chain chain;
    SECURITY_STATUS status = peer_chain_get(context, &chain);

    *alert = 0;
    if (status == SEC_E_NO_CREDENTIALS) {
        /* A client may come without a certificate; whether that will do is the program's to say. */
        if (context->role == TLS_SERVER)
            return SEC_E_OK;
        *alert = verdict.alert;
        return verdict.status;
    }
    if (status) {
        *alert = ALERT_INTERNAL_ERROR;
        return status;
    }
    verdict = judge(context, &chain);
    heap_free(chain.data);
    *alert = verdict.alert;
    return verdict.status;
}
