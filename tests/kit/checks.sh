# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What bash scripts that test by commands have in common; they set `work`, a directory of their own,
# before the first check. Sourced.

passed=0 failed=0 skipped=0

# Counts whether a command succeeds. What it said is in $work/check.log, and is shown when it fails.
check() { # WHAT COMMAND...
    local what=$1
    shift
    if "$@" >"$work/check.log" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $what"
        tail -n 20 "$work/check.log" | sed 's/^/    /'
    fi
}
not() { ! "$@"; }

skip() { # WHY
    skipped=$((skipped + 1))
    echo "skipped: $1"
}

# The last line of every test; the exit status goes with it.
summary() {
    echo "$passed passed, $failed failed, $skipped skipped"
    [ "$failed" -eq 0 ]
}

# Runs a script that ends like that, shows what has failed and counts its checks among ours.
script() { # LOG COMMAND...
    local log=$1 numbers
    shift
    "$@" >"$log" 2>&1
    grep '^FAILED: \|^skipped: \|^    ' "$log"
    read -r -a numbers < <(sed -n '$s/ passed, \| failed, \| skipped$/ /gp' "$log")
    passed=$((passed + ${numbers[0]:-0})) failed=$((failed + ${numbers[1]:-1}))
    skipped=$((skipped + ${numbers[2]:-0}))
}
