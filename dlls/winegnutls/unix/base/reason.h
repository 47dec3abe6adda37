/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Why a call has failed, in words for who reads a trace. It is said where the failure is found, and
 * kept for TLS_CALL_REASON of the same thread. A status alone is what programs get.
 */
#ifndef UNIX_BASE_REASON_H
#define UNIX_BASE_REASON_H

#include <stdint.h>

/* No secret and no text of the peer's may be in it. */
void reason_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A GnuTLS error. */
void reason_error(int error);

/* An alert of the peer's. */
void reason_alert(uint32_t alert);

/* At the beginning of a call. */
void reason_forget(void);

#endif
