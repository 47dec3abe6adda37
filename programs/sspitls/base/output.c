/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Output to a file that what fails before its first byte leaves as it was. */
#include "base/output.h"

#include <winsock2.h>
#include <windows.h>

#include "base/error.h"
#include "base/file.h"

static bool open_output(struct output *output)
{
    HANDLE file = output->path ? create_file(output->path) : GetStdHandle(STD_OUTPUT_HANDLE);

    if (file == INVALID_HANDLE_VALUE)
        return false;
    output->file = file;
    return true;
}

bool output_write(struct output *output, const void *data, size_t size)
{
    const unsigned char *bytes = data;
    DWORD written = 0;

    if (output->failed)
        return false;
    output->failed = !output->file && !open_output(output);
    while (size && !output->failed) {
        output->failed =
            !WriteFile(output->file, bytes, (DWORD)min(size, 1u << 20), &written, NULL) || !written;
        bytes += written;
        size -= written;
    }
    if (output->failed)
        report_system(output->path ? output->path : "writing", GetLastError());
    return !output->failed;
}

void output_close(struct output *output)
{
    if (output->path && output->file)
        CloseHandle(output->file);
    output->file = NULL;
}
