/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line: one table of options, from which parsing and help text both come. */
#include "command/options.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

#include "base/error.h"
#include "base/number.h"
#include "tls/credentials.h"

enum kind {
    FLAG,
    NUMBER,
    TEXT,
    OPTIONAL_TEXT,
    OF_CERT /* a text that belongs to the last --cert, or to the first one that comes */
};

struct option {
    const char *name;
    enum kind kind;
    unsigned commands;
    size_t offset;
    const char *argument;
    const char *help;
};

#define ANY_TLS        (COMMAND_CLIENT | COMMAND_SERVER)
#define ALL            (COMMAND_CLIENT | COMMAND_SERVER | COMMAND_DEMO | COMMAND_BENCH)
#define AT(member)     offsetof(struct options, member)
#define OF_OWN(member) offsetof(struct own, member)

static const struct option table[] = {
    {"tls", TEXT, ANY_TLS, AT(tls), "LIST", "versions to allow, as 1.2,1.3"},
    {"dtls", FLAG, ANY_TLS, AT(dtls), NULL, "DTLS over UDP; --tls may name 1.0 and 1.2 then"},
    {"legacy", FLAG, ANY_TLS, AT(legacy), NULL,
     "for old peers: versions 1.0 and 1.1, signatures with SHA-1"},
    {"without", TEXT, ANY_TLS, AT(without), "LIST",
     "algorithms to do without, as aes128-cbc,rsa-kex,sha1,p256; 'help' names them"},
    {"alpn", TEXT, ANY_TLS, AT(alpn), "LIST", "application protocols, as h2,http/1.1"},
    {"sni", TEXT, COMMAND_CLIENT, AT(sni), "NAME", "the name the server has to prove; else HOST"},
    {"cert", OF_CERT, ANY_TLS, OF_OWN(cert), "FILE",
     "own certificate: FILE.pfx or FILE.pem, each may end in :PASSWORD; server: several"},
    {"key", OF_CERT, ANY_TLS, OF_OWN(key), "FILE.pem",
     "private key of FILE.pem, if it is not in there"},
    {"pass", TEXT, ANY_TLS, AT(pass), "SOURCE",
     "password of these files: pass:PASSWORD, env:VARIABLE, file:FILE, stdin"},
    {"ca", TEXT, ANY_TLS, AT(ca), "FILE", "trust these certificates (PEM) and no others"},
    {"system-roots", FLAG, ANY_TLS, AT(system_roots), NULL, "with --ca: and those of the system"},
    {"insecure", FLAG, ANY_TLS, AT(insecure), NULL, "accept any certificate of the peer"},
    {"revocation", FLAG, ANY_TLS, AT(revocation), NULL,
     "accept no peer whose certificates may be revoked: OCSP, CRLs"},
    {"staple", OF_CERT, COMMAND_SERVER, OF_OWN(staple), "FILE",
     "OCSP response (DER) to send with the own certificate"},
    {"verify", FLAG, COMMAND_SERVER, AT(verify), NULL, "ask clients for a certificate"},
    {"http", TEXT, COMMAND_CLIENT, AT(http), "PATH", "GET PATH, print the body and its speed"},
    {"output", TEXT, COMMAND_CLIENT, AT(output), "FILE", "write what is received to FILE"},
    {"proxy", TEXT, COMMAND_CLIENT, AT(proxy), "PROXY",
     "go through an HTTP proxy, [USER:PASSWORD@]HOST:PORT"},
    {"starttls", TEXT, COMMAND_CLIENT, AT(starttls), "PROTOCOL",
     "begin as smtp, imap, pop3, ftp, ldap, xmpp, postgres or mysql"},
    {"showcerts", FLAG, COMMAND_CLIENT, AT(showcerts), NULL,
     "print the peer's certificates as PEM, too"},
    {"reconnect", NUMBER, COMMAND_CLIENT, AT(reconnect), "N",
     "connect N more times, to show resumption"},
    {"www", OPTIONAL_TEXT, COMMAND_SERVER, AT(www), "[DIR]",
     "speak HTTP: status page, /bytes/N, /echo, files of DIR; else echo"},
    {"threads", TEXT, COMMAND_SERVER | COMMAND_BENCH, AT(threads), "N",
     "event loops; bench: a list as 1,2,4"},
    {"clients", NUMBER, COMMAND_SERVER, AT(clients), "N", "with --dtls: at most at once, else 256"},
    {"timeout", NUMBER, ANY_TLS, AT(timeout), "SECONDS",
     "wait so long for the peer (client 30, server 10 per handshake)"},
    {"commands", FLAG, ANY_TLS, AT(commands), NULL,
     "lines of input that are R, C (server) or Q are commands: new keys, certificate, quit"},
    {"renegotiate", FLAG, COMMAND_SERVER, AT(renegotiate), NULL, "let clients renegotiate"},
    {"until-eof", FLAG, COMMAND_SERVER, AT(until_eof), NULL, "end when standard input ends"},
    {"keylog", TEXT, ANY_TLS, AT(keylog), "FILE", "write secrets there, for Wireshark"},
    {"trace", TEXT, ANY_TLS, AT(trace), "FILE", "write there what secur32 does"},
    {"quiet", FLAG, ANY_TLS, AT(quiet), NULL, "say only what goes wrong"},
    {"no-peers", FLAG, COMMAND_DEMO, AT(no_peers), NULL, "do without openssl and curl"},
    {"peers", TEXT, COMMAND_DEMO, AT(peers), "DIR", "where openssl and curl are, else in PATH"},
    {"megabytes", NUMBER, COMMAND_DEMO, AT(megabytes), "N", "data per connection, else 4"},
    {"seconds", NUMBER, COMMAND_BENCH, AT(seconds), "S", "how long each measurement may take"},
    {"rounds", NUMBER, COMMAND_BENCH, AT(rounds), "N", "rounds per measurement, else 100"},
    {"only", OPTIONAL_TEXT, COMMAND_BENCH, AT(only), "[LIST]",
     "rows whose names begin so, as encrypt,live-; alone: what there is"},
    {"quick", FLAG, COMMAND_BENCH, AT(quick), NULL, "less exact, in a fraction of the time"},
    {"json", OPTIONAL_TEXT, ANY_TLS | COMMAND_BENCH, AT(json), "[FILE]",
     "what is told as JSON, to a file or on standard output"},
    {"svg", TEXT, COMMAND_BENCH, AT(svg), "FILE", "write a plot"},
    {"sync", FLAG, ALL, AT(sync), NULL, "use the synchronous functions"},
};

