# SPDX-License-Identifier: GPL-2.0-only
#
# The tap sample. It prints the packets lost under a flood, and the time that sending took.

load helpers

@test "every packet, or how many were lost, on 6.1" {
	tap 6.1
}

@test "every packet of the loopback device, or how many were lost, native" {
	tap native lo
}
