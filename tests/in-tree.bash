# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# kpool as patches for the kernel, see Documentation/in-tree.rst. Load helpers first.

# The kernel's files that the patches change.
edited=(MAINTAINERS Documentation/core-api/index.rst lib/Kconfig lib/Makefile
	tools/testing/selftests/Makefile)

# the_series FOLDER: makes the patches for the newest kernel. The author is nobody.
the_series() {
	GIT_AUTHOR_NAME=kpool GIT_AUTHOR_EMAIL=kpool@localhost \
		GIT_COMMITTER_NAME=kpool GIT_COMMITTER_EMAIL=kpool@localhost \
		"$TOP/tools/in-tree/series" "$(kernel source-um)" "$1"
}

# repository FOLDER: makes a repository of git of the folder, with these files alone. Others of the
# kernel may lie there.
repository() {
	git -C "$1" init -q
	git -C "$1" config user.name kpool
	git -C "$1" config user.email kpool@localhost
	git -C "$1" add -f "${edited[@]}"
	git -C "$1" commit -q -m base
	git -C "$1" tag base
}
