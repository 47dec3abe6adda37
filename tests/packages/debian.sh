# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The Debian packages: how they are built, what is in them, and that they work. Sourced by run.

test_debian() { # debian12, debian13 or ubuntu24.04
    local suite maker=$1 packages
    suite=$(suite_of "$1")
    # Ubuntu's Wine, GnuTLS and C library are newer than Debian 12's, whose packages it gets.
    [ "$1" != ubuntu24.04 ] || maker=debian12
    packages=$work/$maker-packages
    with_wine "$1" "$suite" || return
    [ -d "$packages" ] || make_packages $maker || return
    use_packages "$1" "$suite"
    use_both_widths "$1" "$suite"
}
suite_of() {
    case $1 in
    debian12) echo bookworm ;;
    debian13) echo trixie ;;
    ubuntu24.04) echo noble ;;
    esac
}
make_packages() { # debian12 or debian13
    local suite
    suite=$(suite_of "$1")
    with_wine "$1" "$suite" && mkdir -p "$packages" || return
    layer "$suite-build" "$chroots/$suite" "$chroots/$suite.build" || return
    apt "$work/$suite-build" update >"$work/$suite-build.log" 2>&1
    build_packages "$1, amd64" "$work/$suite-build" || return
    # A second loader has an engine of its own, which is built for that architecture.
    if second_loader "$suite"; then
        layer "$suite-cross" "$chroots/$suite.build:$chroots/$suite" "$chroots/$suite.cross" || return
        in_chroot "$work/$suite-cross" dpkg --add-architecture i386
        apt "$work/$suite-cross" update >"$work/$suite-cross.log" 2>&1
        check "$1, i386: its compiler can be had" apt "$work/$suite-cross" install crossbuild-essential-i386
        build_packages "$1, i386" "$work/$suite-cross" -ai386 -Pcross || return
    fi
    run_lintian "$1" "$work/$suite-build"
    compile_programs "$1" "$suite"
}

# Whether its Wine runs programs of 32 bits by a loader of their own. Debian 13 packages its modules of 32
# bits for one, too, but with those in its directory the first one runs programs of both widths, as that of
# other distributions does.
second_loader() { [ "$1" != trixie ]; } # CHROOT

# Building ---------------------------------------------------------------------------------------

# Leaves them in $packages.
build_packages() { # WHAT ROOT [OPTION OF APT AND DPKG...]
    local what=$1 root=$2 one=/build/one two=/build/an/other/place
    shift 2
    mkdir -p "$root/build" && mount -t tmpfs none "$root/build" || return
    unpack "$root" $one && unpack "$root" $two || return
    check "$what: Build-Depends can be had" apt "$root" build-dep "$@" "$one/source"
    check "$what: builds" build_in "$root" $one TZ=UTC "$@"
    check "$what: builds elsewhere" build_in "$root" $two TZ=Asia/Tokyo "$@"
    cp "$root$one"/*.{deb,changes,buildinfo} "$packages" || return
    check "$what: both have the same bytes" same_packages "$root$one" "$root$two"
    check "$what: no file names the place where it was built" packages_without $one "$root$one"/*.deb
}
run_lintian() { # NAME ROOT
    check "$1: lintian can be had" apt "$2" install lintian
    cp -r "$packages" "$2/tmp/packages"
    check "$1: lintian finds nothing but what is overridden" lintian_content "$2"
    sed "s/^/    $1: lintian: /" "$work/check.log"
}
lintian_content() { # ROOT
    says '^O: libasyncsspi-dev: no-code-sections' as_user "$1" sh -c \
        'lintian --tag-display-limit 0 --show-overrides /tmp/packages/*.changes' &&
        ! grep '^[EW]: ' "$work/said"
}
unpack() { # ROOT DIRECTORY
    mkdir -p "$1$2/source" && tar -xzf "$tarball" -C "$1$2/source" --strip-components=1 &&
        chown -R 1000:1000 "$1$2"
}
build_in() { # ROOT DIRECTORY VARIABLE=VALUE [OPTION...]
    as_user "$1" env --chdir="$2/source" DEB_BUILD_OPTIONS="parallel=$(nproc)" "$3" \
        dpkg-buildpackage -b -us -uc "${@:4}"
}
same_packages() { # DIRECTORY OTHER
    local file
    for file in "$1"/*.deb; do
        cmp "$file" "$2/${file##*/}" || return
    done
}
packages_without() { # DIRECTORY PACKAGE...
    local unpacked=$work/unpacked package
    rm -rf "$unpacked"
    for package in "${@:2}"; do
        dpkg-deb -x "$package" "$unpacked" || return
    done
    not grep -rl -e "$1" "$unpacked"
}

