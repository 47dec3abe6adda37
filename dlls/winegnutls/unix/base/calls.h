/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The calls of unixlib.h, one function each, which takes its parameter struct. Each stands in the
 * room of its subject; the table of main.c and the tests are what calls them.
 */
#ifndef UNIX_BASE_CALLS_H
#define UNIX_BASE_CALLS_H

#include "unixlib.h"

void call_startup(struct tls_startup *params);
void call_credentials_create(struct tls_credentials_create *params);
void call_credentials_free(struct tls_free *params);
void call_handshake(struct tls_handshake *params);
void call_take_output(struct tls_take_output *params);
void call_session_free(struct tls_free *params);
void call_encrypt(struct tls_encrypt *params);
void call_decrypt(struct tls_decrypt *params);
void call_info(struct tls_info *params);
void call_names(struct tls_names *params);
void call_peer_chain(struct tls_get_blob *params);
void call_channel_binding(struct tls_get_blob *params);
void call_resumption_data(struct tls_get_blob *params);
void call_keying_material(struct tls_keying_material *params);
void call_verify_signature(struct tls_verify_signature *params);
void call_name_constraints(struct tls_name_constraints *params);
void call_signatures(struct tls_get_blob *params);
void call_eap_keys(struct tls_eap_keys *params);
void call_srtp(struct tls_srtp *params);
void call_key_request(struct tls_key_request *params);
void call_key_answer(struct tls_key_answer *params);
void call_set_ticket_keys(struct tls_set_ticket_keys *params);
void call_set_issuers(struct tls_set_issuers *params);
void call_stapled_response(struct tls_get_blob *params);
void call_revocation_sources(struct tls_revocation_sources *params);
void call_revocation_check(struct tls_revocation_check *params);
void call_set_mtu(struct tls_set_mtu *params);
void call_issuers(struct tls_get_blob *params);
void call_reason(struct tls_reason *params);
void call_keylog(struct tls_keylog *params);
void call_host_roots(struct tls_host_roots *params);

#endif
