# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Functions for the bats files that check sources. Load helpers first.

# Programs for user space cannot use the kernel's macros for attributes.
# shellcheck disable=SC2034 # the files that load this use it
programs=(tools/'*.c' tools/'*.h' tests/netlink/'*.c' tests/netlink/'*.h'
	tests/tool/netlink_errors.c)

# Our own files, also those that are not checked in yet.
sources() {
	git -C "$TOP" ls-files --cached --others --exclude-standard -- "$@" |
		while read -r file; do
			[ ! -e "$TOP/$file" ] || echo "$TOP/$file"
		done
}

# Of the files on stdin, those that a shell runs.
scripts() { xargs -r grep -lE '^#!.*sh$|^# shellcheck shell=' || :; }

# checkpatch IGNORED <FILES: a module outside the kernel has no entry in the kernel's MAINTAINERS. A
# macro's arguments that are types and names cannot stand in parentheses, and have no side effects.
# checkpatch looks at each file alone. So it does not look again at a file that it has passed.
checkpatch() {
	local source passed=${XDG_CACHE_HOME:-$HOME/.cache}/kpool/checkpatch files
	source=$(kernel source-6.1)
	local words=(--strict --no-tree --terse --no-summary
		--ignore "FILE_PATH_CHANGES,MACRO_ARG_PRECEDENCE,MACRO_ARG_REUSE$1" -f)
	local program=$source/scripts/checkpatch.pl
	mkdir -p "$passed"
	# A name has the sums of the program, its arguments and the file's text and name.
	name_of() {
		{ cat "$program" "$1" && echo "${words[@]}" "${1#"$TOP"/}"; } | sha256sum | cut -c 1-64
	}
	mapfile -t files < <(while read -r file; do
		[ -e "$passed/$(name_of "$file")" ] || echo "$file"
	done)
	[ ${#files[@]} != 0 ] || return 0
	# checkpatch leaves a file in the current folder.
	cd "$BATS_TEST_TMPDIR" || return
	perl "$program" "${words[@]}" "${files[@]}" || return
	for file in "${files[@]}"; do
		touch "$passed/$(name_of "$file")"
	done
}

# kernel-doc has no complaint about the files on stdin.
kernel_doc() {
	local source
	source=$(kernel source-6.1)
	xargs -r "$source/scripts/kernel-doc" -none -Werror 2>&1 | none "kernel-doc"
}

# builds_cleanly KERNEL: the build that the tests use gave no warning, with warnings on. After a
# build with warnings, the next run builds anew, so that the warnings come again.
builds_cleanly() {
	local folder
	folder=$(built "$1")
	# The staged installation has no kernel for depmod, and needs none. It does not matter which
	# pahole made the BTF.
	if grep -vE 'modules_install: missing .System.map|^depmod: WARNING|pahole version differs' "$LOGS/build-$1.log" |
		grep -iE -A 5 'warning|error:'; then
		touch "$folder/.unclean"
		return 1
	fi
}

# falls_through KERNEL: in the sample's get and put, the calls of a miss lie behind the return. So a
# hit takes no jump.
falls_through() {
	objdump -dr --no-show-raw-insn --disassemble=hello_once \
		"$(built "$1")/samples/hello/hello.ko" |
		awk '/__x86_return_thunk/ { exit } / R_.*kpool_.*_slow/ { print }' |
		none "in the way of a hit"
}

# in_namespace KERNEL: kpool.ko exports in its namespace alone, and a consumer imports it. The kernel
# takes the name of a namespace as an identifier, or as a string from 6.13 on.
in_namespace() {
	local folder
	folder=$(built "$1")
	awk -F '\t' '$3 ~ /kpool$/ && $5 != "KPOOL"' "$folder/Module.symvers" |
		none "not in the namespace, $1"
	[ "$(modinfo -F import_ns "$folder/samples/hello/hello.ko")" = KPOOL ]
}
