# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Functions for the tests of the kpool program. TOP is set.

# refused STATUS TEXT COMMAND...: fails with this status, has this text on stderr, prints nothing.
refused() {
	local wanted=$1 text=$2
	shift 2
	run --separate-stderr -"$wanted" "$@"
	[ -z "$output" ] || { echo "stdout: $output" && return 1; }
	# shellcheck disable=SC2154 # run sets it
	grep -F -- "$text" <<<"$stderr" || { echo "stderr: $stderr" && return 1; }
}

# completed WORD...: the completions that are offered for the last word.
completed() {
	local COMP_WORDS=(kpool "$@") COMP_CWORD=$# COMPREPLY=()
	# shellcheck disable=SC1091
	. "$TOP/tools/kpool/completion.bash"
	_kpool
	echo "${COMPREPLY[*]}"
}
