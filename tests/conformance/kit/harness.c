/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What is behind wine/test.h, for all tests of the program. The list of them is testlist.c's.
 */
#include <windows.h>
#define STANDALONE
#define WINETEST_NO_MAIN
#include "wine/test.h"
