# SPDX-License-Identifier: GPL-2.0-only
#
# Rings in the address space of programs that fork, write nonsense, and go on after the ring's end.

load helpers

@test "rings mapped into processes, native" {
	mapped native
}
