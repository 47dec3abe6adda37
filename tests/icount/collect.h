/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What callgrind counts: nothing but what stands between begin and end. */
#ifndef ASYNCSSPI_ICOUNT_COLLECT_H
#define ASYNCSSPI_ICOUNT_COLLECT_H

void collect_begin(void);
void collect_end(void);
/* What was counted since the last one is the operation `name`, done `count` times. */
void collect_dump(const char *name, unsigned int count);

#endif
