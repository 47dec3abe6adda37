/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * What the test driver needs of the kernel: the log, events, memory, its key in the registry.
 */
#include "kit/kernel.h"

#include <ntddk.h>
#include <stdarg.h>

/* In ntoskrnl.exe; not in the headers. */
int __cdecl _vsnprintf(char *buffer, size_t size, const char *format, va_list arguments);

struct event {
    KEVENT event;
};

unsigned char server_hash[20];

static HANDLE log_file;
static LONG passed, failed;

static void say_list(const char *format, va_list arguments)
{
    IO_STATUS_BLOCK io;
    char line[400];
    int length = _vsnprintf(line, sizeof(line) - 1, format, arguments);

    if (length < 0)
        length = sizeof(line) - 1;
    line[length] = '\n';
    ZwWriteFile(log_file, NULL, NULL, NULL, &io, line, length + 1, NULL, NULL);
}

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    say_list(format, arguments);
    va_end(arguments);
}

void check(const char *file, int line, int condition, const char *format, ...)
{
    va_list arguments;

    InterlockedIncrement(condition ? &passed : &failed);
    if (condition)
        return;
    say("%s:%d: test failed:", file, line);
    va_start(arguments, format);
    say_list(format, arguments);
    va_end(arguments);
}

void say_summary(void)
{
    say("%ld passed, %ld failed, 0 skipped", passed, failed);
}

struct event *event_create(void)
{
    struct event *event = ExAllocatePoolWithTag(NonPagedPool, sizeof(*event), 0x54535341);

    if (event)
        KeInitializeEvent(&event->event, NotificationEvent, FALSE);
    return event;
}

void event_free(struct event *event)
{
    ExFreePoolWithTag(event, 0x54535341);
}

void event_set(struct event *event)
{
    KeSetEvent(&event->event, 0, FALSE);
}

void event_clear(struct event *event)
{
    KeClearEvent(&event->event);
}

int event_wait(struct event *event)
{
    LARGE_INTEGER limit;

    limit.QuadPart = -120 * 10000000LL;
    return KeWaitForSingleObject(&event->event, Executive, KernelMode, FALSE, &limit) ==
           STATUS_SUCCESS;
}

void pool_free(void *memory)
{
    ExFreePoolWithTag(memory, 0);
}

unsigned long current_thread(void)
{
    return (ULONG_PTR)PsGetCurrentThreadId();
}

void open_log(void)
{
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    IO_STATUS_BLOCK io;

    RtlInitUnicodeString(&name, L"\\??\\C:\\asyncsspi-driver.log");
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL,
                               NULL);
    ZwCreateFile(&log_file, FILE_APPEND_DATA | SYNCHRONIZE, &attributes, &io, NULL, 0,
                 FILE_SHARE_READ, FILE_OVERWRITE_IF, FILE_SYNCHRONOUS_IO_NONALERT, NULL, 0);
}

void close_log(void)
{
    ZwClose(log_file);
}

int read_hash(void *service)
{
    union {
        KEY_VALUE_PARTIAL_INFORMATION information;
        UCHAR room[sizeof(KEY_VALUE_PARTIAL_INFORMATION) + sizeof(server_hash)];
    } value;
    OBJECT_ATTRIBUTES attributes;
    UNICODE_STRING name;
    NTSTATUS status;
    HANDLE key;
    ULONG size;

    InitializeObjectAttributes(&attributes, service, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, NULL,
                               NULL);
    if (ZwOpenKey(&key, KEY_READ, &attributes) < 0)
        return FALSE;
    RtlInitUnicodeString(&name, L"ServerHash");
    status = ZwQueryValueKey(key, &name, KeyValuePartialInformation, &value, sizeof(value), &size);
    ZwClose(key);
    if (status < 0 || value.information.DataLength != sizeof(server_hash))
        return FALSE;
    memcpy(server_hash, value.information.Data, sizeof(server_hash));
    return TRUE;
}
