/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Schannel as a security package: its three names and its table of operations.
 */
#include "schannel/schannel.h"
#include "core/package.h"
#include "schannel/attributes/attributes.h"
#include "schannel/attributes/attributes_credentials.h"
#include "schannel/base/buffers.h"
#include "schannel/base/engine.h"
#include "schannel/base/keylog.h"
#include "schannel/calls/calls.h"
#include "schannel/calls/spare.h"
#include "schannel/credentials/config.h"
#include "schannel/credentials/credentials.h"
#include "schannel/credentials/registry.h"
#include "schannel/credentials/systemstore.h"
#include "schannel/keys/containercache.h"
#include "schannel/peer/trust.h"
#include "schannel/peer/verdicts.h"

/* As Windows lists Schannel: RPC_C_AUTHN_GSS_SCHANNEL and these capabilities (0x107b3). */
#define SCHANNEL_RPC_ID 14
#define SCHANNEL_CAPABILITIES                                                                      \
    (SECPKG_FLAG_INTEGRITY | SECPKG_FLAG_PRIVACY | SECPKG_FLAG_CONNECTION |                        \
     SECPKG_FLAG_MULTI_REQUIRED | SECPKG_FLAG_EXTENDED_ERROR | SECPKG_FLAG_IMPERSONATION |         \
     SECPKG_FLAG_ACCEPT_WIN32_NAME | SECPKG_FLAG_STREAM | SECPKG_FLAG_MUTUAL_AUTH)

static SEC_WCHAR schannel_name[] = L"Schannel";
static SEC_WCHAR unified_name[] = L"Microsoft Unified Security Protocol Provider";
static SEC_WCHAR default_name[] = L"Default TLS SSP";
static SEC_WCHAR comment[] = L"Schannel Security Package";

static const SecPkgInfoW schannel_info = {.fCapabilities = SCHANNEL_CAPABILITIES,
                                          .wVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
                                          .wRPCID = SCHANNEL_RPC_ID,
                                          .cbMaxToken = SCHANNEL_MAX_TOKEN,
                                          .Name = schannel_name,
                                          .Comment = comment};

static const SecPkgInfoW unified_info = {.fCapabilities = SCHANNEL_CAPABILITIES,
                                         .wVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
                                         .wRPCID = SCHANNEL_RPC_ID,
                                         .cbMaxToken = SCHANNEL_MAX_TOKEN,
                                         .Name = unified_name,
                                         .Comment = comment};

static const SecPkgInfoW default_info = {.fCapabilities = SCHANNEL_CAPABILITIES,
                                         .wVersion = SECURITY_SUPPORT_PROVIDER_INTERFACE_VERSION,
                                         .wRPCID = SCHANNEL_RPC_ID,
                                         .cbMaxToken = SCHANNEL_MAX_TOKEN,
                                         .Name = default_name,
                                         .Comment = comment};

static const struct package_operations operations = {
    .acquire = schannel_acquire,
    .initialize = schannel_initialize,
    .accept = schannel_accept,
    .apply_control_token = schannel_apply_control_token,
    .encrypt = schannel_encrypt,
    .decrypt = schannel_decrypt,
    .query_context = schannel_query_context,
    .set_context = schannel_set_context,
    .query_credentials = schannel_query_credentials,
    .set_credentials = schannel_set_credentials,
};

static SECURITY_STATUS prepare(const struct package *package)
{
    SECURITY_STATUS status = engine_load();

    (void)package;
    if (status == SEC_E_OK)
        keylog_begin();
    return status;
}

const struct package schannel_packages[3] = {
    {.info = &schannel_info, .operations = &operations, .prepare = prepare},
    {.info = &unified_info, .operations = &operations, .prepare = prepare},
    {.info = &default_info, .operations = &operations, .prepare = prepare},
};

void schannel_unload(void)
{
    config_release();
    container_cache_release();
    verdicts_release();
    trust_release();
    system_stores_release();
    registry_release();
    spare_free();
}
