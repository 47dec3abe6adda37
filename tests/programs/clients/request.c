/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * request URL: GET through the object WinHttp.WinHttpRequest.5.1, as scripts use it: by name, late
 * bound. Prints the status and the answer as text, or the error as a HRESULT.
 */
#define COBJMACROS
#include <windows.h>
#include <oleauto.h>
#include <stdio.h>

static HRESULT invoke(IDispatch *object, const WCHAR *name, WORD kind, VARIANT *arguments,
                      UINT count, VARIANT *result)
{
    DISPPARAMS parameters = {.rgvarg = arguments, .cArgs = count};
    DISPID id;
    HRESULT status =
        IDispatch_GetIDsOfNames(object, &IID_NULL, (WCHAR **)&name, 1, LOCALE_USER_DEFAULT, &id);

    if (SUCCEEDED(status))
        status = IDispatch_Invoke(object, id, &IID_NULL, LOCALE_USER_DEFAULT, kind, &parameters,
                                  result, NULL, NULL);
    return status;
}

static VARIANT text(const WCHAR *value)
{
    return (VARIANT){.vt = VT_BSTR, .bstrVal = SysAllocString(value)};
}

int wmain(int count, WCHAR **words)
{
    /* The last argument comes first. */
    VARIANT open[] = {
        {.vt = VT_BOOL, .boolVal = VARIANT_FALSE}, text(count > 1 ? words[1] : L""), text(L"GET")};
    VARIANT status = {0}, answer = {0};
    IDispatch *object = NULL;
    CLSID class;
    HRESULT result;

    CoInitialize(NULL);
    result = CLSIDFromProgID(L"WinHttp.WinHttpRequest.5.1", &class);
    if (SUCCEEDED(result))
        result =
            CoCreateInstance(&class, NULL, CLSCTX_INPROC_SERVER, &IID_IDispatch, (void **)&object);
    if (SUCCEEDED(result))
        result = invoke(object, L"Open", DISPATCH_METHOD, open, ARRAYSIZE(open), NULL);
    if (SUCCEEDED(result))
        result = invoke(object, L"Send", DISPATCH_METHOD, NULL, 0, NULL);
    if (SUCCEEDED(result))
        result = invoke(object, L"Status", DISPATCH_PROPERTYGET, NULL, 0, &status);
    if (SUCCEEDED(result))
        result = invoke(object, L"ResponseText", DISPATCH_PROPERTYGET, NULL, 0, &answer);
    if (SUCCEEDED(result))
        printf("%ld %ls\n", status.lVal, answer.bstrVal);
    else
        printf("error %08lx\n", result);
    return FAILED(result);
}
