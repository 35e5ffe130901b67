# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Functions that the bats files share. TOP and LOGS come from tests/run. A bats file that is run by
# hand finds its own.

TOP=${TOP:-$(git -C "$BATS_TEST_DIRNAME" rev-parse --show-toplevel)}
LOGS=${LOGS:-$BATS_RUN_TMPDIR}
SCALE=${SCALE:-short}
export LOGS SCALE
PATH="$TOP/tests/tools:$PATH"

reference() { "$TOP/tools/reference" "$@"; }

# A function called `run` would hide bats' own one.
vm() { "$TOP/tests/vm/run" "$@"; }

kernel() { "$TOP/tests/vm/kernel" "$@"; }

# by_scale SHORT FULL: one of the two, as SCALE says.
by_scale() {
	case $SCALE in
	full) echo "$2" ;;
	*) echo "$1" ;;
	esac
}

# logged NAME COMMAND...: the output goes to a log. If the command fails, shows the end of the log.
logged() {
	local log=$LOGS/$1.log
	shift
	"$@" >"$log" 2>&1 || { tail -n 80 "$log" && echo "log: $log" && return 1; }
}

# built KERNEL: builds all parts that the tests want for a kernel, once a run. Prints the folder.
built() { build "$1"; }

# none WHAT: fails and shows the lines on stdin, if there are any.
none() {
	local lines
	lines=$(cat)
	[ -z "$lines" ] || { echo "$1:" && echo "$lines" && return 1; }
}

# stress KERNEL CPUS [WORDS for its command line]: loads, stresses and unloads. The module itself
# checks its figures. If a check fails, it fails to load.
stress() {
	local folder log=$LOGS/stress-$1.console ops
	folder=$(built "$1")
	case $1 in
	native | native-rt | kcsan) ops=$(by_scale 4000 200000) ;;
	arm64) ops=$(by_scale 5000 50000) ;;
	*) ops=$(by_scale 20000 1000000) ;;
	esac
	vm -k "$1" -c "$2" -a "${3:-}" -t "$(by_scale 180 7200)" -l "$log" \
		"$TOP/tests/vm/guest/stress" "$folder" ops="$ops"
	case $1 in
	kcsan) race-log "$log" ;;
	*) kernel-log "$log" ;;
	esac
}

# mapped KERNEL: rings of the module tests/mapped in processes.
mapped() {
	local folder log=$LOGS/mapped-$1.console
	folder=$(built "$1")
	gcc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -I"$TOP/uapi" -pthread \
		-o "$LOGS/race-$1" "$TOP/tests/mapped/race.c"
	logged "mapped-$1" vm -k "$1" -c 2 -t 600 -l "$log" -o "$folder/kpool.ko" \
		-o "$folder/tests/mapped/kpool_mapped.ko" "$TOP/tests/vm/guest/mapped" "$LOGS/race-$1"
	kernel-log "$log"
}

# tap KERNEL [lo]: the tap sample.
tap() {
	local folder log=$LOGS/tap-$1.console
	folder=$(built "$1")
	logged "tap-$1" vm -k "$1" -c 2 -t "$(by_scale 600 3600)" -l "$log" -o "$folder/kpool.ko" \
		"$TOP/tests/vm/guest/tap" "$folder/samples/tap/kpool-tap.ko" "${@:2}"
	kernel-log "$log"
}

# http SCRIPT KERNEL SECONDS [ARGUMENT]...: a script of tests/vm/guest with the sample.
http() {
	local folder log=$LOGS/http-$1-$2.console
	folder=$(built "$2")
	logged "http-$1-$2" vm -k "$2" -c 2 -t "$3" -l "$log" -o "$folder/kpool.ko" \
		-o "$folder/samples/connpool/connpool.ko" \
		"$TOP/tests/vm/guest/$1" "$folder/samples/httpd/httpd.ko" "${@:4}"
	kernel-log "$log"
}
