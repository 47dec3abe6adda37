/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Attributes derived from the session's secrets: channel bindings, exported keying material and
 * the keys of EAP methods.
 *
 * A binding comes as SEC_CHANNEL_BINDINGS without addresses, whose application data is the
 * binding's name, a colon and the binding (RFC 5929), in one block.
 */
#include "schannel/attributes/attributes_secret.h"
#include "core/memory.h"
#include "schannel/base/context.h"
#include "schannel/base/engine.h"
#include "winegnutls/unixlib.h"

#include <string.h>

/* No hash and no Finished message is longer. */
#define MAX_BINDING 64

static SECURITY_STATUS query_bindings(struct schannel_context *context, enum tls_binding kind,
                                      const char *prefix, SecPkgContext_Bindings *bindings)
{
    BYTE data[MAX_BINDING];
    struct tls_get_blob params = {.session = context->session,
                                  .buffer = (ULONG_PTR)data,
                                  .buffer_size = sizeof(data),
                                  .kind = kind};
    ULONG prefix_size = (ULONG)strlen(prefix);
    SEC_CHANNEL_BINDINGS *block;
    SECURITY_STATUS status;

    status = session_call(context, TLS_CALL_CHANNEL_BINDING, &params);
    if (!status)
        status = params.status;
    if (status)
        return status;
    block = heap_zalloc(sizeof(*block) + prefix_size + params.size);
    if (!block)
        return SEC_E_INSUFFICIENT_MEMORY;
    block->cbApplicationDataLength = prefix_size + params.size;
    block->dwApplicationDataOffset = sizeof(*block);
    memcpy(block + 1, prefix, prefix_size);
    memcpy((BYTE *)(block + 1) + prefix_size, data, params.size);
    bindings->Bindings = block;
    bindings->BindingsLength = sizeof(*block) + block->cbApplicationDataLength;
    return SEC_E_OK;
}

SECURITY_STATUS query_unique_bindings(struct schannel_context *context, void *buffer)
{
    return query_bindings(context, TLS_BINDING_UNIQUE, "tls-unique:", buffer);
}

SECURITY_STATUS query_endpoint_bindings(struct schannel_context *context, void *buffer)
{
    return query_bindings(context, TLS_BINDING_ENDPOINT, "tls-server-end-point:", buffer);
}

SECURITY_STATUS query_eap_key_block(struct schannel_context *context, void *buffer)
{
    SecPkgContext_EapKeyBlock *block = buffer;
    struct tls_eap_keys params = {.session = context->session, .kind = context->eap_kind};
    SECURITY_STATUS status = session_call(context, TLS_CALL_EAP_KEYS, &params);

    if (!status)
        status = params.status;
    if (!status) {
        memcpy(block->rgbKeys, params.keys, sizeof(block->rgbKeys));
        memcpy(block->rgbIVs, params.vectors, sizeof(block->rgbIVs));
    }
    SecureZeroMemory(&params, sizeof(params));
    return status;
}

/* What SECPKG_ATTR_KEYING_MATERIAL_INFO asked for, with label and context behind it. */
struct keying_request {
    uint32_t label_size;
    uint32_t context_size;
    uint32_t output_size;
    BYTE data[]; /* label, context */
};

/* The documentation counts the label's terminator; programs that do not are understood too. */
static uint32_t label_length(const char *label, uint32_t size)
{
    while (size && !label[size - 1])
        size--;
    return size;
}

/* Derives size bytes into a new block. */
static SECURITY_STATUS export_material(struct schannel_context *context, const void *label,
                                       uint32_t label_size, const void *value, uint32_t value_size,
                                       uint32_t size, BYTE **output)
{
    struct tls_keying_material params = {.session = context->session,
                                         .label = (ULONG_PTR)label,
                                         .label_size = label_size,
                                         .context = (ULONG_PTR)value,
                                         .context_size = value_size,
                                         .has_context = value_size != 0,
                                         .output_size = size};
    SECURITY_STATUS status;

    *output = heap_zalloc(size);
    if (!*output)
        return SEC_E_INSUFFICIENT_MEMORY;
    params.output = (ULONG_PTR)*output;
    status = session_call(context, TLS_CALL_KEYING_MATERIAL, &params);
    if (!status)
        status = params.status;
    if (status) {
        heap_free(*output);
        *output = NULL;
    }
    return status;
}

SECURITY_STATUS set_keying_material_info(struct schannel_context *context, const void *buffer)
{
    const SecPkgContext_KeyingMaterialInfo *info = buffer;
    struct keying_request *request;
    uint32_t label_size;

    if (!info->pszLabel || !info->cbKeyingMaterial ||
        (info->cbContextValue && !info->pbContextValue))
        return SEC_E_INVALID_PARAMETER;
    label_size = label_length(info->pszLabel, info->cbLabel);
    if (!label_size)
        return SEC_E_INVALID_PARAMETER;
    request = heap_zalloc(sizeof(*request) + label_size + info->cbContextValue);
    if (!request)
        return SEC_E_INSUFFICIENT_MEMORY;
    request->label_size = label_size;
    request->context_size = info->cbContextValue;
    request->output_size = info->cbKeyingMaterial;
    memcpy(request->data, info->pszLabel, label_size);
    if (info->cbContextValue)
        memcpy(request->data + label_size, info->pbContextValue, info->cbContextValue);
    release_keying_request(context);
    context->keying = request;
    return SEC_E_OK;
}

void release_keying_request(struct schannel_context *context)
{
    if (context->keying)
        heap_free(context->keying);
    context->keying = NULL;
}

SECURITY_STATUS query_keying_material(struct schannel_context *context, void *buffer)
{
    SecPkgContext_KeyingMaterial *material = buffer;
    const struct keying_request *request = context->keying;
    SECURITY_STATUS status;
    BYTE *output;

    if (!request)
        return SEC_E_INVALID_PARAMETER;
    status = export_material(context, request->data, request->label_size,
                             request->data + request->label_size, request->context_size,
                             request->output_size, &output);
    if (status)
        return status;
    material->cbKeyingMaterial = request->output_size;
    material->pbKeyingMaterial = output;
    return SEC_E_OK;
}

/* Question and answer in one structure. */
SECURITY_STATUS query_keying_material_inproc(struct schannel_context *context, void *buffer)
{
    SecPkgContext_KeyingMaterial_Inproc *material = buffer;
    uint32_t label_size;

    if (!material->pszLabel || !material->cbKeyingMaterial ||
        (material->cbContextValue && !material->pbContextValue))
        return SEC_E_INVALID_PARAMETER;
    label_size = label_length(material->pszLabel, material->cbLabel);
    if (!label_size)
        return SEC_E_INVALID_PARAMETER;
    return export_material(context, material->pszLabel, label_size, material->pbContextValue,
                           material->cbContextValue, material->cbKeyingMaterial,
                           &material->pbKeyingMaterial);
}
