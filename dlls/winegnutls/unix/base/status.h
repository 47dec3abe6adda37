/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The SECURITY_STATUS numbers the engine answers with, and the one place where GnuTLS errors and
 * TLS alerts become such numbers. The values are those of winerror.h; the alert column follows
 * Microsoft's page "Schannel Error Codes for TLS and SSL Alerts".
 */
#ifndef UNIX_BASE_STATUS_H
#define UNIX_BASE_STATUS_H

#include <stdint.h>

#define SEC_E_OK                            ((int32_t)0x00000000)
#define SEC_I_CONTINUE_NEEDED               ((int32_t)0x00090312)
#define SEC_I_CONTEXT_EXPIRED               ((int32_t)0x00090317)
#define SEC_I_INCOMPLETE_CREDENTIALS        ((int32_t)0x00090320)
#define SEC_I_RENEGOTIATE                   ((int32_t)0x00090321)
#define SEC_I_NO_RENEGOTIATION              ((int32_t)0x00090360)
#define SEC_E_INSUFFICIENT_MEMORY           ((int32_t)0x80090300)
#define SEC_E_INVALID_HANDLE                ((int32_t)0x80090301)
#define SEC_E_UNSUPPORTED_FUNCTION          ((int32_t)0x80090302)
#define SEC_E_INTERNAL_ERROR                ((int32_t)0x80090304)
#define SEC_E_SECPKG_NOT_FOUND              ((int32_t)0x80090305)
#define SEC_E_INVALID_TOKEN                 ((int32_t)0x80090308)
#define SEC_E_LOGON_DENIED                  ((int32_t)0x8009030C)
#define SEC_E_UNKNOWN_CREDENTIALS           ((int32_t)0x8009030D)
#define SEC_E_NO_CREDENTIALS                ((int32_t)0x8009030E)
#define SEC_E_MESSAGE_ALTERED               ((int32_t)0x8009030F)
#define SEC_E_OUT_OF_SEQUENCE               ((int32_t)0x80090310)
#define SEC_E_CONTEXT_EXPIRED               ((int32_t)0x80090317)
#define SEC_E_INCOMPLETE_MESSAGE            ((int32_t)0x80090318)
#define SEC_E_BUFFER_TOO_SMALL              ((int32_t)0x80090321)
#define SEC_E_WRONG_PRINCIPAL               ((int32_t)0x80090322)
#define SEC_E_UNTRUSTED_ROOT                ((int32_t)0x80090325)
#define SEC_E_ILLEGAL_MESSAGE               ((int32_t)0x80090326)
#define SEC_E_CERT_UNKNOWN                  ((int32_t)0x80090327)
#define SEC_E_CERT_EXPIRED                  ((int32_t)0x80090328)
#define SEC_E_CERT_WRONG_USAGE              ((int32_t)0x80090349)
#define SEC_E_ENCRYPT_FAILURE               ((int32_t)0x80090329)
#define SEC_E_DECRYPT_FAILURE               ((int32_t)0x80090330)
#define SEC_E_ALGORITHM_MISMATCH            ((int32_t)0x80090331)
#define SEC_E_UNFINISHED_CONTEXT_DELETED    ((int32_t)0x80090333)
#define SEC_E_INVALID_PARAMETER             ((int32_t)0x8009035D)
#define SEC_E_APPLICATION_PROTOCOL_MISMATCH ((int32_t)0x80090367)
#define CRYPT_E_REVOKED                     ((int32_t)0x80092010)
#define CRYPT_E_REVOCATION_OFFLINE          ((int32_t)0x80092013)

/* TLS alert numbers the engine itself speaks of. */
enum {
    ALERT_CLOSE_NOTIFY = 0,
    ALERT_UNEXPECTED_MESSAGE = 10,
    ALERT_BAD_RECORD_MAC = 20,
    ALERT_RECORD_OVERFLOW = 22,
    ALERT_HANDSHAKE_FAILURE = 40,
    ALERT_BAD_CERTIFICATE = 42,
    ALERT_UNSUPPORTED_CERTIFICATE = 43,
    ALERT_DECODE_ERROR = 50,
    ALERT_DECRYPT_ERROR = 51,
    ALERT_PROTOCOL_VERSION = 70,
    ALERT_INTERNAL_ERROR = 80,
    ALERT_USER_CANCELED = 90,
    ALERT_NO_RENEGOTIATION = 100,
    ALERT_BAD_CERTIFICATE_STATUS = 113,
};

/* What a failure with this GnuTLS error is called in SSPI; never SEC_E_OK for a negative error. */
int32_t status_from_error(int error);

/* What a received fatal alert is called in SSPI; close_notify is SEC_I_CONTEXT_EXPIRED. */
int32_t status_from_alert(uint32_t alert);

/* The alert that tells the peer about this GnuTLS error. */
uint32_t alert_from_error(int error);

#endif
