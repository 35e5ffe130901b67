# SPDX-License-Identifier: GPL-2.0-only
#
# The budgets of tests/bench.bats on newer kernels.

load ../helpers

@test "instructions a get and put are within the budgets, 6.12" {
	logged bench-6.12 "$TOP/tests/bench/run" -k 6.12 --check
}

@test "instructions a get and put are within the budgets, 7.3" {
	logged bench-7.3 "$TOP/tests/bench/run" -k 7.3 --check
}

@test "instructions a get and put of a sized buffer are within the budget at any size, 6.12 and 7.3" {
	logged bench-sized-6.12 "$TOP/tests/bench/run" -k 6.12 --sized --check
	logged bench-sized-7.3 "$TOP/tests/bench/run" -k 7.3 --sized --check
}
