# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The tarball of binaries: made twice, installed by root where there is no compiler, and used without
# root with a Wine of the user's own; and the verb for winetricks. Sourced by run, behind debian.sh.

test_bindist() {
    local root=$work/bindist-build one=/build/one two=/build/an/other/place binaries suite
    with_wine bindist bookworm || return
    layer bindist-build "$chroots/bookworm" "$chroots/bookworm.build" || return
    mkdir -p "$root/build" && mount -t tmpfs none "$root/build" || return
    unpack "$root" $one && unpack "$root" $two || return
    apt "$root" update >"$work/bindist.log" 2>&1
    check "bindist: what it is built with can be had" apt "$root" build-dep "$one/source"
    check "make bindist" make_bindist "$root" $one
    check "make bindist elsewhere" make_bindist "$root" $two
    binaries=$(basename "$root$one"/source/build/asyncsspi-*-linux-*.tar.gz)
    check "bindist: both have the same bytes" cmp "$root$one/source/build/$binaries" "$root$two/source/build/$binaries"
    cp "$root$one/source/build/$binaries" "$work" || return
    # They are older than what they are used on.
    for suite in bookworm trixie; do
        with_wine "bindist on $suite" $suite && use_bindist "bindist on $suite" $suite
    done
}
make_bindist() { # ROOT DIRECTORY
    as_user "$1" env --chdir="$2/source" sh -c "mkdir build && cd build &&
        ../configure LDFLAGS='-s -Wl,--build-id=none' PE_LDFLAGS='-s -Wl,--no-insert-timestamp' &&
        make -j$(nproc) bindist"
}

use_bindist() { # WHAT CHROOT
    local root=$work/$2-binaries own=/home/user/${binaries%.tar.gz} wine_dir=/usr/lib/x86_64-linux-gnu/wine
    layer "$2-binaries" "$chroots/$2" || return
    files_of "$root" >"$work/before"
    check "$1: there is no compiler and no make" not in_chroot "$root" sh -c 'command -v gcc || command -v make'
    tar -xzf "$work/$binaries" -C "$root/home/user" && chown -R 1000:1000 "$root$own" || return
    check "$1: without root" not as_user "$root" "$own/install"
    files_of "$root" >"$work/after"
    check "$1: writes nothing" diff "$work/before" "$work/after"
    check "$1: install" in_chroot "$root" "$own/install"
    check "$1: install again" in_chroot "$root" "$own/install"
    check "$1: the engine is in Wine's directory" test -f "$root$wine_dir/x86_64-unix/winegnutls.so"
    rm -f "$root$wine_dir/x86_64-unix/winegnutls.so"
    echo 'somebody else' >"$root$wine_dir/x86_64-unix/winegnutls.so"
    check "$1: over somebody else's" not in_chroot "$root" "$own/install"
    rm -f "$root$wine_dir/x86_64-unix/winegnutls.so"
    check "$1: mended" in_chroot "$root" "$own/install"
    check "$1: a new prefix" new_prefix "$root"
    connects "$1" "$root" sspitls
    check "$1: install --uninstall" in_chroot "$root" "$own/install" --uninstall
    files_of "$root" | grep -v ' d $' >"$work/after"
    check "$1: leaves nothing" diff <(grep -v ' d $' "$work/before") "$work/after"

    check "$1: a Wine of the user's own, as Proton has it" make_runner "$root"
    connects "$1, a runner" "$root" "$own/bin/sspitls" --runner runner
    check "$1: winetricks' verb" verb "$root"
    as_user "$root" wine wineboot -k >/dev/null 2>&1
}

# asyncsspi-setup beside SSPITLS, with OPTIONS, and a handshake.
connects() { # WHAT ROOT SSPITLS [OPTION...]
    local what=$1 root=$2 tool=$3 setup=asyncsspi-setup wine=wine
    shift 3
    [ "${tool%/*}" = "$tool" ] || setup=${tool%/*}/asyncsspi-setup
    [ $# -eq 0 ] || wine=/home/user/runner/files/bin/wine64
    check "$what: asyncsspi-setup install" as_user "$root" "$setup" "$@" install
    check "$what: status" as_user "$root" "$setup" "$@" status
    serve "$root"
    check "$what: a handshake with OpenSSL" says 'TLSv1.3' as_user "$root" env WINE=$wine "$tool" client \
        "localhost:$port" --ca ca.pem --http /
    kill "$server"
    check "$what: asyncsspi-setup uninstall" as_user "$root" "$setup" "$@" uninstall
}

# Wine finds its modules from where its loader and its libraries are; the rest may be links.
make_runner() { # ROOT
    as_user "$1" sh -c 'cd && mkdir -p runner/files/bin runner/files/share \
        runner/files/lib/x86_64-linux-gnu && ln -s /usr/share/wine runner/files/share/wine &&
        cp -as /usr/lib/x86_64-linux-gnu/wine runner/files/lib/x86_64-linux-gnu/wine &&
        cp -as /usr/lib/wine runner/files/lib/wine && cd runner/files &&
        for file in lib/wine/wine64 lib/wine/wine lib/x86_64-linux-gnu/wine/x86_64-unix/*.so; do
            [ ! -L $file ] || cp --remove-destination "$(readlink -f $file)" $file || exit
        done && ln -s ../lib/wine/wine64 bin/wine64 && [ -x bin/wine64 ] &&
        WINEPREFIX=$HOME/.wine bin/wine64 --version'
}

# The verb, with functions of winetricks' names, as its first and as its second way.
verb() { # ROOT
    mkdir -p "$1/home/user/cache/asyncsspi" && cp "$work/$binaries" "$1/home/user/cache/asyncsspi" &&
        cp "$source_dir/packaging/winetricks/asyncsspi.verb" "$here/winetricks" "$1/home/user" &&
        chown -R 1000:1000 "$1/home/user/cache" &&
        as_user "$1" env WINE=/home/user/runner/files/bin/wine64 ./winetricks ./asyncsspi.verb
}
