/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The function tables of InitSecurityInterface, and from whom they are kept.
 */
#ifndef ASYNCSSPI_TABLE_H
#define ASYNCSSPI_TABLE_H

#include <windows.h>

/* The thread with this id gets no tables until another call; 0: every thread gets them. */
void tables_withhold(DWORD thread);

#endif
