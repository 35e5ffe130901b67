# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Functions for the bats files that apply the semantic patch. Load helpers first.

cocci=$TOP/tools/coccinelle/kpool.cocci

# port FILE...: changes these files. Prints the messages, with the files' names alone.
port() {
	spatch --very-quiet --no-includes --include-headers --max-width 100 --sp-file "$cocci" \
		-D patch --in-place "$@" 2>&1 >"$BATS_TEST_TMPDIR/spatch" | sed "s|^[^ :]*/||"
}

# builds FOLDER NAME KPOOL: the folder's modules, without a warning.
builds() {
	logged "$2" make -C "$(realpath "$(kernel 6.1)/build")" M="$1" KPOOL="$3" W=1 modules
	(grep -iE 'warning|error:' "$LOGS/$2.log" || :) | none "not a clean build"
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

# crypt_builds WHEN: builds that folder, and the module that takes all memory.
crypt_builds() {
	local stage
	stage=$(built 6.1)/stage/usr/local
	builds "$LOGS/crypt-$1" "crypt-$1-build" "$stage"
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
