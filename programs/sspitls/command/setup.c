/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands of both roles do before they talk to anyone. */
#include "command/setup.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "certificates/roots.h"
#include "command/password.h"

/* Before secur32 looks for it, which is at the first call. */
static void set_variable(const WCHAR *name, const char *value)
{
    WCHAR *wide = value ? wide_text(value) : NULL;

    if (wide)
        SetEnvironmentVariableW(name, wide);
    free(wide);
}

static bool load_identities(struct setup *setup, const struct options *options)
{
    char *password = NULL;
    bool ok = !options->pass || password_get(options->pass, &password);

    for (unsigned i = 0; ok && i < options->own_count; i++) {
        const struct own *own = &options->own[i];
        struct identity *identity = &setup->identities[i];

        ok = identity_load(identity, own->cert, own->key, password) &&
             (!own->staple || identity_staple(identity, own->staple));
    }
    password_free(password);
    return ok;
}

bool setup_make(struct setup *setup, const struct options *options)
{
    struct tls_settings settings = {
        .server = options->command == COMMAND_SERVER,
        .sync = options->sync || options->dtls,
        .dtls = options->dtls,
        .legacy = options->legacy,
        .insecure = options->insecure,
        .revocation = options->revocation,
        .verify = options->verify,
        .versions = options->versions,
        .alpn = options->alpn,
    };
    PCCERT_CONTEXT certificates[MOST_CERTIFICATES];
    struct algorithms without = {.count = 0};
    SECURITY_STATUS status;

    memset(setup, 0, sizeof(*setup));
    set_variable(L"SSLKEYLOGFILE", options->keylog);
    set_variable(L"ASYNCSSPI_LOG", options->trace);
    if (!load_identities(setup, options))
        return false;
    if (options->ca && (!(setup->roots = load_roots(options->ca)) ||
                        (options->system_roots && !add_system_roots(setup->roots))))
        return false;
    if (options->without) {
        if (!algorithms_parse(&without, options->without))
            return false;
        settings.without = &without;
    }
    for (unsigned i = 0; i < options->own_count; i++)
        certificates[i] = setup->identities[i].certificate;
    settings.certificates = certificates;
    settings.certificate_count = options->own_count;
    settings.roots = setup->roots;
    status = tls_credentials_acquire(&setup->credentials, &settings);
    if (status != SEC_E_OK)
        report_status("credentials", status);
    return status == SEC_E_OK;
}

void setup_free(struct setup *setup)
{
    tls_credentials_free(&setup->credentials);
    for (unsigned i = 0; i < MOST_CERTIFICATES; i++)
        identity_free(&setup->identities[i]);
    if (setup->roots)
        CertCloseStore(setup->roots, 0);
}
