/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The chain, a line for each certificate, and the one that is the reason in a line for the user: a
 * program seldom tells more than that it cannot connect.
 */
#include "schannel/peer/explain.h"
#include "core/trace.h"
#include "winegnutls/unixlib.h"

#include <stdio.h>

WINE_DEFAULT_DEBUG_CHANNEL(schannel);

/* Causes that a process tells of. */
#define MOST_TOLD 16

/* Room for a name in a line; longer ones are cut. */
#define NAME_SIZE 160

static SRWLOCK lock = SRWLOCK_INIT;

static const WCHAR *name_of(const CERT_NAME_BLOB *blob, WCHAR *name)
{
    name[0] = 0;
    CertNameToStrW(X509_ASN_ENCODING, (CERT_NAME_BLOB *)blob,
                   CERT_X500_NAME_STR | CERT_NAME_STR_REVERSE_FLAG, name, NAME_SIZE);
    return name;
}

static const char *day(const FILETIME *time, char text[16])
{
    SYSTEMTIME system;

    if (!FileTimeToSystemTime(time, &system))
        return "?";
    snprintf(text, 16, "%04u-%02u-%02u", system.wYear, system.wMonth, system.wDay);
    return text;
}

/* Whether this host was not refused for this before, as far as is known. */
static bool is_news(const SEC_WCHAR *target, SECURITY_STATUS status)
{
    static DWORD told[MOST_TOLD];
    static unsigned int count;
    DWORD hash = (DWORD)status;
    bool news = true;

    for (; target && *target; target++)
        hash = hash * 31 + *target;
    AcquireSRWLockExclusive(&lock);
    for (unsigned int i = 0; i < count && news; i++)
        news = told[i] != hash;
    news = news && count < MOST_TOLD;
    if (news)
        told[count++] = hash;
    ReleaseSRWLockExclusive(&lock);
    return news;
}

static void describe(const struct schannel_context *context, DWORD number,
                     const CERT_CONTEXT *certificate, const struct refusal *refusal)
{
    const CERT_INFO *info = certificate->pCertInfo;
    WCHAR subject[NAME_SIZE], issuer[NAME_SIZE];
    char from[16], to[16];

    name_of(&info->Subject, subject);
    name_of(&info->Issuer, issuer);
    day(&info->NotBefore, from);
    day(&info->NotAfter, to);
    if (!refusal)
        WARN("certificate %lu: %s, issued by %s, valid from %s to %s\n", number,
             debugstr_w(subject), debugstr_w(issuer), from, to);
    else if (context->role == TLS_CLIENT && is_news(context->target, refusal->status))
        ERR("%s is refused, %s: %s: certificate %lu, %s, issued by %s, valid from %s to %s\n",
            debugstr_w(context->target), debugstr_status(refusal->status), refusal->reason, number,
            debugstr_w(subject), debugstr_w(issuer), from, to);
    else
        WARN("%s is refused, %s: %s: certificate %lu\n", debugstr_w(context->target),
             debugstr_status(refusal->status), refusal->reason, number);
}

void explain_refusal(const struct schannel_context *context, const CERT_CHAIN_CONTEXT *chain,
                     const struct refusal *refusal)
{
    const CERT_SIMPLE_CHAIN *simple = chain->rgpChain[0];
    DWORD guilty = 0;

    for (DWORD i = 0; WARN_ON(schannel) && i < simple->cElement; i++)
        describe(context, i, simple->rgpElement[i]->pCertContext, NULL);
    while (guilty < simple->cElement &&
           !(simple->rgpElement[guilty]->TrustStatus.dwErrorStatus & refusal->trust))
        guilty++;
    if (guilty == simple->cElement)
        guilty = 0;
    describe(context, guilty, simple->rgpElement[guilty]->pCertContext, refusal);
}
