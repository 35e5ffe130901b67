# SPDX-License-Identifier: GPL-2.0-only
#
# Tests that run no code of kpool.

load helpers
load sources

@test "W=1 and sparse find nothing, 6.1" {
	builds_cleanly 6.1
}

@test "W=1 and sparse find nothing in the KUnit suites, 6.1 with all detectors" {
	builds_cleanly debug
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

@test "clang builds without a warning, 7.3" {
	builds_cleanly 7.3-clang
	falls_through 7.3-clang
}

@test "exports and imports are in the namespace KPOOL, 6.1 and 7.3" {
	in_namespace 6.1
	in_namespace 7.3
}

@test "each mutant of the module changes a line" {
	mutate -c
}

@test "no file calls or includes one of a higher layer, and no files call each other in a circle" {
	layers "$(built 6.1)/module"
}

# made RELEASE...: the output of make for headers of such a kernel, which build nothing.
made() {
	local kdir=$BATS_TEST_TMPDIR/kdir
	mkdir -p "$kdir/include/generated"
	echo "#define UTS_RELEASE \"$1\"" >"$kdir/include/generated/utsrelease.h"
	printf 'modules:\n\t@echo built\n' >"$kdir/Makefile"
	make -C "$TOP" --no-print-directory KDIR="$kdir" BUILD="$BATS_TEST_TMPDIR/$1" modules 2>&1
}

@test "make refuses kernels that are too old, and says which no test has seen" {
	local release
	for release in 4.19.0-27-amd64 5.15.0 6.0.19; do
		run made "$release"
		[ "$status" = 2 ]
		[[ $output == *"kpool needs Linux 6.1 or newer, KDIR is $release."* ]]
		[[ $output != *built* ]]
	done
	for release in 6.1.0-56-amd64 6.10.3 6.18.2+deb14-amd64 7.0.0 7.3.4+deb13-amd64; do
		run made "$release"
		[ "$status" = 0 ]
		[[ $output == *built ]]
		[[ $output != *kpool\ * ]]
	done
	for release in 7.4.0-rc1 7.10.0 10.0.0; do
		run made "$release"
		[ "$status" = 0 ]
		[[ $output == "kpool is not tested on Linux $release yet; the newest tested is 7.3"*built ]]
	done
}

@test "make says where there are no kernel headers" {
	mkdir -p "$BATS_TEST_TMPDIR/source"
	echo 'modules:' >"$BATS_TEST_TMPDIR/source/Makefile"
	local kdir
	for kdir in "$BATS_TEST_TMPDIR/none" "$BATS_TEST_TMPDIR/source" ''; do
		run make -C "$TOP" KDIR="$kdir" modules
		[ "$status" = 2 ]
		[[ $output == *"no kernel headers in KDIR='$kdir': tests/tools/setup installs them."* ]]
	done
}

# Headers of trace events have a form of their own, which checkpatch does not know.
events=(module/base/trace.h)

# The files of tests/coccinelle are written as others write, and changed by a program.
@test "checkpatch --strict" {
	sources '*.c' '*.h' ':!tests/coccinelle' "${programs[@]/#/:!}" "${events[@]/#/:!}" |
		checkpatch ''
}

@test "checkpatch --strict, on trace events" {
	sources "${events[@]}" |
		checkpatch ,COMPLEX_MACRO,PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE
}

@test "checkpatch --strict, on programs" {
	sources "${programs[@]}" | checkpatch ,PREFER_DEFINED_ATTRIBUTE_MACRO
}

@test "shellcheck" {
	sources ':!*.md' ':!*.rst' ':!*.bats' | scripts | xargs shellcheck
}
