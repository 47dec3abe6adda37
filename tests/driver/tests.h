/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the test driver tests.
 */
#ifndef ASYNCSSPI_TEST_TESTS_H
#define ASYNCSSPI_TEST_TESTS_H

void test_connections(void);
void test_calls(void);
/* Leaves calls pending behind itself. */
void test_unload(void);

#endif
