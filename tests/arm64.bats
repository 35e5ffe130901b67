# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's 6.1 kernel for arm64: the code that the compiler makes, and the cost of a get and a put.

load helpers
load sources

@test "builds without a warning, arm64" {
	builds_cleanly arm64
}

# The sample `hello` does not serve: only the module's init calls its function, so gcc takes the
# function for cold. There gcc calls the kernel's function that reads the CPU's offset.
@test "the hit path has no atomic, no barrier, no interrupt mask and no call, arm64" {
	local folder
	folder=$(built arm64)
	hit-path "$folder/tests/bench/kpool_bench.ko" pair_kpool
	hit-path "$folder/tests/bench/kpool_bench.ko" size_sized
}

@test "instructions a get and put are within the budgets, arm64" {
	logged bench-arm64 "$TOP/tests/bench/run" -k arm64 --check
}
