/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes that a program sets, apart from KEYING_MATERIAL_INFO (attributes/attributes_secret.c).
 *
 * EARLY_START and UI_INFO are checked and then forgotten: the first asks for an attempt that need
 * not be made (False Start sends data before the peer's Finished; the engine does not), the second
 * names a parent for windows that are never shown.
 */
#include "schannel/attributes/attributes_set.h"
#include "core/memory.h"
#include "schannel/base/context.h"
#include "winegnutls/unixlib.h"

#include <string.h>

/* APP_DATA: more is a mistake. */
#define MAX_APPLICATION_DATA 0x100000

/* SECPKG_ATTR_APP_DATA: the program's own bytes, kept with the context. */
struct application_data {
    DWORD flags;
    DWORD size;
    BYTE data[];
};

SECURITY_STATUS set_application_data(struct schannel_context *context, const void *buffer)
{
    const SecPkgContext_SessionAppData *source = buffer;
    struct application_data *copy;

    if (source->cbAppData && !source->pbAppData)
        return SEC_E_INVALID_PARAMETER;
    if (source->cbAppData > MAX_APPLICATION_DATA)
        return SEC_E_INVALID_PARAMETER;
    copy = heap_zalloc(sizeof(*copy) + source->cbAppData);
    if (!copy)
        return SEC_E_INSUFFICIENT_MEMORY;
    copy->flags = source->dwFlags;
    copy->size = source->cbAppData;
    if (copy->size)
        memcpy(copy->data, source->pbAppData, copy->size);
    release_application_data(context);
    context->application_data = copy;
    return SEC_E_OK;
}

void release_application_data(struct schannel_context *context)
{
    if (context->application_data) {
        SecureZeroMemory(context->application_data->data, context->application_data->size);
        heap_free(context->application_data);
    }
    context->application_data = NULL;
}

/* Without any, the answer is a size of 0. */
SECURITY_STATUS query_application_data(struct schannel_context *context, void *buffer)
{
    const struct application_data *source = context->application_data;
    SecPkgContext_SessionAppData *answer = buffer;
    BYTE *copy = NULL;

    if (source && source->size) {
        copy = heap_zalloc(source->size);
        if (!copy)
            return SEC_E_INSUFFICIENT_MEMORY;
        memcpy(copy, source->data, source->size);
    }
    answer->dwFlags = source ? source->flags : 0;
    answer->cbAppData = source ? source->size : 0;
    answer->pbAppData = copy;
    return SEC_E_OK;
}

SECURITY_STATUS set_eap_prf_info(struct schannel_context *context, const void *buffer)
{
    const SecPkgContext_EapPrfInfo *info = buffer;
    DWORD kind;

    if (info->dwVersion || info->cbPrfData != sizeof(kind) || !info->pbPrfData)
        return SEC_E_INVALID_PARAMETER;
    memcpy(&kind, info->pbPrfData, sizeof(kind));
    if (kind > TLS_EAP_FAST)
        return SEC_E_INVALID_PARAMETER;
    context->eap_kind = kind;
    return SEC_E_OK;
}

SECURITY_STATUS set_early_start(struct schannel_context *context, const void *buffer)
{
    const SecPkgContext_EarlyStart *start = buffer;

    (void)context;
    return start->dwEarlyStartFlags & ~(DWORD)ENABLE_TLS_CLIENT_EARLY_START
               ? SEC_E_INVALID_PARAMETER
               : SEC_E_OK;
}

SECURITY_STATUS set_ui_info(struct schannel_context *context, const void *buffer)
{
    (void)context;
    (void)buffer;
    return SEC_E_OK;
}
