/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Counts checks per subject, so that a reader sees how many there are for an attribute or a rule.
 *
 *     tally("attribute STREAM_SIZES");   the ok()s from here on are about this
 *     ...
 *     tally("rule 3");                   and from here on about that; a name may come again
 *     ...
 *     tally(NULL);                       and from here on about none
 *     tally_report();                    prints "attribute STREAM_SIZES: 12 passed" and so on
 *
 * The names start with "attribute " or "rule ": tests/run adds up the lines of all tests.
 */
#ifndef TALLY_H
#define TALLY_H

void tally(const char *subject);
/* One line per subject, on standard output; ends the current subject. */
void tally_report(void);

#endif
