/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * loader import FILE.pfx: puts a certificate with its key into the machine's MY store and prints
 * its SHA-1
 * loader run NAME FILE [SHA-1]: starts the driver FILE as the service NAME, stops it and removes it
 *
 * Exit status 0: all of it worked. Errors are printed.
 */
#include <windows.h>
#include <wincrypt.h>
#include <stdio.h>
#include <string.h>

static int complain(const char *what)
{
    printf("%s: error %lu\n", what, GetLastError());
    return 1;
}

static int import_pfx(const char *path)
{
    static BYTE data[65536];
    CRYPT_DATA_BLOB blob = {0, data};
    const CERT_CONTEXT *certificate;
    HCERTSTORE pfx, store;
    BYTE hash[20];
    DWORD size = sizeof(hash);
    FILE *file = fopen(path, "rb");

    if (!file)
        return complain(path);
    blob.cbData = fread(data, 1, sizeof(data), file);
    fclose(file);
    pfx = PFXImportCertStore(&blob, L"", CRYPT_MACHINE_KEYSET | CRYPT_EXPORTABLE);
    if (!pfx)
        return complain("PFXImportCertStore");
    store = CertOpenStore(CERT_STORE_PROV_SYSTEM_W, 0, 0, CERT_SYSTEM_STORE_LOCAL_MACHINE, L"MY");
    certificate = CertEnumCertificatesInStore(pfx, NULL);
    if (!store || !certificate ||
        !CertAddCertificateContextToStore(store, certificate, CERT_STORE_ADD_REPLACE_EXISTING,
                                          NULL) ||
        !CertGetCertificateContextProperty(certificate, CERT_SHA1_HASH_PROP_ID, hash, &size))
        return complain("the machine's MY");
    for (DWORD i = 0; i < size; i++)
        printf("%02x", hash[i]);
    printf("\n");
    CertFreeCertificateContext(certificate);
    CertCloseStore(store, 0);
    CertCloseStore(pfx, 0);
    return 0;
}

static LSTATUS write_hash(const char *service, const char *text)
{
    char path[200];
    BYTE hash[20];
    LSTATUS status;
    unsigned byte;
    HKEY key;

    for (unsigned i = 0; i < sizeof(hash); i++) {
        if (sscanf(text + 2 * i, "%2x", &byte) != 1)
            return ERROR_INVALID_PARAMETER;
        hash[i] = byte;
    }
    snprintf(path, sizeof(path), "SYSTEM\\CurrentControlSet\\Services\\%s", service);
    status = RegOpenKeyExA(HKEY_LOCAL_MACHINE, path, 0, KEY_SET_VALUE, &key);
    if (status)
        return status;
    status = RegSetValueExA(key, "ServerHash", 0, REG_BINARY, hash, sizeof(hash));
    RegCloseKey(key);
    return status;
}

/* What hangs is ended by who started this. */
static BOOL wait_for(SC_HANDLE service, DWORD wanted, DWORD given_up)
{
    SERVICE_STATUS status;

    do {
        Sleep(50);
        if (!QueryServiceStatus(service, &status))
            return FALSE;
    } while (status.dwCurrentState != wanted && status.dwCurrentState != given_up);
    return status.dwCurrentState == wanted;
}

static int run(const char *name, const char *path, const char *hash)
{
    SC_HANDLE manager = OpenSCManagerA(NULL, NULL, SC_MANAGER_ALL_ACCESS), service;
    SERVICE_STATUS status;
    int result = 0;

    if (!manager)
        return complain("OpenSCManager");
    service = CreateServiceA(manager, name, name, SERVICE_ALL_ACCESS, SERVICE_KERNEL_DRIVER,
                             SERVICE_DEMAND_START, SERVICE_ERROR_NORMAL, path, NULL, NULL, NULL,
                             NULL, NULL);
    if (!service)
        return complain("CreateService");
    if (hash && write_hash(name, hash))
        result = complain("the service's key");
    else if (!StartServiceA(service, 0, NULL) ||
             !wait_for(service, SERVICE_RUNNING, SERVICE_STOPPED))
        result = complain("StartService");
    else if (!ControlService(service, SERVICE_CONTROL_STOP, &status) ||
             !wait_for(service, SERVICE_STOPPED, SERVICE_STOPPED))
        result = complain("stopping");
    DeleteService(service);
    CloseServiceHandle(service);
    CloseServiceHandle(manager);
    return result;
}

int main(int argc, char **argv)
{
    if (argc == 3 && !strcmp(argv[1], "import"))
        return import_pfx(argv[2]);
    if ((argc == 4 || argc == 5) && !strcmp(argv[1], "run"))
        return run(argv[2], argv[3], argv[4]);
    printf("Usage: loader import FILE.pfx | run NAME FILE [SHA-1]\n");
    return 2;
}
