# SPDX-License-Identifier: GPL-2.0-only
#
# The semantic patch of tools/coccinelle: each rule on a small file of tests/coccinelle, then whole
# drivers of Debian's 6.1 that nobody here wrote. These are built and used, before and after.

load helpers

cocci=$TOP/tools/coccinelle/kpool.cocci

# port FILE...: changes these files. Prints the messages, with the files' names alone.
port() {
	spatch --very-quiet --no-includes --include-headers --max-width 100 --sp-file "$cocci" \
		-D patch --in-place "$@" 2>&1 >"$BATS_TEST_TMPDIR/spatch" | sed "s|^[^ :]*/||"
}

# inputs: the small files, by name.
inputs() { (cd "$TOP/tests/coccinelle" && printf '%s\n' *.c); }

# ported FOLDER: changed copies of the small files, each with its messages next to it.
ported() {
	rm -rf "$1"
	mkdir -p "$1"
	inputs | while read -r file; do
		cp "$TOP/tests/coccinelle/$file" "$1"
		port "$1/$file" >"$1/${file%.c}.said"
	done
}

# builds FOLDER NAME KPOOL: the folder's modules, without a warning.
builds() {
	logged "$2" make -C "$(realpath "$(kernel 6.1)/build")" M="$1" KPOOL="$3" W=1 modules
	(grep -iE 'warning|error:' "$LOGS/$2.log" || :) | none "not a clean build"
}

@test "each small file becomes what it should, with these messages" {
	local folder=$BATS_TEST_TMPDIR/ported
	ported "$folder"
	inputs | while read -r file; do
		diff -u "$TOP/tests/coccinelle/expected/$file" "$folder/$file" || echo "$file differs"
		sed '1d' "$TOP/tests/coccinelle/expected/${file%.c}.said" |
			diff -u - "$folder/${file%.c}.said" || echo "the messages of $file differ"
	done | none "not as expected"
	[ "$(inputs | wc -l)" -ge 6 ]
}

@test "a file that was changed stays as it is, and so does one without pools" {
	local folder=$BATS_TEST_TMPDIR/again file
	ported "$folder"
	for file in mempool_member kmem_cache; do
		cp "$folder/$file.c" "$folder/$file.once"
		port "$folder/$file.c" | none "a message"
		cmp "$folder/$file.c" "$folder/$file.once"
	done
	cp "$TOP/samples/hello/hello.c" "$folder"
	port "$folder/hello.c" | none "a message"
	cmp "$folder/hello.c" "$TOP/samples/hello/hello.c"
}

@test "a pool that two files use: it changes with both, and stays with one" {
	local folder=$BATS_TEST_TMPDIR/two
	mkdir "$folder"
	printf '%s\n' '#include <linux/slab.h>' 'struct kmem_cache *shared;' \
		'int make(void) { shared = kmem_cache_create("shared", 8, 0, 0, NULL); return !shared; }' \
		>"$folder/one.c"
	printf '%s\n' '#include <linux/slab.h>' 'extern struct kmem_cache *shared;' \
		'void *take(void) { return kmem_cache_alloc(shared, GFP_KERNEL); }' >"$folder/other.c"
	cp -r "$folder" "$folder.alone"
	[ "$(port "$folder/one.c" "$folder/other.c")" = 'one.c:3: shared becomes a kpool' ]
	grep -F 'extern struct kpool *shared;' "$folder/other.c"
	grep -F 'kpool_get(shared, GFP_KERNEL)' "$folder/other.c"
	[ "$(port "$folder.alone/other.c")" = \
		'other.c:3: shared stays a kmem_cache: its creation is in none of the files' ]
	diff -r "$folder.alone/other.c" - <<-END
		$(printf '%s\n' '#include <linux/slab.h>' 'extern struct kmem_cache *shared;' \
			'void *take(void) { return kmem_cache_alloc(shared, GFP_KERNEL); }')
	END
}

@test "the small files build before and after, load and unload, 6.1" {
	local folder=$LOGS/coccinelle-small stage when log=$LOGS/coccinelle-small.console
	stage=$(built 6.1)/stage/usr/local
	ported "$folder/after"
	mkdir -p "$folder/before"
	cp "$TOP"/tests/coccinelle/*.c "$folder/before"
	for when in before after; do
		cp "$TOP/Documentation/examples/Kbuild" "$folder/$when"
		builds "$folder/$when" "coccinelle-small-$when" "$stage"
	done
	vm -l "$log" -t 300 -o "$(built 6.1)/kpool.ko" \
		"$TOP/tests/vm/guest/examples" "$folder/after"
	kernel-log "$log"
	(grep 'did not' "$log" || :) | none "a constructor did not run"
}

# crypt_folder WHEN: the unchanged dm-crypt of 6.1, and how to build it.
crypt_folder() {
	local folder=$LOGS/crypt-$1 source
	source=$(kernel source-6.1)
	rm -rf "$folder"
	mkdir -p "$folder"
	cp "$source"/drivers/md/{dm-crypt.c,dm-audit.h} "$folder"
	sed 's/^obj-m .*/obj-m := dm-crypt.o/; /^ifeq/,/^endif/d' \
		"$TOP/Documentation/examples/Kbuild" >"$folder/Kbuild"
}

@test "dm-crypt of 6.1: two of its mempools become pools, and one stays; both versions build" {
	local stage when
	stage=$(built 6.1)/stage/usr/local
	crypt_folder before
	crypt_folder after
	port "$LOGS/crypt-after/dm-crypt.c" | sed 's/:[0-9]*:/:/' |
		diff -u <(sed 1d "$TOP/tests/coccinelle/expected/dm-crypt.said") -
	for when in before after; do
		builds "$LOGS/crypt-$when" "crypt-$when-build" "$stage"
	done
	rm -rf "$LOGS/shortage"
	cp -r "$TOP/tests/shortage" "$LOGS"
	builds "$LOGS/shortage" shortage-build "$stage"
}

# crypt WHEN [MODULE OF KPOOL]: dm-crypt before or after in a guest.
crypt() {
	local log=$LOGS/crypt-$1.console
	logged "crypt-$1" vm -c 2 -m 640 -t 600 -l "$log" ${2:+-o "$2"} \
		env "PATH=$TOP/build/tools:$PATH" "$TOP/tests/vm/guest/crypt" \
		"$LOGS/crypt-$1/dm-crypt.ko" "$LOGS/shortage/kpool_shortage.ko"
	kernel-log "$log"
}

@test "dm-crypt with kpool: cryptsetup, fio, and memory that runs out; 6.1" {
	logged tools make -C "$TOP" tools
	crypt after "$(built 6.1)/kpool.ko"
}

@test "dm-crypt as it was, with the same work; 6.1" {
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
