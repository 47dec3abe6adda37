/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the commands of both roles do before they talk to anyone. */
#include "command/setup.h"

#include <string.h>

#include "base/error.h"
#include "certificates/roots.h"

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
    SECURITY_STATUS status;

    memset(setup, 0, sizeof(*setup));
    if (options->cert && !identity_load(&setup->identity, options->cert, options->key))
        return false;
    if (options->staple && !identity_staple(&setup->identity, options->staple))
        return false;
    if (options->ca && !(setup->roots = load_roots(options->ca)))
        return false;
    settings.certificate = setup->identity.certificate;
    settings.roots = setup->roots;
    status = tls_credentials_acquire(&setup->credentials, &settings);
    if (status != SEC_E_OK)
        report_status("credentials", status);
    return status == SEC_E_OK;
}

void setup_free(struct setup *setup)
{
    tls_credentials_free(&setup->credentials);
    identity_free(&setup->identity);
    if (setup->roots)
        CertCloseStore(setup->roots, 0);
}
