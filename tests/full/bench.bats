# SPDX-License-Identifier: GPL-2.0-only
#
# The budgets on another kernel, whose costs are those of 7.3 but for buffers by size. What takes long.

load ../helpers

@test "instructions a get and put are within the budgets, 6.12" {
	logged bench-6.12 "$TOP/tests/bench/run" -k 6.12 --check
}

@test "instructions a get and put of a sized buffer are within the budget at any size, 6.12" {
	logged bench-sized-6.12 "$TOP/tests/bench/run" -k 6.12 --sized --check
}

# Two holds for each 75 objects, the usual magazine: one of the CPU that gets, one of the CPU that puts.
@test "lock holds of the depot do not grow with the number of CPUs, 2 to 8, on 6.1" {
	local log=$LOGS/bench-cpus.txt
	"$TOP/tests/bench/run" --cpus >"$log"
	cat "$log"
	awk '{ n++; bad = bad || $3 > 2000 / 75 * 1.03 } END { exit bad || n != 11 }' "$log"
}
