/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Counting the users of credentials; state/credentials.h says what they are. */
#ifndef UNIX_CREDENTIALS_CREDENTIALS_H
#define UNIX_CREDENTIALS_CREDENTIALS_H

#include "unix/state/credentials.h"

void credentials_reference(struct credentials *credentials);
void credentials_release(struct credentials *credentials);

#endif
