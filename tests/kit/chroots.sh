# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Chroots of other distributions: whether this machine can have them, how one is made and filled, how a
# command runs in it. What cannot be had because of this machine or its network is a reason on stdout and
# exit status 77, as tests skip; the rest goes to the file `log`, which the sourcing script names.

# Fails, with the reason, where there can be no chroots.
chroots_possible() {
    [ "$(id -u)" -eq 0 ] || { echo "a chroot wants root" && return 77; }
    command -v debootstrap >/dev/null || { echo "no debootstrap here" && return 77; }
    unshare -mpf true 2>/dev/null || { echo "no mount and process namespaces here" && return 77; }
}

# Where apt gets Debian for this machine; nothing on a machine of another distribution.
debian_mirror() {
    sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\).*/\2/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
        2>/dev/null | grep debian | grep -v security | head -n 1
}

# Ubuntu's keys, which Debian has not, come in a package that is known by its checksum.
ubuntu_mirror=http://archive.ubuntu.com/ubuntu
ubuntu_keys=pool/main/u/ubuntu-keyring/ubuntu-keyring_2023.11.28.1_all.deb
ubuntu_keys_sha256=36de43b15853ccae0028e9a767613770c704833f82586f28eb262f0311adb8a8

bootstrap_debian() { # DISTRIBUTION ROOT
    local mirror
    mirror=$(debian_mirror)
    [ -n "$mirror" ] || { echo "apt of this machine has no mirror of Debian" && return 77; }
    debootstrap --variant=minbase "$1" "$2" "$mirror" >>"$log" 2>&1
}
bootstrap_ubuntu() { # DISTRIBUTION ROOT
    local keys=$2.keys
    mkdir -p "$keys" && curl -sS --fail -m 120 -o "$keys/deb" "$ubuntu_mirror/$ubuntu_keys" >>"$log" 2>&1 &&
        [ "$(sha256sum <"$keys/deb")" = "$ubuntu_keys_sha256  -" ] && dpkg -x "$keys/deb" "$keys" || {
        echo "Ubuntu's keys are not to be had: $(tail -n 1 "$log")"
        return 77
    }
    # All of Ubuntu's are one script; this name is in each version of debootstrap.
    debootstrap --variant=minbase --components=main,universe \
        --keyring="$keys/usr/share/keyrings/ubuntu-archive-keyring.gpg" \
        "$1" "$2" "$ubuntu_mirror" gutsy >>"$log" 2>&1
}

# One that stays: made when it is not there, and then filled by a command; what has not come to its end
# is made again.
kept_chroot() { # DISTRIBUTION ROOT COMMAND...
    [ -f "$2/complete" ] || { make_chroot "$1" "$2" && "${@:3}" && : >"$2/complete"; }
}

# A new one, with nothing that the distribution can do without.
make_chroot() { # DISTRIBUTION ROOT
    local how=bootstrap_debian why made=yes
    [ "$1" != noble ] || how=bootstrap_ubuntu
    rm -rf --one-file-system "$2"
    why=$($how "$1" "$2") || made=
    rm -rf "$2.keys"
    [ -n "$made" ] || {
        echo "${why:-debootstrap cannot make $1: $(tail -n 1 "$log")}"
        return 77
    }
    # A service is not to be started, and nothing here has to outlive a power cut.
    printf '#!/bin/sh\nexit 101\n' >"$2/usr/sbin/policy-rc.d" && chmod 755 "$2/usr/sbin/policy-rc.d" &&
        echo force-unsafe-io >"$2/etc/dpkg/dpkg.cfg.d/tests" &&
        echo '127.0.0.1 localhost' >"$2/etc/hosts"
}

# A command in it, with the environment of a login and nothing of ours.
in_chroot() { # ROOT [VARIABLE=VALUE...] COMMAND...
    chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "${@:2}" </dev/null
}

# For commands: what the kernel offers a system of its own. Gone with the namespace.
mount_chroot() { # ROOT, which is a mount itself: tests have namespaces of their own there
    { mountpoint -q "$1" || mount --bind "$1" "$1"; } && mount -t proc proc "$1/proc" &&
        mount --rbind /dev "$1/dev" && mount -t tmpfs none "$1/tmp" && mount -t tmpfs none "$1/run"
}

# Installs packages, from where its distribution has them. Status 77 when they cannot be fetched.
apt_install() { # ROOT PACKAGE...
    local root=$1 apt=(in_chroot "$1" apt-get -y --no-install-recommends)
    shift
    "${apt[@]}" -o APT::Update::Error-Mode=any update >>"$log" 2>&1 &&
        { "${apt[@]}" install --download-only "$@" >>"$log" 2>&1 ||
            ! tail "$log" | grep -q 'Failed to fetch'; } || {
        echo "no packages: $(tail -n 1 "$log")"
        return 77
    }
    "${apt[@]}" install "$@" >>"$log" 2>&1 && in_chroot "$root" apt-get clean
}
