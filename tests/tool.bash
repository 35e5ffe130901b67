# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of the kpool program share. TOP is set.

# refused STATUS TEXT COMMAND...: fails with this status, says this on stderr, nothing on stdout.
refused() {
	local wanted=$1 text=$2
	shift 2
	run --separate-stderr -"$wanted" "$@"
	[ -z "$output" ] || { echo "stdout: $output" && return 1; }
	# shellcheck disable=SC2154 # run sets it
	grep -F -- "$text" <<<"$stderr" || { echo "stderr: $stderr" && return 1; }
}

# completed WORD...: what is offered for the last one.
completed() {
	local COMP_WORDS=(kpool "$@") COMP_CWORD=$# COMPREPLY=()
	# shellcheck disable=SC1091
	. "$TOP/tools/kpool/completion.bash"
	_kpool
	echo "${COMPREPLY[*]}"
}
