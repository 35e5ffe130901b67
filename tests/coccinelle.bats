# SPDX-License-Identifier: GPL-2.0-only
#
# The semantic patch of tools/coccinelle: each rule on a small file of tests/coccinelle, then a whole
# driver of Debian's 6.1 that nobody here wrote. This is built and used. tests/full/coccinelle.bats has
# another driver, and the first one without the patch.

load helpers
load coccinelle

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

@test "dm-crypt of 6.1: two of its mempools become pools, and one stays; what comes out builds" {
	crypt_folder after
	port "$LOGS/crypt-after/dm-crypt.c" | sed 's/:[0-9]*:/:/' |
		diff -u <(sed 1d "$TOP/tests/coccinelle/expected/dm-crypt.said") -
	crypt_builds after
}

@test "dm-crypt with kpool: cryptsetup, fio, and memory that runs out; 6.1" {
	logged tools make -C "$TOP" tools
	crypt after "$(built 6.1)/kpool.ko"
}
