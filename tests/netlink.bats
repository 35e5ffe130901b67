# SPDX-License-Identifier: GPL-2.0-only
#
# The netlink family, seen from outside of the module.

load helpers

@test "what is generated of the netlink spec is as checked in" {
	netlink-gen "$BATS_TEST_TMPDIR"
	for file in uapi/linux/kpool.h module/netlink-gen.h module/netlink-gen.c; do
		diff "$TOP/$file" "$BATS_TEST_TMPDIR/$file"
	done
}
