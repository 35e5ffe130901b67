# SPDX-License-Identifier: GPL-2.0-only
#
# The descriptions for syzkaller. Its own compiler is not there: see tests/syzkaller/README.

load helpers

@test "the descriptions for syzkaller are those that the specification gives" {
	local file
	cp "$TOP/tests/syzkaller/kpool_mapped.txt" "$BATS_TEST_TMPDIR"
	syzkaller-gen "$BATS_TEST_TMPDIR"
	for file in kpool.txt kpool.txt.const kpool_mapped.txt.const; do
		diff "$TOP/tests/syzkaller/$file" "$BATS_TEST_TMPDIR/$file"
	done
}

@test "each request and attribute of the family is in its description" {
	local file=$TOP/tests/syzkaller/kpool.txt name
	grep -oE 'KPOOL_A_[A-Z0-9_]+' "$TOP/uapi/linux/kpool_netlink.h" | sort -u |
		grep -vE '_(MAX|LAST)$|__' | while read -r name; do
		grep -qE "nl(attr|nest)\[$name," "$file" || echo "$name"
	done | none "no attribute"
	# POOL_MAX is an attribute, and the name of no limit.
	grep -qF 'nlattr[KPOOL_A_POOL_MAX,' "$file"
	grep -oE 'KPOOL_CMD_[A-Z0-9_]+' "$TOP/uapi/linux/kpool_netlink.h" | grep -vE '_(MAX|NTF)$' |
		while read -r name; do
			grep -q "^sendmsg\$$name(" "$file" || echo "$name"
		done | none "no request"
}

@test "the description of mapped rings has each call of the device, and the places of the positions" {
	local file=$TOP/tests/syzkaller/kpool_mapped.txt name
	sed -nE 's/^#define (MAPPED_[A-Z_]+)\t.*/\1/p' "$TOP/tests/mapped/main.c" |
		while read -r name; do
			grep -q "^ioctl\$$name(fd fd_kpool_mapped, cmd const\[$name\]" "$file" || echo "$name"
		done | none "no call"
	diff <(sed -n '/^struct mapped_make {/,/^}/s/.* \(.*\);/\1/p' "$TOP/tests/mapped/main.c") \
		<(sed -n '/^mapped_make {/,/^}/s/^\t\([a-z_]*\)\t.*/\1/p' "$file")
	grep '^kpool_positions = 0, 8, 64, 128$' "$file"
	grep '^kpool_fields = 136, 140$' "$file"
	gcc -I"$TOP/uapi" -x c -fsyntax-only - <<-'END'
		#include <stddef.h>
		#include <linux/kpool_mapped.h>
		#define AT(field, place) _Static_assert(offsetof(struct kpool_ring_indices, field) == place, #field)
		AT(head, 0); AT(claim, 8); AT(tail, 64); AT(size, 128); AT(data, 136); AT(flags, 140);
	END
}
