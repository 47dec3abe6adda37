# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Layers over chroots. A chroot is made once and never written to again; whoever wants to change it puts
# a layer on top, which stays (what a build needs) or goes. Sourced; `chroots` is the directory of all,
# `work` that of this run.

as_user() { # ROOT COMMAND...
    chroot --userspec=1000:1000 --groups=1000 "$1" env -i --chdir=/home/user \
        PATH=/usr/local/bin:/usr/bin:/bin HOME=/home/user USER=user LANG=C.UTF-8 "${@:2}" </dev/null
}
apt() { in_chroot "$1" apt-get -y --no-install-recommends "${@:2}"; } # ROOT COMMAND...

# What every test starts from: Wine and nothing else, and an ordinary user. Skips TEST where it cannot be had.
with_wine() { # TEST DISTRIBUTION
    local log=$chroots/$2.log why
    [ -f "$chroots/$2/complete" ] || : >"$log"
    why=$(kept_chroot "$2" "$chroots/$2" add_wine "$chroots/$2")
    case $? in
    0) return ;;
    77) skip "$1: $why" ;;
    *) check "$1: a chroot with Wine" not cat "$log" ;;
    esac
    return 1
}
add_wine() { # ROOT
    in_chroot "$1" useradd -m -u 1000 -s /bin/bash user >>"$log" 2>&1 &&
        apt_install "$1" wine wine64 openssl
}

# Mounts ROOT with a layer on top at $work/NAME. The layer is a directory that stays, or goes.
layer() { # NAME ROOT[:ROOT...] [DIRECTORY]
    local root=$work/$1 upper=${3:-$work/$1.upper}
    mkdir -p "$root" "$upper" "$upper.work" &&
        mount -t overlay -o "lowerdir=$2,upperdir=$upper,workdir=$upper.work" none "$root" &&
        mount_chroot "$root"
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
