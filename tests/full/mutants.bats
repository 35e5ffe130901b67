# SPDX-License-Identifier: GPL-2.0-only
#
# Each mutant in tests/kunit/mutants breaks a line of the module. Some KUnit case has to notice.

load ../helpers

@test "the KUnit suites notice each mutant of the module" {
	mutate
}
