# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Functions for the files that use the netlink family. Load helpers first.

# Builds the programs in tests/netlink once a run. Prints the folder.
programs() {
	local folder=$TOP/build/netlink name
	if [ ! -e "$LOGS/netlink-programs" ]; then
		mkdir -p "$folder"
		for name in dump fuzz; do
			cc -O2 -D_GNU_SOURCE -Wall -Wextra -Werror -I "$TOP/uapi" -o "$folder/$name" \
				"$TOP/tests/netlink/$name.c" "$TOP/tests/netlink/nl.c" || return
		done
		touch "$LOGS/netlink-programs"
	fi
	echo "$folder"
}

# guest NAME [RUNNER OPTION]... -- SCRIPT ARGUMENT...: the first test that asks boots the guest.
# Later tests use NAME.out, NAME.console and the exit status.
guest() {
	local name=netlink-$1 base=$LOGS/netlink-$1 options=() status=0
	shift
	while [ "$1" != -- ]; do
		options+=("$1") && shift
	done
	if [ ! -e "$base.status" ]; then
		vm -l "$base.console" "${options[@]}" "$TOP/tests/vm/guest/$2" "${@:3}" \
			>"$base.out" 2>&1 || status=$?
		echo "$status" >"$base.status"
	fi
	kernel-log "$base.console"
	[ "$(cat "$base.status")" = 0 ] || { tail -n 30 "$base.out" && echo "log: $base.out" && return 1; }
}

# netlink_on KERNEL: each section of tests/vm/guest/netlink, in a guest of that kernel.
netlink_on() {
	local folder made sections script=$TOP/tests/vm/guest/netlink out=$LOGS/netlink-on-$1.out
	folder=$(built "$1")
	made=$(programs)
	guest "on-$1" -t 300 -k "$1" -- netlink "$folder" "$made" "$(kernel ynl)" \
		"$TOP/Documentation/netlink/specs/kpool.yaml"
	sections=$(grep -c '^def test_' "$script")
	[ "$(grep -c ': end$' "$out")" = "$sections" ] && [ "$sections" -gt 0 ]
	if grep -A 20 ': not ok' "$out"; then
		return 1
	fi
}
