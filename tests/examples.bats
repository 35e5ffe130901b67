# SPDX-License-Identifier: GPL-2.0-only
#
# The modules that the pages show: Documentation/examples. A reader who copies one has code that
# builds and loads.

load helpers
load pages

# example_files: their names from Documentation/examples.
example_files() { (cd "$TOP/Documentation/examples" && find . -name '*.c' -printf '%P\n' | sort); }

# builds_examples FOLDER: a copy of the folder builds as a reader's module would, against a staged
# installation, without a warning.
builds_examples() {
	local folder=$LOGS/examples-$1 build
	build=$(built 6.1)
	rm -rf "$folder"
	cp -r "$TOP/Documentation/examples/$1" "$folder"
	cp "$TOP/Documentation/examples/Kbuild" "$TOP/samples/hello/Makefile" "$folder"
	logged "examples-$1" make -C "$folder" KDIR="$(realpath "$(kernel 6.1)/build")" \
		KPOOL="$build/stage/usr/local" W=1
	(grep -iE 'warning|error:' "$LOGS/examples-$1.log" || :) | none "not a clean build"
}

# loads_examples FOLDER: each of these modules loads and unloads, and the kernel does not complain.
loads_examples() {
	local log=$LOGS/examples-$1.console
	vm -l "$log" -t 300 -o "$(built 6.1)/kpool.ko" \
		"$TOP/tests/vm/guest/examples" "$LOGS/examples-$1"
	kernel-log "$log"
	(grep 'did not pass' "$log" || :) | none "an example fails"
}

@test "the porting guide's modules build, before and after, 6.1" {
	builds_examples porting
	[ -e "$LOGS/examples-porting/kmem_cache_before.ko" ]
	[ -e "$LOGS/examples-porting/kmem_cache_after.ko" ]
}

@test "the modules compile on the newest kernel, also the one with an objpool, native" {
	local folder=$LOGS/examples-native native arguments objects
	native=$(kernel native)
	rm -rf "$folder"
	mkdir -p "$folder/include"
	# Objects need the headers of an installation, and no more of it.
	ln -s "$TOP/module/include" "$folder/include/kpool"
	cp "$TOP/Documentation/examples/Kbuild" "$TOP"/Documentation/examples/*/*.c "$folder"
	mapfile -t objects < <(example_files |
		sed 's|.*/||; s/c$/o/; /^page_pool_before/d')	# its header has another name there
	read -ra arguments <"$native/make"
	logged examples-native make -C "$(realpath "$native/build")" M="$folder" KPOOL="$folder" \
		W=1 "${arguments[@]}" "${objects[@]}"
	(grep -iE 'warning|error:' "$LOGS/examples-native.log" || :) | none "not a clean build"
	[ -e "$folder/objpool_before.o" ] && [ -e "$folder/upper5.o" ]
}

@test "the porting guide's modules load and unload, 6.1" {
	[ -e "$LOGS/examples-porting/kmem_cache_after.ko" ] || builds_examples porting
	loads_examples porting
}

@test "the commands of the quick start do what the page says" {
	same_as_page quickstart
}

@test "the commands of the page on the semantic patch work" {
	same_as_page coccinelle
}

@test "the tutorial's modules build without a warning, 6.1" {
	builds_examples tutorial
}

@test "each module of Documentation/examples stands in a page" {
	example_files | while read -r file; do
		grep -qE "literalinclude:: examples/$file\$" "$TOP"/Documentation/*.rst || echo "$file"
	done | none "in no page"
}

@test "each module before a port has one after it" {
	example_files | sed -n 's/_before\.c$/_after.c/p' | while read -r file; do
		[ -e "$TOP/Documentation/examples/$file" ] || echo "$file"
	done | none "missing"
}