# What developers get: programs for the tests that follow, compiled with libasyncsspi-dev.
compile_programs() { # NAME CHROOT
    local root=$work/$1-dev arch
    layer "$1-dev" "$chroots/$2.build:$chroots/$2" || return
    cp "$packages"/*.deb "$source_dir/tests/programs/clients/begin.c" "$root/tmp" || return
    check "$1: libasyncsspi-dev is installed" in_chroot "$root" sh -c \
        'dpkg -i /tmp/libasyncsspi-dev_*_amd64.deb'
    for arch in x86_64 i386; do
        check "$1: a program of $arch is compiled with it" compile "$root" $arch
    done
}
compile() { # ROOT ARCH
    local cc=x86_64-w64-mingw32-gcc
    [ "$2" = x86_64 ] || cc=i686-w64-mingw32-gcc
    # shellcheck disable=SC2016 # the chroot's shell expands it
    as_user "$1" env cc=$cc arch="$2" sh -c 'cd /tmp && mkdir $arch && flags() {
        pkg-config --define-variable=arch=$arch "$@" asyncsspi
    } && examples=/usr/share/doc/libasyncsspi-dev/examples &&
    $cc $(flags --cflags) $examples/client.c $examples/tls.c $examples/certificates.c \
        $(flags --libs) -lcrypt32 -lws2_32 -o $arch/client.exe &&
    $cc begin.c -lsecur32 -o $arch/begin.exe' && cp -r "$1/tmp/$2" "$packages"
}

# Using ------------------------------------------------------------------------------------------

# In a Debian with 64-bit Wine and nothing else.
use_packages() { # NAME CHROOT
    layer "$1-use" "$chroots/$2" && begin_use "$1" "$work/$1-use" || return
    check "$1: apt installs them" install_packages "$work/$1-use" asyncsspi_*_amd64.deb \
        asyncsspi-thunk_*_amd64.deb
    check "$1: links of the installed pages" "$here/../kit/links" "$work/$1-use/usr/share/doc/asyncsspi"
    check "$1: the packages' own test" as_user "$work/$1-use" ./handshake
    works "$1" "$work/$1-use" x86_64
    check "$1: uninstall for winetricks" as_user "$work/$1-use" asyncsspi-setup uninstall
    check "$1: winetricks' verb" says '^asyncsspi is installed' as_user "$work/$1-use" \
        ./winetricks ./asyncsspi.verb
    end_use "$1" "$work/$1-use" x86_64 asyncsspi-thunk
}

# With a Wine that runs programs of 32 bits, too.
use_both_widths() { # NAME CHROOT
    local root=$work/$1-both why arch=i386 thunk=(asyncsspi-thunk:amd64)
    if ! why=$(make_both "$1" "$2"); then
        skip "$1: 32-bit programs: $why"
        return
    fi
    layer "$1-both" "$chroots/$2.both:$chroots/$2" && begin_use "$1" "$root" || return
    ! second_loader "$2" || thunk+=(asyncsspi-thunk:i386)
    check "$1: apt installs them, for both widths" install_packages "$root" asyncsspi_*_amd64.deb \
        asyncsspi-thunk_*.deb
    if runs_32 "$root"; then
        works "$1, 32-bit" "$root" i386
        check "$1: status tells of both widths" says '^32-bit TLS: *works' as_user "$root" \
            asyncsspi-setup status
    else
        skip "$1: 32-bit programs: Wine's own do not run on this machine"
        arch=x86_64
    fi
    works "$1, beside 32-bit" "$root" x86_64
    end_use "$1, both widths" "$root" $arch "${thunk[@]}"
}

# Some machines run no code of 32 bits at all: then one of Wine's own programs does not run, either.
runs_32() { # ROOT
    new_prefix "$1" >/dev/null 2>&1
    as_user "$1" timeout 120 wine 'C:\windows\syswow64\cmd.exe' /c exit 7 >/dev/null 2>&1
    [ $? -eq 7 ]
}

make_both() { # NAME CHROOT
    local root=$work/$1-making log=$chroots/$2.both.log
    [ ! -f "$chroots/$2.both/complete" ] || return 0
    rm -rf --one-file-system "$chroots/$2.both"
    layer "$1-making" "$chroots/$2" "$chroots/$2.both" >"$log" 2>&1 &&
        in_chroot "$root" dpkg --add-architecture i386 >>"$log" 2>&1 && apt "$root" update >>"$log" 2>&1 &&
        if second_loader "$2"; then
            apt "$root" install wine32:i386 >>"$log" 2>&1
        else
            in_chroot "$root" sh -c 'cd /tmp && apt-get download libwine:i386 && dpkg -x libwine_*.deb x &&
                cp -rT x/usr/lib/i386-linux-gnu/wine/i386-windows \
                    /usr/lib/x86_64-linux-gnu/wine/i386-windows' >>"$log" 2>&1
        fi && : >"$root/complete" && umount -R -l "$root" && return
    tail -n 1 "$log"
    return 1
}

# Packages and programs are brought, and what is there before is written down.
begin_use() { # NAME ROOT
    files_of "$2" >"$2.before"
    cp "$packages"/*.deb "$2/tmp" &&
        cp -r "$packages"/{x86_64,i386} "$source_dir/debian/tests/handshake" "$here/winetricks" \
            "$source_dir/packaging/winetricks/asyncsspi.verb" "$2/home/user" &&
        chown -R 1000:1000 "$2/home/user"
}
install_packages() { # ROOT PATTERN...
    local pattern files=()
    for pattern in "${@:2}"; do
        # shellcheck disable=SC2206 # a pattern
        files+=("$1"/tmp/$pattern)
    done
    apt "$1" install "${files[@]#"$1"}"
}

# In a new prefix, without any variable.
works() { # WHAT ROOT ARCH
    local what=$1 root=$2 arch=$3
    rm -rf "$root/home/user/.wine"
    check "$what: a new prefix" new_prefix "$root"
    check "$what: asyncsspi-setup install" as_user "$root" asyncsspi-setup install
    check "$what: status" as_user "$root" asyncsspi-setup status
    check "$what: a program gets ours" says '[Ss]ecur32\.dll.*: native' as_user "$root" env \
        WINEDEBUG=+loaddll wine "$arch/begin.exe"
    serve "$root"
    check "$what: a program shakes hands with OpenSSL" says 'TLSv1.3' as_user "$root" \
        wine "$arch/client.exe" localhost "$port" ca.pem
    check "$what: sspitls shakes hands with OpenSSL" says 'TLSv1.3' as_user "$root" \
        sspitls client "localhost:$port" --ca ca.pem --http /
    check "$what: sspitls refuses a stranger" not as_user "$root" sspitls client "localhost:$port" --http /
    kill "$server"
    check "$what: asyncsspi-setup uninstall" as_user "$root" asyncsspi-setup uninstall
    check "$what: gives the program Wine's own" says '[Ss]ecur32\.dll.*: builtin' as_user "$root" env \
        WINEDEBUG=+loaddll wine "$arch/begin.exe"
    check "$what: asyncsspi-setup install again" as_user "$root" asyncsspi-setup install
}

# Without the engine, and without anything: prefixes that have still ours are never without TLS.
end_use() { # WHAT ROOT ARCH THUNK...
    local what=$1 root=$2 arch=$3
    shift 3
    check "$what: dpkg -P of the engine" in_chroot "$root" dpkg -P --force-depends "$@"
    check "$what: programs get Wine's own without it" wines_own "$root" "$arch"
    check "$what: dpkg -P asyncsspi" in_chroot "$root" dpkg -P asyncsspi
    files_of "$root" >"$root.after"
    check "$what: leaves nothing" diff "$root.before" "$root.after"
    check "$what: programs get Wine's own then" wines_own "$root" "$arch"
    as_user "$root" wine wineboot -k >/dev/null 2>&1
}

# Without the question for Mono and Gecko, which wants a display.
new_prefix() { # ROOT
    as_user "$1" env WINEDLLOVERRIDES='mscoree,mshtml,winemenubuilder.exe=d' wine wineboot -i
}
says() { # PATTERN COMMAND...
    "${@:2}" 2>&1 | tr -d '\r' >"$work/said"
    cat "$work/said"
    grep -aq -e "$1" "$work/said"
}
# A Schannel that works, and one line that says it is Wine's.
wines_own() { # ROOT ARCH
    says '^Schannel: 00000000, .*handshake begun 00090312' \
        as_user "$1" wine "$2/begin.exe" && [ "$(grep -c ':err:schannel:.* TLS is that of Wine' "$work/said")" -eq 1 ]
}

# Sets `port`, of an OpenSSL that serves a page about the connection.
serve() { # ROOT
    as_user "$1" openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
        -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout key.pem -out ca.pem \
        >"$work/openssl.log" 2>&1
    as_user "$1" openssl s_server -accept 127.0.0.1:0 -www -cert ca.pem -key key.pem \
        >"$work/server.log" 2>&1 &
    server=$!
    until port=$(sed -n 's/^ACCEPT 127\.0\.0\.1://p' "$work/server.log") && [ -n "$port" ]; do
        kill -0 $server 2>/dev/null || {
            port=0
            return
        }
        sleep 0.1
    done
}
