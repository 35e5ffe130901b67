# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Functions for the files of the models. Load helpers first.

check() { "$TOP/tests/models/check" "$@"; }

# holds [OPTION]... CONFIGURATION: searches the whole state space, and finds no error. With
# SCALE=full this holds for the larger form of the configuration.
holds() {
	local configuration
	for configuration in "${*: -1}" $(by_scale '' "${*: -1}-big"); do
		run check "${@:1:$#-1}" "$configuration"
		# shellcheck disable=SC2154 # run sets both
		echo "$output"
		# shellcheck disable=SC2154
		[ "$status" -eq 0 ]
	done
}

# killed [OPTION]... CONFIGURATION MUTANT ERROR: the search ends with this error.
killed() {
	run check "${@:1:$#-1}"
	echo "$output"
	[ "$status" -eq 1 ]
	grep -qE ", ${*: -1}" <<<"$output"
}

# shellcheck disable=SC2034 # the files that load this use both
lost='invalid end state'		# a process waits for ever
# shellcheck disable=SC2034
broken='assertion violated'		# order, sums, limits
