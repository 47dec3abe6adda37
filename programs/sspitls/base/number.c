/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Unlike strtoull: no sign, no space, nothing that is quietly taken for another number. */
#include "base/number.h"

bool read_number(const char *text, const char **end, unsigned long long most,
                 unsigned long long *number)
{
    unsigned long long value = 0;

    *end = text;
    for (; **end >= '0' && **end <= '9'; (*end)++) {
        const unsigned digit = **end - '0';

        if (digit > most || value > (most - digit) / 10)
            return false;
        value = 10 * value + digit;
    }
    *number = value;
    return *end > text;
}
