# SPDX-License-Identifier: GPL-2.0-only
#
# All CPUs at once on pools, sets and rings, on kernels as Debian ships them, and with detectors.

load helpers

@test "stress of all CPUs, on 6.1" {
	stress 6.1 4
}

@test "stress of all CPUs, on 6.1 for 32 bits" {
	stress i386 4
}

@test "stress of all CPUs, on 6.12 with PREEMPT_RT" {
	stress 6.12-rt 4
}

# A pool leaves no room for CPUs that never come.
@test "stress of all CPUs, on 7.3, with room for 128" {
	stress 7.3 4 possible_cpus=128
}

@test "stress of all CPUs, native" {
	stress native 2
}

@test "stress of all CPUs, KCSAN" {
	stress kcsan 2 kcsan.skip_watch=400
}
