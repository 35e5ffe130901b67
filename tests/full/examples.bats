# SPDX-License-Identifier: GPL-2.0-only
#
# The tutorial's commands take a minute. tests/examples.bats builds its modules in each run.

load ../helpers
load ../pages

@test "the commands of the tutorial do what the page says" {
	same_as_page tutorial
}
