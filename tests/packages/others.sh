# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Packages for others, made with Debian's copies of their tools: RPMs and a package for Arch Linux. Sourced
# by run, behind debian.sh.

# A layer over the chroot in which Debian's packages are built, with the tools of others.
test_others() {
    local root=$work/others
    with_wine others bookworm || return
    layer others "$chroots/bookworm.build:$chroots/bookworm" "$chroots/bookworm.others" || return
    mkdir -p "$root/build" && mount -t tmpfs none "$root/build" || return
    unpack "$root" /build/tree
    apt "$root" update >"$work/others.log" 2>&1
    check "Build-Depends can be had" apt "$root" build-dep /build/tree/source
    check "the tools of others can be had" apt "$root" install rpm rpmlint makepkg \
        pacman-package-manager libarchive-tools zstd
    test_rpm "$root"
    test_arch "$root"
}

test_rpm() { # ROOT
    local top=/build/rpm
    mkdir -p "$1$top/SOURCES" && cp "$tarball" "$1$top/SOURCES" &&
        cp "$source_dir/packaging/asyncsspi.spec" "$1$top" && chown -R 1000:1000 "$1$top" || return
    # Fedora's directory, and what its rpm does behind %install: Debian's leaves the symbols where they are,
    # and its script that compresses manuals is one for bash.
    check "rpmbuild" as_user "$1" rpmbuild --nodeps -bb -D "_topdir $top" -D '_libdir /usr/lib64' \
        -D '__brp_strip find %{buildroot} -name "*.so" -exec strip {} +' \
        -D '__brp_compress bash %{_rpmconfigdir}/brp-compress' "$top/asyncsspi.spec"
    check "rpm: Fedora's directory of Wine" says '^/usr/lib64/wine/x86_64-unix/winegnutls.so$' as_user "$1" \
        sh -c 'rpm -qlp /build/rpm/RPMS/*/asyncsspi-thunk-*.rpm'
    check "rpm: nothing lies in two packages" not as_user "$1" sh -c \
        'rpm -qlp --qf "[%{FILEMODES:perms} %{FILENAMES}\n]" /build/rpm/RPMS/*/*.rpm | grep "^-" | sort | uniq -d | grep .'
    check "rpm: no file names the place where it was built" unpacked_without "$1" $top "$top/RPMS/*/*.rpm"
    check "rpmlint finds nothing" says ' 0 errors, 0 warnings' as_user "$1" sh -c \
        "rpmlint -c /build/tree/source/packaging/rpmlint.toml $top/asyncsspi.spec $top/RPMS/*/*.rpm"
    sed 's/^/    rpmlint: /' "$work/check.log"
}

test_arch() { # ROOT
    mkdir -p "$1/build/arch" && cp "$tarball" "$source_dir/packaging/PKGBUILD" "$1/build/arch" &&
        chown -R 1000:1000 "$1/build/arch" || return
    # Where Arch has Wine; the PKGBUILD does not look.
    check "makepkg" as_user "$1" env --chdir=/build/arch makepkg --nodeps
    check "arch: Arch's directory of Wine" says '^usr/lib/wine/x86_64-unix/winegnutls.so$' as_user "$1" \
        sh -c 'tar -tf /build/arch/asyncsspi-*.pkg.tar.*'
    check "arch: nothing outside of usr" not says '^\(etc\|opt\|var\|usr/local\)/' as_user "$1" \
        sh -c 'tar -tf /build/arch/asyncsspi-*.pkg.tar.*'
    check "arch: no file names the place where it was built" unpacked_without "$1" /build/arch \
        '/build/arch/asyncsspi-*.pkg.tar.*'
}

# makepkg's own record of the build is for who wants to repeat it.
unpacked_without() { # ROOT DIRECTORY PATTERN
    as_user "$1" sh -c "set -e; rm -rf unpacked; mkdir unpacked; for package in $3; do
        bsdtar -xf \$package -C unpacked --exclude .BUILDINFO
    done; ! grep -rl -e $2 unpacked"
}
