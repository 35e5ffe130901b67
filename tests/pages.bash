# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The commands that pages show. Load helpers first.

# same_as_page PAGE: its commands do what it says, word for word.
same_as_page() {
	local page=$TOP/Documentation/$1.rst
	page-commands -p "$page" | sed '/^$/d' >"$LOGS/page-$1.said"
	[ -s "$LOGS/page-$1.said" ]
	page-commands "$page" >"$LOGS/page-$1.done" 2>"$LOGS/page-$1.log" ||
		{ tail -n 30 "$LOGS/page-$1.log" && return 1; }
	diff "$LOGS/page-$1.said" "$LOGS/page-$1.done"
	local log
	for log in "$LOGS/page-$1"-*.console; do
		# A page may do without a VM.
		[ -e "$log" ] || continue
		kernel-log "$log"
	done
}
