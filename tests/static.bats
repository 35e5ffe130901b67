# SPDX-License-Identifier: GPL-2.0-only
#
# What can be found out without running anything.

load helpers
load sources

@test "W=1 and sparse find nothing, 6.1" {
	builds_cleanly 6.1
}

@test "W=1 and sparse find nothing in the KUnit suites, 6.1 with all detectors" {
	builds_cleanly debug
}

@test "builds without a warning, 6.12" {
	builds_cleanly 6.12
}

@test "builds without a warning, 6.12 with PREEMPT_RT" {
	builds_cleanly 6.12-rt
}

@test "builds without a warning, 7.3" {
	builds_cleanly 7.3
}

@test "builds without a warning, native" {
	builds_cleanly native
}

@test "builds without a warning, 6.1 for 32 bits" {
	builds_cleanly i386
}

# falls_through KERNEL: in the sample's get and put, what a miss calls lies behind the return, so
# that a hit jumps nowhere.
falls_through() {
	objdump -dr --no-show-raw-insn --disassemble=hello_once \
		"$(built "$1")/samples/hello/hello.ko" |
		awk '/__x86_return_thunk/ { exit } / R_.*kpool_.*_slow/ { print }' |
		none "in the way of a hit"
}

@test "clang builds without a warning, 6.12" {
	builds_cleanly 6.12-clang
	falls_through 6.12-clang
}

@test "clang builds without a warning, 7.3" {
	builds_cleanly 7.3-clang
	falls_through 7.3-clang
}

@test "checkpatch --strict" {
	sources '*.c' '*.h' "${programs[@]/#/:!}" | checkpatch ''
}

@test "checkpatch --strict, on programs" {
	sources "${programs[@]}" | checkpatch ,PREFER_DEFINED_ATTRIBUTE_MACRO
}

@test "shellcheck" {
	sources ':!*.md' ':!*.rst' ':!*.bats' | scripts | xargs shellcheck
}
