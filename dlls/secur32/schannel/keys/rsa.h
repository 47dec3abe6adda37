/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The private exponents of an RSA key, computed from its public exponent and its primes.
 */
#ifndef ASYNCSSPI_RSA_H
#define ASYNCSSPI_RSA_H

#include <windows.h>
#include <stdbool.h>

/* All numbers are least significant byte first, as in a CryptoAPI blob. */

/*
 * Puts n - p - q + 1, the totient of n = p q, into totient, whose size is n's. p and q have the
 * same size, which is not larger than n's.
 */
void rsa_totient(BYTE *totient, const BYTE *n, DWORD n_size, const BYTE *p, const BYTE *q,
                 DWORD p_size);

/*
 * Turns a modulus in number into the inverse of the public exponent by it. False, and number is
 * spoiled, when there is none.
 */
bool rsa_invert(BYTE *number, DWORD size, DWORD exponent);

#endif
