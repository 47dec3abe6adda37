/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * SSLKEYLOGFILE.
 */
#ifndef ASYNCSSPI_KEYLOG_H
#define ASYNCSSPI_KEYLOG_H

/* Whenever the engine is there, before there is a session; the first time counts. Has the engine
 * write secrets to the file that the environment names, if it names one. */
void keylog_begin(void);

#endif
