/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The security packages: finding one by its name and telling programs about them. Ours come first
 * and hide Wine's of the same name; Wine's are asked for only when ours do not answer, or are
 * absent because what they need is not installed. Who they are is for main.c to say.
 */
#include "core/package.h"
#include "core/memory.h"
#include "core/text.h"

#include <string.h>

/* Written once, before the first call. */
static struct {
    const struct package *own;
    unsigned int own_count;
    const struct package *(*others)(unsigned int *count);
} packages;

void packages_use(const struct package *own, unsigned int own_count,
                  const struct package *(*others)(unsigned int *count))
{
    packages.own = own;
    packages.own_count = own_count;
    packages.others = others;
}

static const struct package *find_in(const struct package *list, unsigned int count,
                                     const SEC_WCHAR *name)
{
    for (unsigned int i = 0; i < count; i++)
        if (CompareStringOrdinal(list[i].info->Name, -1, name, -1, TRUE) == CSTR_EQUAL)
            return &list[i];
    return NULL;
}

static const struct package *find_own(const SEC_WCHAR *name)
{
    return find_in(packages.own, packages.own_count, name);
}

static SECURITY_STATUS prepare(const struct package *package)
{
    return package->prepare ? package->prepare(package) : SEC_E_OK;
}

SECURITY_STATUS package_find(const SEC_WCHAR *name, const struct package **package)
{
    const struct package *others;
    unsigned int count;
    SECURITY_STATUS status;

    *package = find_own(name);
    if (*package && (status = prepare(*package)) != PACKAGE_ABSENT)
        return status;
    others = packages.others(&count);
    *package = find_in(others, count, name);
    return *package ? SEC_E_OK : SEC_E_SECPKG_NOT_FOUND;
}

/* Bytes of a string in either form, with its end. */
static SIZE_T text_size(const SEC_WCHAR *text, bool ansi)
{
    if (ansi)
        return WideCharToMultiByte(CP_ACP, 0, text, -1, NULL, 0, NULL, NULL);
    return (wcslen(text) + 1) * sizeof(*text);
}

/* Writes the string to *end, which moves behind it. */
static void *put_text(const SEC_WCHAR *text, bool ansi, char **end)
{
    char *start = *end;
    SIZE_T size = text_size(text, ansi);

    if (ansi)
        WideCharToMultiByte(CP_ACP, 0, text, -1, start, (int)size, NULL, NULL);
    else
        memcpy(start, text, size);
    *end = start + size;
    return start;
}

/* SecPkgInfoA and SecPkgInfoW differ in what their pointers point to only. */
static SIZE_T info_size(const SecPkgInfoW *info, bool ansi)
{
    return sizeof(*info) + text_size(info->Name, ansi) + text_size(info->Comment, ansi);
}

static void put_info(SecPkgInfoW *target, const SecPkgInfoW *info, bool ansi, char **end)
{
    *target = *info;
    target->Name = put_text(info->Name, ansi, end);
    target->Comment = put_text(info->Comment, ansi, end);
}

/* Number `index` of ours and the others' together; NULL: one that is absent, or that ours hides. */
static const struct package *visible(unsigned int index, const struct package *others)
{
    const bool own = index < packages.own_count;
    const struct package *package =
        own ? &packages.own[index] : &others[index - packages.own_count];
    const struct package *ours = find_own(package->info->Name);

    return own == (ours && prepare(ours) != PACKAGE_ABSENT) ? package : NULL;
}

/* One block that holds the whole list, as FreeContextBuffer frees it. */
static SECURITY_STATUS enumerate(ULONG *count, void **list, bool ansi)
{
    const struct package *others, *package;
    unsigned int total, shown = 0;
    SecPkgInfoW *infos, *info;
    SIZE_T size = 0;
    char *end;

    if (!count || !list)
        return SEC_E_INVALID_PARAMETER;
    *count = 0;
    *list = NULL;
    others = packages.others(&total);
    total += packages.own_count;
    for (unsigned int i = 0; i < total; i++) {
        if (!(package = visible(i, others)))
            continue;
        size += info_size(package->info, ansi);
        shown++;
    }
    infos = info = heap_zalloc(size);
    if (!infos)
        return SEC_E_INSUFFICIENT_MEMORY;
    end = (char *)(infos + shown);
    for (unsigned int i = 0; i < total; i++)
        if ((package = visible(i, others)))
            put_info(info++, package->info, ansi, &end);
    *count = shown;
    *list = infos;
    return SEC_E_OK;
}

void *package_info_copy(const SecPkgInfoW *info, bool ansi)
{
    SecPkgInfoW *copy = heap_zalloc(info_size(info, ansi));
    char *end;

    if (!copy)
        return NULL;
    end = (char *)(copy + 1);
    put_info(copy, info, ansi, &end);
    return copy;
}

static SECURITY_STATUS query(const SEC_WCHAR *name, void **result, bool ansi)
{
    const struct package *package;
    SECURITY_STATUS status;
    void *info;

    if (!result)
        return SEC_E_INVALID_PARAMETER;
    status = name ? package_find(name, &package) : SEC_E_SECPKG_NOT_FOUND;
    if (status < 0)
        return status;
    info = package_info_copy(package->info, ansi);
    if (!info)
        return SEC_E_INSUFFICIENT_MEMORY;
    *result = info;
    return SEC_E_OK;
}

SECURITY_STATUS WINAPI EnumerateSecurityPackagesW(ULONG *pcPackages, PSecPkgInfoW *ppPackageInfo)
{
    return enumerate(pcPackages, (void **)ppPackageInfo, false);
}

SECURITY_STATUS WINAPI EnumerateSecurityPackagesA(ULONG *pcPackages, PSecPkgInfoA *ppPackageInfo)
{
    return enumerate(pcPackages, (void **)ppPackageInfo, true);
}

SECURITY_STATUS WINAPI QuerySecurityPackageInfoW(SEC_WCHAR *pszPackageName,
                                                 PSecPkgInfoW *ppPackageInfo)
{
    return query(pszPackageName, (void **)ppPackageInfo, false);
}

SECURITY_STATUS WINAPI QuerySecurityPackageInfoA(SEC_CHAR *pszPackageName,
                                                 PSecPkgInfoA *ppPackageInfo)
{
    SEC_WCHAR *name = wide_from_ansi(pszPackageName);
    SECURITY_STATUS status;

    if (pszPackageName && !name)
        return SEC_E_INSUFFICIENT_MEMORY;
    status = query(name, (void **)ppPackageInfo, true);
    heap_free(name);
    return status;
}

SECURITY_STATUS WINAPI FreeContextBuffer(void *pvContextBuffer)
{
    /* Everything that we, our packages or Wine's secur32 hand out lies on the process heap. */
    if (pvContextBuffer && !HeapFree(GetProcessHeap(), 0, pvContextBuffer))
        return SEC_E_INVALID_PARAMETER;
    return SEC_E_OK;
}
