# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's 6.1 kernel for arm64: what the compiler makes of the sources, and what a get and a put
# cost there.

load helpers
load sources

@test "builds without a warning, arm64" {
	builds_cleanly arm64
}

# Not the sample `hello`: gcc takes a function that only the module's init calls for cold. It
# leaves the kernel's function that reads the CPU's offset as a call there.
@test "the hit path has no atomic, no barrier, no interrupt mask and no call, arm64" {
	local folder
	folder=$(built arm64)
	hit-path "$folder/tests/bench/kpool_bench.ko" run_kpool
	hit-path "$folder/tests/bench/kpool_bench.ko" run_sized
}

@test "instructions a get and put are within the budgets, arm64" {
	logged bench-arm64 "$TOP/tests/bench/run" -k arm64 --check
}
