# SPDX-License-Identifier: LGPL-2.1-or-later
#
# For tests in chroots; sourced.

# Where apt gets Debian for this machine; nothing on a machine of another distribution.
debian_mirror() {
    sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\).*/\2/p' \
        /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources \
        2>/dev/null | grep debian | grep -v security | head -n 1
}
