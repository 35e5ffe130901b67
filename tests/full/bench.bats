# SPDX-License-Identifier: GPL-2.0-only
#
# The budgets on another kernel, whose costs are those of 7.3 but for buffers by size.

load ../helpers

@test "instructions a get and put are within the budgets, 6.12" {
	logged bench-6.12 "$TOP/tests/bench/run" -k 6.12 --check
}

@test "instructions a get and put of a sized buffer are within the budget at any size, 6.12" {
	logged bench-sized-6.12 "$TOP/tests/bench/run" -k 6.12 --sized --check
}
