/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the clients of HTTPS have in common: their command line and what they print, one line per
 * request, for the test that started them.
 */
#ifndef GET_H
#define GET_H

#include <windows.h>
#include <bcrypt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    WCHAR *host, *path;
    USHORT port;
    int count;      /* requests, one after the other over one connection handle */
    DWORD versions; /* the interface's own flags; 0: its default */
    bool insecure;  /* ignore what is wrong with the certificate */
    bool unhashed;  /* the SHA-256 is that of nothing, for those who measure */
    const char *body;
    DWORD upload;     /* bytes of a larger body, which are piece_of_upload's */
    const WCHAR *pfx; /* the client's certificate, without a password */
};

/* HOST PORT PATH COUNT VERSIONS [insecure] [body TEXT | upload SIZE] [certificate FILE.pfx]
 * [unhashed] */
static inline struct arguments parse_arguments(int count, WCHAR **words)
{
    static char body[1024];
    struct arguments arguments = {0};

    if (count < 6)
        exit(2);
    arguments.host = words[1];
    arguments.port = (USHORT)wcstoul(words[2], NULL, 10);
    arguments.path = words[3];
    arguments.count = (int)wcstoul(words[4], NULL, 10);
    arguments.versions = wcstoul(words[5], NULL, 0);
    for (int i = 6; i < count; i++) {
        if (!wcscmp(words[i], L"insecure"))
            arguments.insecure = true;
        else if (!wcscmp(words[i], L"unhashed"))
            arguments.unhashed = true;
        else if (!wcscmp(words[i], L"body") && ++i < count &&
                 WideCharToMultiByte(CP_UTF8, 0, words[i], -1, body, sizeof(body), NULL, NULL))
            arguments.body = body;
        else if (!wcscmp(words[i], L"upload") && ++i < count)
            arguments.upload = wcstoul(words[i], NULL, 10);
        else if (!wcscmp(words[i], L"certificate") && ++i < count)
            arguments.pfx = words[i];
    }
    return arguments;
}

#define UPLOAD_PIECE 50000

/* The next bytes of an upload of which `left` are missing: 0 to 250, again and again. */
static inline DWORD piece_of_upload(BYTE *piece, DWORD size, DWORD left)
{
    const DWORD next = min(left, UPLOAD_PIECE);

    for (DWORD i = 0; i < next; i++)
        piece[i] = (BYTE)((size - left + i) % 251);
    return next;
}

struct body_hash {
    BCRYPT_ALG_HANDLE algorithm;
    BCRYPT_HASH_HANDLE hash;
    unsigned long long size;
    bool unhashed;
};

static inline void hash_begin(struct body_hash *hash, const struct arguments *arguments)
{
    memset(hash, 0, sizeof(*hash));
    hash->unhashed = arguments->unhashed;
    if (BCryptOpenAlgorithmProvider(&hash->algorithm, BCRYPT_SHA256_ALGORITHM, NULL, 0) ||
        BCryptCreateHash(hash->algorithm, &hash->hash, NULL, 0, NULL, 0, 0))
        exit(3);
}

static inline void hash_add(struct body_hash *hash, void *data, DWORD size)
{
    if (!hash->unhashed)
        BCryptHashData(hash->hash, data, size, 0);
    hash->size += size;
}

static inline void hash_print(struct body_hash *hash, DWORD status)
{
    UCHAR digest[32];

    BCryptFinishHash(hash->hash, digest, sizeof(digest), 0);
    BCryptDestroyHash(hash->hash);
    BCryptCloseAlgorithmProvider(hash->algorithm, 0);
    printf("status %lu, %llu bytes, ", status, hash->size);
    for (unsigned int i = 0; i < sizeof(digest); i++)
        printf("%02x", digest[i]);
    printf("\n");
}

#endif
