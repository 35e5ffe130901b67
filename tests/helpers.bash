# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the bats files share. TOP and LOGS come from tests/run; a bats file that is run by hand
# finds its own.

TOP=${TOP:-$(realpath "$BATS_TEST_DIRNAME/..")}
LOGS=${LOGS:-$BATS_RUN_TMPDIR}
SCALE=${SCALE:-short}
export SCALE
PATH="$TOP/tests/tools:$PATH"

# `run` is bats' own word.
vm() { "$TOP/tests/vm/run" "$@"; }

kernel() { "$TOP/tests/vm/kernel" "$@"; }

# by_scale SHORT FULL: a figure that follows SCALE.
by_scale() {
	case $SCALE in
	full) echo "$2" ;;
	*) echo "$1" ;;
	esac
}

# logged NAME COMMAND...: with its output in a log; the end of it is shown if it fails.
logged() {
	local log=$LOGS/$1.log
	shift
	"$@" >"$log" 2>&1 || { tail -n 80 "$log" && echo "log: $log" && return 1; }
}

# built KERNEL [MAKE ARGUMENT]...: builds the modules for a kernel, once a run, and prints the
# folder.
built() {
	local name=build-${*//[^a-zA-Z0-9.]/-}
	name=$LOGS/${name// /-}
	if [ ! -e "$name.folder" ]; then
		build "$@" 2>"$name.log" >"$name.folder.new" || { tail -n 30 "$name.log" >&2 && return 1; }
		mv "$name.folder.new" "$name.folder"
	fi
	cat "$name.folder"
}

# none WHAT: fails and shows the lines on stdin, if there are any.
none() {
	local lines
	lines=$(cat)
	[ -z "$lines" ] || { echo "$1:" && echo "$lines" && return 1; }
}