static const struct {
    enum command command;
    const char *name;
    const char *arguments;
    const char *help;
} commands[] = {
    {COMMAND_CLIENT, "client", "HOST[:PORT]", "connect and relay standard input and output"},
    {COMMAND_SERVER, "server", "[ADDRESS:]PORT", "serve; port 0 picks a free one"},
    {COMMAND_DEMO, "demo", "", "talk to itself, to openssl and to curl"},
    {COMMAND_BENCH, "bench", "", "measure, next to native GnuTLS"},
};

static_assert(ARRAYSIZE(table) <= 64, "options.given has a bit for each");

static void print_help(void)
{
    char left[48];

    printf("usage: sspitls COMMAND [OPTIONS]\n\n"
           "TLS over SSPI, with its asynchronous functions unless --sync is given.\n");
    for (size_t c = 0; c < ARRAYSIZE(commands); c++) {
        printf("\nsspitls %s %s\n    %s\n", commands[c].name, commands[c].arguments,
               commands[c].help);
        for (size_t i = 0; i < ARRAYSIZE(table); i++) {
            if (!(table[i].commands & commands[c].command))
                continue;
            snprintf(left, sizeof(left), "--%s %s", table[i].name,
                     table[i].argument ? table[i].argument : "");
            printf("      %-22s %s\n", left, table[i].help);
        }
    }
    printf("\nExit status: 0 success, 1 TLS failed, 2 wrong usage, 3 no connection, 4 wrong "
           "answer.\n");
}

