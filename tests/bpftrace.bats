# SPDX-License-Identifier: GPL-2.0-only
#
# The bpftrace scripts, with the bpftrace of Debian and a stock kernel.

load helpers

setup_file() {
	local folder
	make -C "$TOP" tools >"$LOGS/tools.log" 2>&1
	folder=$(built 6.1)
	logged bpftrace vm -t 400 -l "$LOGS/bpftrace.console" \
		-o "$folder/kpool.ko" -o "$folder/tests/crowd/kpool_crowd.ko limits=1 pools=0" \
		env "PATH=$TOP/build/tools:$PATH" "$TOP/tests/vm/guest/bpftrace" \
		"$TOP/tools/bpftrace"
}

# said SCRIPT REGEX: the script has printed such a line.
said() {
	sed -n "/^== $1/,/^== /p" "$LOGS/bpftrace.log" | grep -E "$2"
}

@test "kpool-waits: who waited, how long" {
	said kpool-waits.bt '^@longest_us\[crowd-limits, kworker/[^,]*, [0-9]+\]: [0-9]+$'
	said kpool-waits.bt '^@wait_us\[crowd-limits\]:'
}

# sum SCRIPT KEY: the sum of the script's numbers with this key. It prints them every five seconds.
sum() {
	said "$1" "^$2: [0-9]+$" | awk '{ n += $NF } END { print n }'
}

@test "kpool-misses: what was built and torn down, and why" {
	[ "$(sum kpool-misses.bt '@misses\[crowd-limits\]')" = 8 ]
	[ "$(sum kpool-misses.bt '@built\[crowd-limits, 0\]')" = 8 ]
	# Two were idle before.
	[ "$(sum kpool-misses.bt '@torn_down\[crowd-limits, over_max_idle\]')" = 10 ]
}

@test "kpool-growth: the code that makes a pool build" {
	said kpool-growth.bt '^ *want\+[0-9]+$'
	said kpool-growth.bt '\]: 8$'
}

@test "the kernel did not complain" {
	kernel-log "$LOGS/bpftrace.console"
}
