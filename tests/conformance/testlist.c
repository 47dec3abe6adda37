/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The list of conformance tests, and the program's main().
 */
#include <windows.h>

#include "wine/test.h"

extern void func_async_async(void);
extern void func_async_exit(void);
extern void func_async_handshakes(void);
extern void func_async_order(void);
extern void func_async_race(void);
extern void func_core_handle(void);
extern void func_core_identity(void);
extern void func_core_sspi(void);
extern void func_core_text(void);
extern void func_core_trace(void);
extern void func_delegate_delegate(void);
extern void func_kit_selftest(void);
extern void func_programs_clients(void);
extern void func_programs_frameworks(void);
extern void func_programs_servers(void);
extern void func_schannel_attributes_certificates(void);
extern void func_schannel_attributes_connection(void);
extern void func_schannel_attributes_secrets(void);
extern void func_schannel_attributes_srtp(void);
extern void func_schannel_attributes_states(void);
extern void func_schannel_attributes_suites(void);
extern void func_schannel_base_buffers(void);
extern void func_schannel_base_keylog(void);
extern void func_schannel_base_shapes(void);
extern void func_schannel_calls_callers(void);
extern void func_schannel_calls_control(void);
extern void func_schannel_calls_record(void);
extern void func_schannel_calls_threads(void);
extern void func_schannel_credentials_cache(void);
extern void func_schannel_credentials_credentials(void);
extern void func_schannel_credentials_crypto(void);
extern void func_schannel_credentials_registry(void);
extern void func_schannel_credentials_settings(void);
extern void func_schannel_credentials_systemstore(void);
extern void func_schannel_credentials_winenet(void);
extern void func_schannel_keys_import(void);
extern void func_schannel_keys_key(void);
extern void func_schannel_keys_secrets(void);
extern void func_schannel_legs_alerts(void);
extern void func_schannel_legs_alpn(void);
extern void func_schannel_legs_carried(void);
extern void func_schannel_legs_clientauth(void);
extern void func_schannel_legs_datagram(void);
extern void func_schannel_legs_handshake(void);
extern void func_schannel_legs_renegotiation(void);
extern void func_schannel_peer_certificates(void);
extern void func_schannel_peer_revocation(void);
extern void func_schannel_peer_target(void);
extern void func_schannel_peer_validate(void);
extern void func_schannel_peer_verdicts(void);

/* clang-format off */
static const struct test tests[] = {
    {"async/async", func_async_async},
    {"async/exit", func_async_exit},
    {"async/handshakes", func_async_handshakes},
    {"async/order", func_async_order},
    {"async/race", func_async_race},
    {"core/handle", func_core_handle},
    {"core/identity", func_core_identity},
    {"core/sspi", func_core_sspi},
    {"core/text", func_core_text},
    {"core/trace", func_core_trace},
    {"delegate/delegate", func_delegate_delegate},
    {"kit/selftest", func_kit_selftest},
    {"programs/clients", func_programs_clients},
    {"programs/frameworks", func_programs_frameworks},
    {"programs/servers", func_programs_servers},
    {"schannel/attributes/certificates", func_schannel_attributes_certificates},
    {"schannel/attributes/connection", func_schannel_attributes_connection},
    {"schannel/attributes/secrets", func_schannel_attributes_secrets},
    {"schannel/attributes/srtp", func_schannel_attributes_srtp},
    {"schannel/attributes/states", func_schannel_attributes_states},
    {"schannel/attributes/suites", func_schannel_attributes_suites},
    {"schannel/base/buffers", func_schannel_base_buffers},
    {"schannel/base/keylog", func_schannel_base_keylog},
    {"schannel/base/shapes", func_schannel_base_shapes},
    {"schannel/calls/callers", func_schannel_calls_callers},
    {"schannel/calls/control", func_schannel_calls_control},
    {"schannel/calls/record", func_schannel_calls_record},
    {"schannel/calls/threads", func_schannel_calls_threads},
    {"schannel/credentials/cache", func_schannel_credentials_cache},
    {"schannel/credentials/credentials", func_schannel_credentials_credentials},
    {"schannel/credentials/crypto", func_schannel_credentials_crypto},
    {"schannel/credentials/registry", func_schannel_credentials_registry},
    {"schannel/credentials/settings", func_schannel_credentials_settings},
    {"schannel/credentials/systemstore", func_schannel_credentials_systemstore},
    {"schannel/credentials/winenet", func_schannel_credentials_winenet},
    {"schannel/keys/import", func_schannel_keys_import},
    {"schannel/keys/key", func_schannel_keys_key},
    {"schannel/keys/secrets", func_schannel_keys_secrets},
    {"schannel/legs/alerts", func_schannel_legs_alerts},
    {"schannel/legs/alpn", func_schannel_legs_alpn},
    {"schannel/legs/carried", func_schannel_legs_carried},
    {"schannel/legs/clientauth", func_schannel_legs_clientauth},
    {"schannel/legs/datagram", func_schannel_legs_datagram},
    {"schannel/legs/handshake", func_schannel_legs_handshake},
    {"schannel/legs/renegotiation", func_schannel_legs_renegotiation},
    {"schannel/peer/certificates", func_schannel_peer_certificates},
    {"schannel/peer/revocation", func_schannel_peer_revocation},
    {"schannel/peer/target", func_schannel_peer_target},
    {"schannel/peer/validate", func_schannel_peer_validate},
    {"schannel/peer/verdicts", func_schannel_peer_verdicts},
    {0, 0},
};
/* clang-format on */

int main(int argc, char **argv)
{
    return winetest_main(argc, argv, tests);
}
