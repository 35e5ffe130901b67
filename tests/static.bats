# SPDX-License-Identifier: GPL-2.0-only
#
# What can be found out without running anything.

load helpers

# Our own files, checked in or about to be.
sources() {
	git -C "$TOP" ls-files --cached --others --exclude-standard -- "$@" |
		while read -r file; do
			[ ! -e "$TOP/$file" ] || echo "$TOP/$file"
		done
}

# A whole build in a folder of its own, which may not say a word of warning:
#   builds_cleanly NAME KERNEL TARGET [MAKE ARGUMENT]...
builds_cleanly() {
	local name=$1 kdir folder=$TOP/build/static-$1
	kdir=$(realpath "$(kernel "$2")/build")
	shift 2
	rm -rf "$folder"
	logged "static-$name" make -C "$TOP" -j "$(nproc)" KDIR="$kdir" BUILD="$folder" "$@"
	# The staged installation has no kernel for depmod to look at, and need not.
	! grep -v 'modules_install: missing .System.map' "$LOGS/static-$name.log" |
		grep -iE -A 5 'warning|error:'
}

@test "W=1 and sparse find nothing, 6.1" {
	builds_cleanly sparse 6.1 samples W=1 C=1 KPOOL_BENCH=1 KPOOL_STRESS=1 KPOOL_ABUSE=1 \
		KPOOL_CROWD=1 KPOOL_MAPPED=1
}

@test "W=1 and sparse find nothing in the KUnit suites, 6.1" {
	builds_cleanly sparse-kunit debug modules W=1 C=1 KPOOL_KUNIT=1
}

@test "builds without a warning, 6.12" {
	builds_cleanly 6.12 6.12 samples KPOOL_STRESS=1
}

@test "builds without a warning, 6.12 with PREEMPT_RT" {
	builds_cleanly 6.12-rt 6.12-rt samples KPOOL_STRESS=1
}

# checkpatch IGNORED <FILES: a module outside the kernel has no MAINTAINERS entry there; a
# macro's arguments that are types and names cannot stand in parentheses, nor have side effects.
checkpatch() {
	local source
	source=$(kernel source-6.1)
	# It leaves a file behind where it runs.
	cd "$BATS_TEST_TMPDIR"
	xargs perl "$source/scripts/checkpatch.pl" --strict --no-tree --terse --no-summary \
		--ignore "FILE_PATH_CHANGES,MACRO_ARG_PRECEDENCE,MACRO_ARG_REUSE$1" -f
}

@test "checkpatch --strict" {
	sources '*.c' '*.h' ':!tools' ':!tests/netlink' | checkpatch ''
}

# The kernel's macros for attributes are not there.
@test "checkpatch --strict, on programs" {
	sources tools/'*.c' tools/'*.h' tests/netlink/'*.c' |
		checkpatch ,PREFER_DEFINED_ATTRIBUTE_MACRO
}

@test "shellcheck" {
	sources ':!*.md' ':!*.rst' ':!*.bats' |
		xargs grep -lE '^#!.*sh$|^# shellcheck shell=' | xargs shellcheck
}
