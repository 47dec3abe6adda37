/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The private exponents of an RSA key.
 *
 * A public exponent e fits into 32 bits, so its inverse by a modulus m of any size needs one-word
 * arithmetic alone: d = (1 + k m) / e, where k is the number below e that makes e divide, the
 * negative of m's inverse by e. d is below m because k is below e.
 */
#include "schannel/keys/rsa.h"

#include <string.h>

/* number += summand - subtrahend, which may be the shorter one. */
static void add_and_subtract(BYTE *number, DWORD size, int summand, const BYTE *subtrahend,
                             DWORD subtrahend_size)
{
    int carry = summand;

    for (DWORD i = 0; i < size; i++) {
        carry += number[i] - (i < subtrahend_size ? subtrahend[i] : 0);
        number[i] = (BYTE)carry;
        carry >>= 8;
    }
}

void rsa_totient(BYTE *totient, const BYTE *n, DWORD n_size, const BYTE *p, const BYTE *q,
                 DWORD p_size)
{
    memcpy(totient, n, n_size);
    add_and_subtract(totient, n_size, 1, p, p_size);
    add_and_subtract(totient, n_size, 0, q, p_size);
}

/* The inverse of value by modulus (Euclid's algorithm); 0 when there is none. */
static DWORD invert_word(DWORD value, DWORD modulus)
{
    INT64 coefficient = 1, next_coefficient = 0, swap;
    DWORD rest = value, next_rest = modulus, quotient, swap_rest;

    while (next_rest) {
        quotient = rest / next_rest;
        swap_rest = rest % next_rest;
        rest = next_rest;
        next_rest = swap_rest;
        swap = coefficient - quotient * next_coefficient;
        coefficient = next_coefficient;
        next_coefficient = swap;
    }
    if (rest != 1)
        return 0;
    return (DWORD)(coefficient < 0 ? coefficient + modulus : coefficient);
}

bool rsa_invert(BYTE *number, DWORD size, DWORD exponent)
{
    UINT64 rest = 0, carry = 1, factor;

    if (exponent < 3)
        return false;
    for (DWORD i = size; i--;)
        rest = (rest << 8 | number[i]) % exponent;
    factor = invert_word((DWORD)rest, exponent);
    if (!factor)
        return false;
    factor = exponent - factor;
    for (DWORD i = 0; i < size; i++) {
        carry += number[i] * factor;
        number[i] = (BYTE)carry;
        carry >>= 8;
    }
    for (DWORD i = size; i--;) {
        carry = carry << 8 | number[i];
        number[i] = (BYTE)(carry / exponent);
        carry %= exponent;
    }
    return true;
}
