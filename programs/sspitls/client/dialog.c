/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A conversation over a blocking socket, a byte at a time. */
#include "client/dialog.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"

bool dialog_say_bytes(struct dialog *dialog, const void *bytes, size_t size)
{
    if (send(dialog->socket, bytes, (int)size, 0) == (int)size)
        return true;
    report_system(dialog->what, WSAGetLastError());
    return false;
}

bool dialog_say(struct dialog *dialog, const char *text)
{
    return dialog_say_bytes(dialog, text, strlen(text));
}

/* Adds one byte to the text. */
static bool hear_byte(struct dialog *dialog)
{
    int got;

    if (dialog->size == DIALOG_MOST) {
        report("%s: an answer without end", dialog->what);
        return false;
    }
    got = recv(dialog->socket, dialog->text + dialog->size, 1, 0);
    if (got < 0)
        report_system(dialog->what, WSAGetLastError());
    else if (!got)
        report("%s: the %s has closed the connection", dialog->what, dialog->who);
    if (got <= 0)
        return false;
    dialog->text[++dialog->size] = 0;
    return true;
}

bool dialog_hear_bytes(struct dialog *dialog, size_t size)
{
    for (dialog->size = 0; dialog->size < size;) {
        if (!hear_byte(dialog))
            return false;
    }
    return true;
}

bool dialog_hear_until(struct dialog *dialog, const char *end)
{
    const size_t size = strlen(end);

    dialog->size = 0;
    do {
        if (!hear_byte(dialog))
            return false;
    } while (dialog->size < size || strcmp(dialog->text + dialog->size - size, end) != 0);
    return true;
}

/* Nothing that is said gets at the terminal. */
bool dialog_refused(struct dialog *dialog)
{
    dialog->text[strcspn(dialog->text, "\r\n")] = 0;
    clean_text(dialog->text);
    report("%s: the %s says \"%.200s\"", dialog->what, dialog->who, dialog->text);
    return false;
}

bool dialog_begins(const struct dialog *dialog, const char *text)
{
    return !strncmp(dialog->text, text, strlen(text));
}
