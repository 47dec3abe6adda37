# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Chroots of the tests of packages, and layers over them. A chroot is made once and never written to
# again; whoever wants to change it puts a layer on top, which stays (what a build needs) or goes.
# Sourced; `chroots` is the directory of all, `work` that of this run.

# A command in a chroot, with the environment of a login and nothing of ours.
inside() { # ROOT COMMAND...
    chroot "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "${@:2}" </dev/null
}
as_user() { # ROOT COMMAND...
    chroot --userspec=1000:1000 --groups=1000 "$1" env -i --chdir=/home/user \
        PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/user USER=user LANG=C.UTF-8 "${@:2}" </dev/null
}
apt() { inside "$1" apt-get -y --no-install-recommends "${@:2}"; } # ROOT COMMAND...

# A Debian with nothing but the named packages, and an ordinary user. Fails when it cannot be had.
make_chroot() { # NAME SUITE ARCHITECTURE PACKAGE...
    local root=$chroots/$1 name=$1 suite=$2 arch=$3 from
    shift 3
    [ ! -f "$root/complete" ] || return 0
    from=$(debian_mirror)
    [ -n "$from" ] || {
        echo "apt of this machine has no mirror of Debian"
        return 1
    }
    rm -rf --one-file-system "$root"
    debootstrap --variant=minbase --arch="$arch" "$suite" "$root" "$from" >"$chroots/$name.log" 2>&1 &&
        # A service is not to be started, and nothing here has to outlive a power cut.
        printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d" &&
        chmod 755 "$root/usr/sbin/policy-rc.d" &&
        echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/tests" &&
        echo '127.0.0.1 localhost' >"$root/etc/hosts" &&
        inside "$root" useradd -m -u 1000 -s /bin/bash user >>"$chroots/$name.log" 2>&1 &&
        { [ $# -eq 0 ] || apt "$root" install "$@" >>"$chroots/$name.log" 2>&1; } &&
        : >"$root/complete" && return
    echo "debootstrap cannot make $suite: $(tail -n 1 "$chroots/$name.log")"
    return 1
}

# Mounts ROOT with a layer on top at $work/NAME. The layer is a directory that stays, or goes.
layer() { # NAME ROOT[:ROOT...] [DIRECTORY]
    local root=$work/$1 upper=${3:-$work/$1.upper}
    mkdir -p "$root" "$upper" "$upper.work" &&
        mount -t overlay -o "lowerdir=$2,upperdir=$upper,workdir=$upper.work" none "$root" &&
        mount -t proc none "$root/proc" && mount --rbind /dev "$root/dev" &&
        mount -t tmpfs none "$root/tmp" && mount -t tmpfs none "$root/run"
}
leave_layers() {
    local root
    for root in $(sed -n "s|^[^ ]* \($work/[^/ ]*\) overlay .*|\1|p" /proc/mounts); do
        umount -R -l "$root"
    done
}

# Every file of a chroot, without what dpkg and apt keep for themselves.
files_of() { # ROOT
    (cd -- "$1" && find . -xdev \( -path ./var/lib/dpkg -o -path ./var/lib/apt -o -path ./var/cache \
        -o -path ./var/log -o -path ./home -o -path ./root -o -path ./tmp \) -prune \
        -o -printf '%p %y %l\n' | sort)
}
