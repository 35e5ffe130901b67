# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# How our sources are looked at, for the bats files that do. Load helpers first.

# Programs for user space: the kernel's macros for attributes are not there.
# shellcheck disable=SC2034 # the files that load this use it
programs=(tools/'*.c' tools/'*.h' tests/netlink/'*.c' tests/netlink/'*.h')

# Our own files, checked in or about to be.
sources() {
	git -C "$TOP" ls-files --cached --others --exclude-standard -- "$@" |
		while read -r file; do
			[ ! -e "$TOP/$file" ] || echo "$TOP/$file"
		done
}

# Of the files on stdin, those that a shell runs.
scripts() { xargs -r grep -lE '^#!.*sh$|^# shellcheck shell=' || :; }

# checkpatch IGNORED <FILES: a module outside the kernel has no MAINTAINERS entry there; a
# macro's arguments that are types and names cannot stand in parentheses, nor have side effects.
checkpatch() {
	local source
	source=$(kernel source-6.1)
	# It leaves a file behind where it runs.
	cd "$BATS_TEST_TMPDIR" || return
	xargs -r perl "$source/scripts/checkpatch.pl" --strict --no-tree --terse --no-summary \
		--ignore "FILE_PATH_CHANGES,MACRO_ARG_PRECEDENCE,MACRO_ARG_REUSE$1" -f
}

# What kernel-doc has to say of the files on stdin: nothing.
kernel_doc() {
	local source
	source=$(kernel source-6.1)
	xargs -r "$source/scripts/kernel-doc" -none -Werror 2>&1 | none "kernel-doc"
}

# builds_cleanly KERNEL: the build that the tests run, with warnings on, did not say a word of
# warning. A build that did is made anew in the next run, which would have nothing to say else.
builds_cleanly() {
	local folder
	folder=$(built "$1")
	# The staged installation has no kernel for depmod to look at, and need not; nor does it
	# matter which pahole made the BTF.
	if grep -vE 'modules_install: missing .System.map|^depmod: WARNING|pahole version differs' "$LOGS/build-$1.log" |
		grep -iE -A 5 'warning|error:'; then
		touch "$folder/.unclean"
		return 1
	fi
}
