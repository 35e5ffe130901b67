# SPDX-License-Identifier: GPL-2.0-only
#
# The KUnit suites on the debug kernel: one guest as it is, one with bypass=1. What each suite
# has to say is checked by tests that tests/run makes of tests/kunit/suites.

load kunit

@test "plain: the guest runs to its end" {
	guest_ended_well plain
}

@test "plain: no complaint in the kernel log" {
	no_complaint plain
}

@test "plain: kmemleak finds nothing, loaded and unloaded" {
	no_leak plain
}

@test "plain: only suites that are listed" {
	only_listed_suites plain
}

@test "plain: kunit.py finds no failure" {
	kunit_py_agrees plain
}

@test "bypass: the guest runs to its end" {
	guest_ended_well bypass
}

@test "bypass: no complaint in the kernel log" {
	no_complaint bypass
}

@test "bypass: kmemleak finds nothing, loaded and unloaded" {
	no_leak bypass
}
