/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Authentication identities: the SEC_WINNT_AUTH_IDENTITY structures taken apart.
 *
 * There are three forms. The plain one starts with a pointer, the other two with a version number
 * that no pointer has. EX adds a package list to the plain form; EX2 is one block with offsets in
 * bytes, whose password is packed as credentials of a type. The strings are wide or ANSI by the
 * flags, in all three.
 */
#include "core/identity.h"
#include "core/memory.h"

#include <string.h>

/* The credential type "password" of a packed credential. */
static const GUID password_type = {
    0x28bfc32f, 0x10f6, 0x4738, {0x98, 0xd1, 0x1a, 0xc0, 0x61, 0xdf, 0x71, 0x6a}};

/* SEC_WINNT_AUTH_PACKED_CREDENTIALS; <sspi.h> shows it only together with definitions of GUIDs. */
struct packed_credentials {
    unsigned short header_size;
    unsigned short size;
    GUID type;
    ULONG data_offset;
    unsigned short data_size;
};

#define ENCRYPTED                                                                                  \
    (SEC_WINNT_AUTH_IDENTITY_FLAGS_PROCESS_ENCRYPTED |                                             \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_PROTECTED |                                              \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_USER_PROTECTED |                                                \
     SEC_WINNT_AUTH_IDENTITY_FLAGS_SYSTEM_ENCRYPTED)

/* What SEC_WINNT_AUTH_IDENTITY structure it is. */
enum identity_form { IDENTITY_PLAIN, IDENTITY_EX, IDENTITY_EX2 };

/* The three strings where they lie, lengths in characters of their kind. */
struct source {
    const void *text[3];
    ULONG length[3];
};

static enum identity_form form_of(const void *auth_identity)
{
    const SEC_WINNT_AUTH_IDENTITY_INFO *info = auth_identity;

    if (info->AuthIdExw.Version == SEC_WINNT_AUTH_IDENTITY_VERSION &&
        info->AuthIdExw.Length >= sizeof(info->AuthIdExw))
        return IDENTITY_EX;
    if (info->AuthIdEx2.Version == SEC_WINNT_AUTH_IDENTITY_VERSION_2 &&
        info->AuthIdEx2.cbHeaderLength >= sizeof(info->AuthIdEx2))
        return IDENTITY_EX2;
    return IDENTITY_PLAIN;
}

static ULONG flags_of(const void *auth_identity)
{
    const SEC_WINNT_AUTH_IDENTITY_INFO *info = auth_identity;

    switch (form_of(auth_identity)) {
    case IDENTITY_EX:
        return info->AuthIdExw.Flags;
    case IDENTITY_EX2:
        return info->AuthIdEx2.Flags;
    default:
        return info->AuthId_w.Flags;
    }
}

bool identity_is_encrypted(const void *auth_identity)
{
    return flags_of(auth_identity) & ENCRYPTED;
}

/* A part of a block of `size` bytes; false when it is not inside. */
static bool part(const void *block, ULONG size, ULONG offset, ULONG length, const void **start)
{
    if (offset > size || length > size - offset)
        return false;
    *start = offset ? (const char *)block + offset : NULL;
    return true;
}

static SECURITY_STATUS find_packed_password(const SEC_WINNT_AUTH_IDENTITY_EX2 *identity,
                                            const void **password, ULONG *size)
{
    struct packed_credentials packed;
    const void *start;

    if (!identity->PackedCredentialsOffset || !identity->PackedCredentialsLength)
        return SEC_E_OK;
    if (!part(identity, identity->cbStructureLength, identity->PackedCredentialsOffset,
              identity->PackedCredentialsLength, &start) ||
        identity->PackedCredentialsLength < sizeof(packed))
        return SEC_E_INVALID_TOKEN;
    memcpy(&packed, start, sizeof(packed)); /* offsets need not be aligned */
    if (memcmp(&packed.type, &password_type, sizeof(password_type)))
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (!part(start, identity->PackedCredentialsLength, packed.data_offset, packed.data_size,
              password))
        return SEC_E_INVALID_TOKEN;
    *size = packed.data_size;
    return SEC_E_OK;
}

static SECURITY_STATUS find_in_block(const SEC_WINNT_AUTH_IDENTITY_EX2 *identity,
                                     struct source *source, ULONG character)
{
    ULONG password_size = 0;
    SECURITY_STATUS status;

    if (!part(identity, identity->cbStructureLength, identity->UserOffset, identity->UserLength,
              &source->text[0]) ||
        !part(identity, identity->cbStructureLength, identity->DomainOffset, identity->DomainLength,
              &source->text[1]))
        return SEC_E_INVALID_TOKEN;
    status = find_packed_password(identity, &source->text[2], &password_size);
    source->length[0] = identity->UserLength / character;
    source->length[1] = identity->DomainLength / character;
    source->length[2] = password_size / character;
    return status;
}