static const struct option *find_option(const char *name, size_t length)
{
    for (size_t i = 0; i < ARRAYSIZE(table); i++) {
        if (strlen(table[i].name) == length && !memcmp(table[i].name, name, length))
            return &table[i];
    }
    return NULL;
}

static bool set_number(unsigned *number, const char *name, const char *text)
{
    unsigned long long value;
    const char *end;

    if (!read_number(text, &end, 1000000, &value) || *end) {
        report("--%s: '%s' is not a number that makes sense here", name, text);
        return false;
    }
    *number = (unsigned)value;
    return true;
}

/* False after a line on stderr. */
static bool set_of_cert(struct options *options, const struct option *option, const char *text)
{
    const bool is_cert = option->offset == OF_OWN(cert);
    const unsigned most = options->command == COMMAND_SERVER ? MOST_CERTIFICATES : 1;
    const unsigned at = is_cert ? options->own_count : max(options->own_count, 1u) - 1;
    const char **member;

    if (at == most) {
        report("--cert: %s", most == 1 ? "given twice" : "too many of them");
        return false;
    }
    member = (const char **)((char *)&options->own[at] + option->offset);
    if (*member) {
        report("--%s: given twice", option->name);
        return false;
    }
    *member = text;
    options->own_count += is_cert;
    return true;
}

/* Takes the option at argv[*at] with its argument; false after a line on stderr. */
static bool take_option(struct options *options, int argc, char **argv, int *at)
{
    const char *name = argv[*at] + 2, *value = strchr(name, '=');
    const struct option *option = find_option(name, value ? (size_t)(value - name) : strlen(name));
    void *member;

    if (!option || !(option->commands & options->command)) {
        report("unknown option %s for this command; sspitls --help lists them", argv[*at]);
        return false;
    }
    if (option->kind != OF_CERT && options->given >> (option - table) & 1) {
        report("--%s: given twice", option->name);
        return false;
    }
    options->given |= 1ull << (option - table);
    member = (char *)options + option->offset;
    if (option->kind == FLAG) {
        if (value) {
            report("--%s takes no value", option->name);
            return false;
        }
        *(bool *)member = true;
        return true;
    }
    if (value)
        value++;
    else if (*at + 1 < argc && (option->kind != OPTIONAL_TEXT || argv[*at + 1][0] != '-'))
        value = argv[++*at];
    if (!value && option->kind != OPTIONAL_TEXT) {
        report("--%s needs a value: %s", option->name, option->argument);
        return false;
    }
    if (option->kind == OF_CERT)
        return set_of_cert(options, option, value);
    if (option->kind == NUMBER)
        return set_number(member, option->name, value);
    *(const char **)member = value ? value : "";
    return true;
}

static bool parse_versions(struct options *options)
{
    static const struct {
        const char *name;
        unsigned version;
    } rows[] = {{"1.0", TLS_1_0}, {"1.1", TLS_1_1}, {"1.2", TLS_1_2}, {"1.3", TLS_1_3}};
    const char *at = options->tls;
    size_t i;

    while (at && *at) {
        for (i = 0; i < ARRAYSIZE(rows) && strncmp(at, rows[i].name, 3); i++)
            ;
        if (i == ARRAYSIZE(rows))
            break;
        options->versions |= rows[i].version;
        at += 3;
        if (*at == ',')
            at++;
    }
    if (options->tls && (*at || !options->versions)) {
        report("--tls: '%s' is not a list of 1.0, 1.1, 1.2, 1.3", options->tls);
        return false;
    }
    if (options->dtls && options->versions & ~(TLS_1_0 | TLS_1_2)) {
        report("--dtls: there are versions 1.0 and 1.2");
        return false;
    }
    if (options->versions & (TLS_1_0 | TLS_1_1) && !options->legacy) {
        report("--tls: 1.0 and 1.1 are weak; --legacy allows them");
        return false;
    }
    if (options->legacy && !options->versions)
        options->versions =
            options->dtls ? TLS_1_0 | TLS_1_2 : TLS_1_0 | TLS_1_1 | TLS_1_2 | TLS_1_3;
    return true;
}

