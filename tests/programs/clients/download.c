/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * download URL FILE: URLDownloadToFile, which goes through urlmon and WinINet. Prints the error as
 * a HRESULT when it fails.
 */
#include <windows.h>
#include <stdio.h>
#include <urlmon.h>

int wmain(int count, WCHAR **words)
{
    HRESULT result = count == 3 ? URLDownloadToFileW(NULL, words[1], words[2], 0, NULL) : E_FAIL;

    if (FAILED(result))
        printf("error %08lx\n", result);
    return FAILED(result);
}
