/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * websocket HOST PORT PATH COUNT SIZE: a WebSocket through WinHTTP. Sends COUNT messages of SIZE
 * bytes, each of which has to come back as it was before the next one is sent, and closes. Prints
 * how many came back, or the error.
 */
#include <windows.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <winhttp.h>

static HINTERNET connect_socket(HINTERNET connection, const WCHAR *path)
{
    HINTERNET request =
        WinHttpOpenRequest(connection, L"GET", path, NULL, NULL, NULL, WINHTTP_FLAG_SECURE);

    if (!WinHttpSetOption(request, WINHTTP_OPTION_UPGRADE_TO_WEB_SOCKET, NULL, 0) ||
        !WinHttpSendRequest(request, NULL, 0, NULL, 0, 0, 0) ||
        !WinHttpReceiveResponse(request, NULL))
        return NULL;
    return WinHttpWebSocketCompleteUpgrade(request, 0);
}

/* One message there and back; 0 or the error. */
static DWORD echo(HINTERNET socket, const BYTE *message, BYTE *back, DWORD size)
{
    WINHTTP_WEB_SOCKET_BUFFER_TYPE type;
    DWORD error = WinHttpWebSocketSend(socket, WINHTTP_WEB_SOCKET_BINARY_MESSAGE_BUFFER_TYPE,
                                       (void *)message, size);
    DWORD have = 0, part;

    while (!error && have < size) {
        error = WinHttpWebSocketReceive(socket, back + have, size - have, &part, &type);
        have += error ? 0 : part;
    }
    return error ? error : memcmp(message, back, size) ? ERROR_INVALID_DATA : 0;
}

int wmain(int count, WCHAR **words)
{
    HINTERNET session = WinHttpOpen(L"test", WINHTTP_ACCESS_TYPE_NO_PROXY, NULL, NULL, 0), socket;
    int messages = count == 6 ? (int)wcstoul(words[4], NULL, 10) : 0, done = 0;
    DWORD size = count == 6 ? wcstoul(words[5], NULL, 10) : 1, error = 0;
    BYTE *message = malloc(2 * (size_t)size);

    if (count != 6 || !message)
        return 2;
    socket = connect_socket(
        WinHttpConnect(session, words[1], (USHORT)wcstoul(words[2], NULL, 10), 0), words[3]);
    if (!socket)
        error = GetLastError();
    for (; !error && done < messages; done++) {
        for (DWORD i = 0; i < size; i++)
            message[i] = (BYTE)((DWORD)done + i % 251);
        error = echo(socket, message, message + size, size);
    }
    if (!error)
        error = WinHttpWebSocketClose(socket, WINHTTP_WEB_SOCKET_SUCCESS_CLOSE_STATUS, NULL, 0);
    if (error)
        printf("error %lu behind %d messages\n", error, done);
    else
        printf("%d messages\n", done);
    return error != 0;
}
