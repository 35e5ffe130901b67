# SPDX-License-Identifier: GPL-2.0-only
#
# make test T=quick: what a developer runs after each edit, besides the KUnit suites on the
# user-mode kernel. The whole run has the same tests in other files, so it leaves this file out.

load helpers
load sources

# The files that differ from the last commit. If there are none, the files that it changed.
changed() {
	local files
	files=$(git -C "$TOP" diff --name-only --diff-filter=d HEAD -- "$@" &&
		git -C "$TOP" ls-files --others --exclude-standard -- "$@")
	[ -n "$files" ] || files=$(git -C "$TOP" diff --name-only --diff-filter=d HEAD~ HEAD -- "$@")
	for file in $files; do
		[ ! -e "$TOP/$file" ] || echo "$TOP/$file"
	done
}

@test "stress of all CPUs, native" {
	stress native
}

@test "builds without a warning, native" {
	builds_cleanly native
}

@test "checkpatch --strict, on what changed" {
	changed '*.c' '*.h' ':!tests/coccinelle' "${programs[@]/#/:!}" | checkpatch ''
	changed "${programs[@]}" | checkpatch ,PREFER_DEFINED_ATTRIBUTE_MACRO
}

@test "shellcheck, on what changed" {
	changed ':!*.md' ':!*.rst' ':!*.bats' | scripts | xargs -r shellcheck
}

@test "kernel-doc, on what changed" {
	changed 'module/*.[ch]' 'module/include/linux/*.h' | kernel_doc
}
