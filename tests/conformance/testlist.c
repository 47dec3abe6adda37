/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The list of conformance tests, and through wine/test.h the program's main().
 */
#include <windows.h>
#define STANDALONE
#include "wine/test.h"

extern void func_async(void);
extern void func_async_exit(void);
extern void func_async_handshakes(void);
extern void func_async_order(void);
extern void func_async_race(void);
extern void func_core(void);
extern void func_delegate(void);
extern void func_handles(void);
extern void func_schannel_alerts(void);
extern void func_schannel_attributes(void);
extern void func_schannel_attributes_certificates(void);
extern void func_schannel_attributes_connection(void);
extern void func_schannel_attributes_secrets(void);
extern void func_schannel_attributes_suites(void);
extern void func_schannel_buffers(void);
extern void func_schannel_callers(void);
extern void func_schannel_certificates(void);
extern void func_schannel_clientauth(void);
extern void func_schannel_consumers(void);
extern void func_schannel_consumers_frameworks(void);
extern void func_schannel_consumers_servers(void);
extern void func_schannel_control(void);
extern void func_schannel_credentials(void);
extern void func_schannel_dtls(void);
extern void func_schannel_handshake(void);
extern void func_schannel_keys(void);
extern void func_schannel_names(void);
extern void func_schannel_record(void);
extern void func_schannel_registry(void);
extern void func_schannel_renegotiation(void);
extern void func_schannel_revocation(void);
extern void func_schannel_session(void);
extern void func_schannel_settings(void);
extern void func_schannel_shapes(void);
extern void func_schannel_srtp(void);
extern void func_schannel_stores(void);
extern void func_schannel_threads(void);
extern void func_schannel_validate(void);
extern void func_selftest(void);

/* clang-format off */
const struct test winetest_testlist[] = {
    {"async", func_async},
    {"async_exit", func_async_exit},
    {"async_handshakes", func_async_handshakes},
    {"async_order", func_async_order},
    {"async_race", func_async_race},
    {"core", func_core},
    {"delegate", func_delegate},
    {"handles", func_handles},
    {"schannel_alerts", func_schannel_alerts},
    {"schannel_attributes", func_schannel_attributes},
    {"schannel_attributes_certificates", func_schannel_attributes_certificates},
    {"schannel_attributes_connection", func_schannel_attributes_connection},
    {"schannel_attributes_secrets", func_schannel_attributes_secrets},
    {"schannel_attributes_suites", func_schannel_attributes_suites},
    {"schannel_buffers", func_schannel_buffers},
    {"schannel_callers", func_schannel_callers},
    {"schannel_certificates", func_schannel_certificates},
    {"schannel_clientauth", func_schannel_clientauth},
    {"schannel_consumers", func_schannel_consumers},
    {"schannel_consumers_frameworks", func_schannel_consumers_frameworks},
    {"schannel_consumers_servers", func_schannel_consumers_servers},
    {"schannel_control", func_schannel_control},
    {"schannel_credentials", func_schannel_credentials},
    {"schannel_dtls", func_schannel_dtls},
    {"schannel_handshake", func_schannel_handshake},
    {"schannel_keys", func_schannel_keys},
    {"schannel_names", func_schannel_names},
    {"schannel_record", func_schannel_record},
    {"schannel_registry", func_schannel_registry},
    {"schannel_renegotiation", func_schannel_renegotiation},
    {"schannel_revocation", func_schannel_revocation},
    {"schannel_session", func_schannel_session},
    {"schannel_settings", func_schannel_settings},
    {"schannel_shapes", func_schannel_shapes},
    {"schannel_srtp", func_schannel_srtp},
    {"schannel_stores", func_schannel_stores},
    {"schannel_threads", func_schannel_threads},
    {"schannel_validate", func_schannel_validate},
    {"selftest", func_selftest},
    {0, 0},
};
/* clang-format on */
