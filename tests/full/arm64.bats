# SPDX-License-Identifier: GPL-2.0-only
#
# Debian's 6.1 kernel for arm64, emulated.

load ../helpers

@test "stress of all CPUs, on arm64" {
	stress arm64 4
}

@test "instructions a get and put of a sized buffer are within the budget at any size, arm64" {
	logged bench-sized-arm64 "$TOP/tests/bench/run" -k arm64 --sized --check
}
