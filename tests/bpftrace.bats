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

@test "a field of a pool, at the place that the BTF of the loaded kpool.ko names" {
	said name.bt '^crowd-limits takes$'
}

# with_btf [ARGUMENT]...: add-btf, on a copy of kpool.ko without BTF.
with_btf() {
	local folder
	folder=$(built 6.1)
	cp "$folder/.pahole" "$BATS_TEST_TMPDIR"
	objcopy -R .BTF "$folder/kpool.ko" "$BATS_TEST_TMPDIR/kpool.ko"
	run "$TOP/tools/add-btf" "$BATS_TEST_TMPDIR" "$@"
}

# has_btf FILE: is the struct of a pool in its BTF?
has_btf() {
	bpftool -B "$(kernel btf-6.1)/vmlinux" btf dump file "$1" | grep "STRUCT 'kp_pool' "
}

@test "kpool.ko has BTF, also when it is installed and stripped" {
	local folder installed
	folder=$(built 6.1)
	has_btf "$folder/kpool.ko"
	installed=$(find "$folder/stage/lib/modules" -name kpool.ko)
	has_btf "$installed"
	strip --strip-debug -o "$BATS_TEST_TMPDIR/stripped.ko" "$installed"
	has_btf "$BATS_TEST_TMPDIR/stripped.ko"
}

@test "BTF is added once, and again when kpool.ko is new" {
	local base
	base=$(kernel btf-6.1)/vmlinux
	with_btf 6.1 "$base"
	[ "$status" = 0 ] && [ "$output" = '' ]
	has_btf "$BATS_TEST_TMPDIR/kpool.ko"
	touch -d yesterday "$BATS_TEST_TMPDIR/kpool.ko"
	"$TOP/tools/add-btf" "$BATS_TEST_TMPDIR" 6.1 "$base"
	[ "$BATS_TEST_TMPDIR/kpool.ko" -ot "$BATS_TEST_TMPDIR/.btf" ]
	[ "$(find "$BATS_TEST_TMPDIR/kpool.ko" -mmin +60)" ]
	with_btf 6.1 "$base"
	has_btf "$BATS_TEST_TMPDIR/kpool.ko"
}

@test "without BTF of the kernel kpool.ko has none, and make says so" {
	with_btf 6.0-other
	[ "$status" = 0 ]
	[ "$output" = "kpool.ko has no BTF: this machine does not run 6.0-other, and BTF_BASE= names no BTF of it" ]
}

@test "a BTF_BASE that is of no use is an error" {
	with_btf 6.1 "$BATS_TEST_TMPDIR/none"
	[ "$status" = 1 ]
	[ "$output" = "kpool.ko has no BTF: cannot read $BATS_TEST_TMPDIR/none" ]
	with_btf 6.1 "$TOP/README.md"
	[ "$status" = 1 ]
	[[ $output = "kpool.ko has no BTF: pahole "*"$TOP/README.md"* ]]
	run has_btf "$BATS_TEST_TMPDIR/kpool.ko"
	[ "$status" != 0 ]
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
