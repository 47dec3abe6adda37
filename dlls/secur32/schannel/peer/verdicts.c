/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Chains that were found good a short time ago.
 *
 * Kept is what crypt32 built of the very bytes that the peer sent, for the same usage, flags and
 * roots, and only if it was accepted. It counts for five minutes, while every certificate of it is
 * valid, and as long as nothing of what the system trusts changes (credentials/systemstore.c).
 *
 * A lock of the process is held for a look at a few entries, not while anything is worked out.
 */
#include "schannel/peer/verdicts.h"
#include "core/memory.h"

#include <string.h>

#define MAX_VERDICTS 32
#define LIFETIME     (5 * 60 * 1000) /* milliseconds */

struct kept {
    struct verdict_subject subject; /* .sent is not used */
    BYTE *data;                     /* what was sent; NULL: the place is free */
    uint32_t size;
    const CERT_CHAIN_CONTEXT *chain;
    stores_moment moment;
    ULONGLONG made, used; /* GetTickCount64 */
    FILETIME not_before, not_after;
};

static SRWLOCK lock = SRWLOCK_INIT;
static struct kept kept[MAX_VERDICTS];

static void forget(struct kept *entry)
{
    if (!entry->data)
        return;
    CertFreeCertificateChain(entry->chain);
    heap_free(entry->data);
    memset(entry, 0, sizeof(*entry));
}

static bool is_about(const struct kept *entry, const struct verdict_subject *subject)
{
    return entry->data && entry->size == subject->sent->size &&
           entry->subject.role == subject->role && entry->subject.flags == subject->flags &&
           entry->subject.chain_flags == subject->chain_flags &&
           entry->subject.omit_usage == subject->omit_usage &&
           entry->subject.roots == subject->roots &&
           memcmp(entry->data, subject->sent->data, entry->size) == 0;
}

static bool counts(const struct kept *entry, stores_moment moment, ULONGLONG tick)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    return entry->moment == moment && tick - entry->made < LIFETIME &&
           CompareFileTime(&now, &entry->not_before) >= 0 &&
           CompareFileTime(&now, &entry->not_after) <= 0;
}

const CERT_CHAIN_CONTEXT *verdict_find(const struct verdict_subject *subject, stores_moment moment)
{
    const CERT_CHAIN_CONTEXT *chain = NULL;
    const ULONGLONG tick = GetTickCount64();

    AcquireSRWLockExclusive(&lock);
    for (unsigned int i = 0; i < MAX_VERDICTS && !chain; i++) {
        if (!is_about(&kept[i], subject))
            continue;
        if (counts(&kept[i], moment, tick)) {
            kept[i].used = tick;
            chain = CertDuplicateCertificateChain(kept[i].chain);
        } else {
            forget(&kept[i]);
        }
    }
    ReleaseSRWLockExclusive(&lock);
    return chain;
}

/* The time in which all certificates of the chain are valid. */
static void validity(const CERT_CHAIN_CONTEXT *chain, FILETIME *not_before, FILETIME *not_after)
{
    *not_before = (FILETIME){0, 0};
    *not_after = (FILETIME){~0u, ~0u};
    for (DWORD i = 0; i < chain->cChain; i++) {
        for (DWORD j = 0; j < chain->rgpChain[i]->cElement; j++) {
            const CERT_INFO *info = chain->rgpChain[i]->rgpElement[j]->pCertContext->pCertInfo;

            if (CompareFileTime(&info->NotBefore, not_before) > 0)
                *not_before = info->NotBefore;
            if (CompareFileTime(&info->NotAfter, not_after) < 0)
                *not_after = info->NotAfter;
        }
    }
}

void verdict_keep(const struct verdict_subject *subject, stores_moment moment,
                  const CERT_CHAIN_CONTEXT *chain)
{
    struct kept entry = {.subject = *subject, .size = subject->sent->size, .moment = moment};
    struct kept former, *place = &kept[0];

    if (!moment)
        return;
    entry.data = heap_zalloc(entry.size);
    if (!entry.data)
        return;
    memcpy(entry.data, subject->sent->data, entry.size);
    entry.subject.sent = NULL;
    entry.chain = CertDuplicateCertificateChain(chain);
    entry.made = entry.used = GetTickCount64();
    validity(chain, &entry.not_before, &entry.not_after);
    AcquireSRWLockExclusive(&lock);
    /* A free place, or that of the one that was not used for longest. */
    for (unsigned int i = 1; i < MAX_VERDICTS; i++) {
        if (kept[i].used < place->used)
            place = &kept[i];
    }
    former = *place;
    *place = entry;
    ReleaseSRWLockExclusive(&lock);
    forget(&former);
}

void verdicts_release(void)
{
    for (unsigned int i = 0; i < MAX_VERDICTS; i++)
        forget(&kept[i]);
}
