# SPDX-License-Identifier: GPL-2.0-only
#
# The semantic patch on another driver of Debian's 6.1, and dm-crypt without the patch.

load ../helpers
load ../coccinelle

@test "dm-crypt as it was, with the same work; 6.1" {
	crypt_folder before
	crypt_builds before
	logged tools make -C "$TOP" tools
	crypt before
}

# smb_folder WHEN: the unchanged SMB server of 6.1, in the folders that its includes expect. The kernel's
# headers lack the compiler for ASN.1. The server does not run in a guest here: that of 6.1.192 crashes
# when a client opens a folder, before the patch and after it.
smb_folder() {
	local folder=$LOGS/smb-$1 source asn1
	source=$(kernel source-6.1)
	rm -rf "$folder"
	mkdir -p "$folder/fs/smb"
	cp "$source/fs/internal.h" "$folder/fs"
	cp -r "$source"/fs/smb/{server,common} "$folder/fs/smb"
	gcc -O1 -w -I"$source/include" -o "$folder/asn1" "$source/scripts/asn1_compiler.c"
	for asn1 in "$folder"/fs/smb/server/*.asn1; do
		"$folder/asn1" "$asn1" "$asn1.c" "$asn1.h"
	done
}

# smb_builds WHEN KPOOL: with the server's own Makefile.
smb_builds() {
	local release folder=$LOGS/smb-$1/fs/smb/server
	release=$(cat "$(kernel 6.1)/release")
	logged "smb-$1-build" make -C "$(realpath "$(kernel 6.1)/build")" M="$folder" \
		CONFIG_SMB_SERVER=m KCFLAGS="-I$2/include/kpool" \
		KBUILD_EXTRA_SYMBOLS="$2/lib/kpool/$release/Module.symvers" modules
	(grep -iE 'warning|error:' "$LOGS/smb-$1-build.log" || :) | none "not a clean build"
}

@test "ksmbd of 6.1: its caches become pools, in several files; both versions build" {
	local stage
	stage=$(built 6.1)/stage/usr/local
	smb_folder before
	smb_folder after
	cd "$LOGS/smb-after/fs/smb/server"
	# shellcheck disable=SC2046 # a word each
	port $(grep -lE 'mempool|kmem_cache|MODULE_LICENSE' ./*.[ch] mgmt/*.[ch]) |
		sed 's/:[0-9]*:/:/' | diff -u <(sed 1d "$TOP/tests/coccinelle/expected/ksmbd.said") -
	smb_builds before "$stage"
	smb_builds after "$stage"
}