static SECURITY_STATUS find_strings(const void *auth_identity, struct source *source,
                                    ULONG character)
{
    const SEC_WINNT_AUTH_IDENTITY_INFO *info = auth_identity;

    switch (form_of(auth_identity)) {
    case IDENTITY_EX:
        *source = (struct source){
            {info->AuthIdExw.User, info->AuthIdExw.Domain, info->AuthIdExw.Password},
            {info->AuthIdExw.UserLength, info->AuthIdExw.DomainLength,
             info->AuthIdExw.PasswordLength}};
        return SEC_E_OK;
    case IDENTITY_EX2:
        return find_in_block(&info->AuthIdEx2, source, character);
    default:
        *source =
            (struct source){{info->AuthId_w.User, info->AuthId_w.Domain, info->AuthId_w.Password},
                            {info->AuthId_w.UserLength, info->AuthId_w.DomainLength,
                             info->AuthId_w.PasswordLength}};
        return SEC_E_OK;
    }
}

/* Wide copies of ANSI strings. No string gets longer in characters than it was in bytes. */
static SECURITY_STATUS widen(struct source *source, struct identity *identity)
{
    SIZE_T characters = 0;
    WCHAR *end;

    for (int i = 0; i < 3; i++)
        characters += (SIZE_T)source->length[i] + 1;
    identity->memory_size = characters * sizeof(WCHAR);
    identity->memory = end = heap_zalloc(identity->memory_size);
    if (!end)
        return SEC_E_INSUFFICIENT_MEMORY;
    for (int i = 0; i < 3; i++) {
        int length = 0;

        if (!source->text[i])
            continue;
        if (source->length[i])
            length = MultiByteToWideChar(CP_ACP, 0, source->text[i], source->length[i], end,
                                         source->length[i]);
        source->text[i] = end;
        source->length[i] = length;
        end += length + 1;
    }
    return SEC_E_OK;
}

SECURITY_STATUS identity_parse(const void *auth_identity, bool ansi, struct identity *identity)
{
    ULONG flags = flags_of(auth_identity);
    struct source source = {0};
    SECURITY_STATUS status;

    *identity = (struct identity){0};
    if (flags & ENCRYPTED)
        return SEC_E_UNKNOWN_CREDENTIALS;
    if (flags & SEC_WINNT_AUTH_IDENTITY_UNICODE)
        ansi = false;
    else if (flags & SEC_WINNT_AUTH_IDENTITY_ANSI)
        ansi = true;
    status = find_strings(auth_identity, &source, ansi ? 1 : sizeof(WCHAR));
    for (int i = 0; i < 3; i++)
        if (!source.text[i])
            source.length[i] = 0;
    if (status >= 0 && ansi)
        status = widen(&source, identity);
    if (status < 0)
        return status;
    identity->user = source.text[0];
    identity->domain = source.text[1];
    identity->password = source.text[2];
    identity->user_length = source.length[0];
    identity->domain_length = source.length[1];
    identity->password_length = source.length[2];
    return SEC_E_OK;
}

void identity_release(struct identity *identity)
{
    if (identity->memory) {
        SecureZeroMemory(identity->memory, identity->memory_size);
        heap_free(identity->memory);
    }
    *identity = (struct identity){0};
}

static void wipe_text(void *text, ULONG length, ULONG flags)
{
    if (text)
        SecureZeroMemory(text, (SIZE_T)length *
                                   (flags & SEC_WINNT_AUTH_IDENTITY_ANSI ? 1 : sizeof(WCHAR)));
}

void identity_wipe(void *auth_identity)
{
    SEC_WINNT_AUTH_IDENTITY_INFO *info = auth_identity;

    switch (form_of(auth_identity)) {
    case IDENTITY_EX: {
        SEC_WINNT_AUTH_IDENTITY_EXW *ex = &info->AuthIdExw;

        wipe_text(ex->User, ex->UserLength, ex->Flags);
        wipe_text(ex->Domain, ex->DomainLength, ex->Flags);
        wipe_text(ex->Password, ex->PasswordLength, ex->Flags);
        SecureZeroMemory(ex, sizeof(*ex));
        break;
    }
    case IDENTITY_EX2:
        SecureZeroMemory(info, info->AuthIdEx2.cbStructureLength);
        break;
    default: {
        SEC_WINNT_AUTH_IDENTITY_W *plain = &info->AuthId_w;

        wipe_text(plain->User, plain->UserLength, plain->Flags);
        wipe_text(plain->Domain, plain->DomainLength, plain->Flags);
        wipe_text(plain->Password, plain->PasswordLength, plain->Flags);
        SecureZeroMemory(plain, sizeof(*plain));
        break;
    }
    }
}