/* What one of the two says the other denies, or takes no notice of. */
static const char *const contradictions[][2] = {
    {"insecure", "revocation"}, {"dtls", "http"},        {"dtls", "www"},     {"dtls", "commands"},
    {"dtls", "starttls"},       {"dtls", "renegotiate"}, {"dtls", "threads"}, {"dtls", "proxy"},
    {"http", "commands"},       {"peers", "no-peers"},
};

/* The first says nothing without the second. */
static const char *const dependencies[][2] = {
    {"key", "cert"},  {"staple", "cert"},  {"system-roots", "ca"},
    {"pass", "cert"}, {"clients", "dtls"},
};

static bool was_given(const struct options *options, const char *name)
{
    return options->given >> (find_option(name, strlen(name)) - table) & 1;
}

static bool check_combinations(const struct options *options)
{
    for (size_t i = 0; i < ARRAYSIZE(contradictions); i++) {
        const char *const *names = contradictions[i];

        if (was_given(options, names[0]) && was_given(options, names[1])) {
            report("--%s and --%s do not go together", names[0], names[1]);
            return false;
        }
    }
    for (size_t i = 0; i < ARRAYSIZE(dependencies); i++) {
        const char *const *names = dependencies[i];

        if (was_given(options, names[0]) && !was_given(options, names[1])) {
            report("--%s without --%s", names[0], names[1]);
            return false;
        }
    }
    if (options->command == COMMAND_CLIENT && options->insecure && options->ca) {
        report("--insecure and --ca do not go together");
        return false;
    }
    return true;
}

static bool check(struct options *options)
{
    bool wants_address = (options->command & ANY_TLS) != 0;

    if (wants_address && !options->address) {
        report("where? sspitls --help shows the command's arguments");
        return false;
    }
    if (!check_combinations(options))
        return false;
    if (options->command == COMMAND_SERVER && !options->own_count) {
        report("a server needs a certificate: --cert FILE.pfx, or --cert FILE.pem --key FILE.pem");
        return false;
    }
    return parse_versions(options);
}

bool options_parse(struct options *options, int argc, char **argv, int *status)
{
    memset(options, 0, sizeof(*options));
    *status = EXIT_USAGE;
    for (int i = 1; i < argc; i++) {
        if (!strcmp(argv[i], "--help") || !strcmp(argv[i], "-h")) {
            print_help();
            *status = EXIT_OK;
            return false;
        }
        if (!strcmp(argv[i], "--version")) {
            printf("sspitls (asyncsspi) %s\n", ASYNCSSPI_VERSION);
            *status = EXIT_OK;
            return false;
        }
    }
    for (size_t c = 0; argc > 1 && c < ARRAYSIZE(commands); c++) {
        if (!strcmp(argv[1], commands[c].name))
            options->command = commands[c].command;
    }
    if (!options->command) {
        report("%s%s", argc > 1 ? "unknown command: " : "which command? ",
               argc > 1 ? argv[1] : "client, server, demo or bench");
        report("    sspitls --help shows all");
        return false;
    }
    for (int i = 2; i < argc; i++) {
        if (!strncmp(argv[i], "--", 2) && argv[i][2]) {
            if (!take_option(options, argc, argv, &i))
                return false;
        } else if (options->command & ANY_TLS && !options->address) {
            options->address = argv[i];
        } else {
            report("%s: one argument too many", argv[i]);
            return false;
        }
    }
    return check(options);
}
