# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The KUnit suites on the debug kernel, as bats tests see them. A mode is `plain` or a
# parameter of kpool.ko that is set to 1 (`bypass`).

load "${TOP:=$(realpath "$BATS_TEST_DIRNAME/..")}/tests/helpers"

# Boots the guest of a mode for whichever test asks first; the others get the same answer. One
# guest does not keep two cores busy, so where both modes are wanted, which tests/run says, that
# of the other is booted meanwhile.
guest_of() {
	local mode
	[ -n "${KUNIT_BOTH:-}" ] || { run_guest "$1" && return; }
	# Once, before both want it; if that fails the guests say so.
	built debug modules KPOOL_KUNIT=1 >/dev/null 2>&1 || :
	for mode in plain bypass; do
		[ "$mode" = "$1" ] || run_guest "$mode" >/dev/null 2>&1 3>&- &
	done
	run_guest "$1"
}

# Whoever comes second waits for the first, and finds the answer there.
run_guest() {
	local base=$LOGS/kunit-$1 status=0
	exec 9>"$base.lock"
	flock 9
	if [ ! -e "$base.status" ]; then
		boot_guest "$1" "$base.console" >"$base.out" 2>&1 9>&- || status=$?
		echo $status >"$base.status"
	fi
	exec 9>&-
}

boot_guest() {
	local mode=$1 console=$2 folder parameters=()
	folder=$(built debug modules KPOOL_KUNIT=1) || return
	[ "$mode" = plain ] || parameters=("$mode=1")
	vm -k debug -c 4 -n 2 -a panic_on_warn=1 -t "$(by_scale 1200 14400)" -l "$console" \
		"$TOP/tests/vm/guest/kunit" "$folder" "${parameters[@]}"
}

guest_ended_well() {
	guest_of "$1"
	[ "$(cat "$LOGS/kunit-$1.status")" = 0 ] || { tail -n 40 "$LOGS/kunit-$1.out" && return 1; }
}

no_complaint() {
	guest_of "$1"
	kernel-log "$LOGS/kunit-$1.console"
}

no_leak() {
	local when
	guest_of "$1"
	for when in loaded unloaded; do
		grep -qx "leaks $when: 0" "$LOGS/kunit-$1.out" ||
			{ sed -n '/^unreferenced/,$p' "$LOGS/kunit-$1.out" | head -n 40 && return 1; }
	done
}

# The suites' report as KUnit wrote it, without the kernel log's times.
report_of() {
	guest_of "$1"
	tr -d '\r' <"$LOGS/kunit-$1.console" | sed 's/^\[ *[0-9]*\.[0-9]*\] //'
}

# suite MODE NAME COUNT: all of COUNT cases ran and passed, none was skipped.
suite() {
	report_of "$1" | awk -v name="$2" -v count="$3" '
		$0 == "    # Subtest: " name	{ inside = 1 }
		inside				{ text = text $0 "\n" }
		inside && /^    1\.\./		{ planned = substr($1, 4) }
		inside && /^    ok /		{ passed += !/# SKIP/ }
		/^(not )?ok [0-9]+/ && inside	{ inside = 0; ended = /^ok/ }
		END {
			good = ended && planned == count && passed == count
			if (!good)
				printf "%s%s: %d cases wanted, %d planned, %d passed%s\n", text, name,
					count, planned, passed, ended ? "" : ", the suite did not end well"
			exit !good
		}'
}

# Suites that ran must be in the list, or a lost one would not be missed.
only_listed_suites() {
	local unknown
	guest_ended_well "$1"
	unknown=$(report_of "$1" | sed -n 's/^    # Subtest: //p' |
		grep -vxF "$(sed 's/ .*//' "$TOP/tests/kunit/suites")" || :)
	[ -z "$unknown" ] || { echo "not in tests/kunit/suites: $unknown" && return 1; }
}

# KUnit's own reader of such reports agrees that all is well. It wants the heading which 6.1
# leaves out when suites come in a module.
kunit_py_agrees() {
	local source report=$LOGS/kunit-$1.ktap
	source=$(kernel source-6.1)
	{
		echo 'KTAP version 1'
		report_of "$1" | sed -n 's/^    # Subtest: .*/x/p' | echo "1..$(wc -l)"
		report_of "$1" | sed -n '/^    KTAP version\|^    # Subtest: /,$p'
	} >"$report"
	python3 "$source/tools/testing/kunit/kunit.py" parse "$(realpath "$report")"
}
