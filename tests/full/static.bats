# SPDX-License-Identifier: GPL-2.0-only
#
# The tests of tests/static.bats and tests/bench.bats that need no guest, for 6.12. It lies between 6.1
# and 7.3, which every run builds for.

load ../helpers
load ../sources

@test "builds without a warning, 6.12" {
	builds_cleanly 6.12
}

@test "clang builds without a warning, 6.12" {
	builds_cleanly 6.12-clang
	falls_through 6.12-clang
}

@test "exports and imports are in the namespace KPOOL, 6.12" {
	in_namespace 6.12
}

@test "the hit path has no lock, no interrupt toggle and no call, 6.12" {
	local name
	for name in 6.12 6.12-clang; do
		hit-path "$(built "$name")/samples/hello/hello.ko" hello_once
	done
}
