/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Looking into TLS records for tests.
 */
#ifndef WIRE_H
#define WIRE_H

#include <windows.h>

#define WIRE_HEADER_SIZE 5

enum wire_type { WIRE_CCS = 20, WIRE_ALERT = 21, WIRE_HANDSHAKE = 22, WIRE_DATA = 23 };

/* Size of the record at bytes with its header; 0 when it is not all there. */
DWORD wire_record_size(const BYTE *bytes, DWORD size);
/* Whether bytes are whole records and nothing else. */
BOOL wire_is_records(const BYTE *bytes, DWORD size);
/* The body of an extension of the ClientHello that starts at bytes; NULL: it has none such. */
const BYTE *wire_hello_extension(const BYTE *bytes, DWORD size, WORD type, DWORD *body_size);

#endif
