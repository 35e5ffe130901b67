# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# The KUnit suites as bats tests. Each guest of tests/kunit/guests runs its suites once. The tests
# that tests/tools/suite-tests makes check the guest's output.

load "${TOP:=$(realpath "$BATS_TEST_DIRNAME/..")}/tests/helpers"

# guest_field FIELD GUEST: a field of the guest's line in the table.
guest_field() {
	awk -v name="$2" -v field="$1" '$1 == name { print $field }' "$TOP/tests/kunit/guests"
}

# The first test that asks boots the guest. Later tests use the same output.
guest_of() {
	local base=$LOGS/kunit-$1 status=0
	if [ ! -e "$base.status" ]; then
		boot_guest "$1" "$base.console" >"$base.out" 2>&1 || status=$?
		echo $status >"$base.status"
	fi
}

boot_guest() {
	local guest=$1 console=$2 folder kernel parameters options
	kernel=$(guest_field 3 "$guest")
	read -ra parameters <<<"$(guest_field 5 "$guest")"
	folder=$(built "$kernel") || return
	# The suites need two nodes, if the machine can have nodes.
	case $kernel in
	# Half of the possible CPUs never come online, because this machine may have no more.
	native | kcsan) options=(-c 4 -a maxcpus=2 -t "$(by_scale 900 7200)") ;;
	*) options=(-c 4 -n 2 -t "$(by_scale 600 14400)") ;;
	esac
	# The kernel has races of its own. They must not cause a panic.
	[ "$kernel" = kcsan ] || options+=(-a panic_on_warn=1)
	vm -k "$kernel" "${options[@]}" -l "$console" \
		"$TOP/tests/vm/guest/kunit" "$folder" "${parameters[@]}"
}

guest_ended_well() {
	guest_of "$1"
	[ "$(cat "$LOGS/kunit-$1.status")" = 0 ] || { tail -n 40 "$LOGS/kunit-$1.out" && return 1; }
}

no_complaint() {
	guest_of "$1"
	case $(guest_field 3 "$1") in
	kcsan) race-log "$LOGS/kunit-$1.console" ;;
	*) kernel-log "$LOGS/kunit-$1.console" ;;
	esac
}

no_leak() {
	local when
	guest_of "$1"
	for when in loaded unloaded; do
		grep -qx "leaks $when: 0" "$LOGS/kunit-$1.out" ||
			{ sed -n '/^unreferenced/,$p' "$LOGS/kunit-$1.out" | head -n 40 && return 1; }
	done
}

# KUnit's report on the suites, without the kernel log's times.
report_of() {
	guest_of "$1"
	tr -d '\r' <"$LOGS/kunit-$1.console" | sed 's/^\[ *[0-9]*\.[0-9]*\] //'
}

# The cases that a guest cannot run by nature. They must be skipped, and no others.
skips_of() {
	case $(guest_field 3 "$1") in
	native | kcsan) grep -v '^#' "$TOP/tests/kunit/skips.um" ;;
	esac
}

# suite GUEST NAME COUNT: COUNT cases ran. All passed, except those that must be skipped.
suite() {
	report_of "$1" | awk -v name="$2" -v count="$3" -v skips="$(skips_of "$1")" '
		BEGIN {
			n = split(skips, lines, "\n")
			for (i = 1; i <= n; i++) {
				split(lines[i], words)
				if (words[1] == name)
					skip[words[2]] = 1
			}
		}
		$0 == "    # Subtest: " name	{ inside = 1 }
		inside				{ text = text $0 "\n" }
		inside && /^    1\.\./		{ planned = substr($1, 4) }
		inside && /^    (not )?ok /	{
			skipped = /# SKIP/
			passed += !/^    not/ && skipped == ($3 in skip)
		}
		/^(not )?ok [0-9]+/ && inside	{ inside = 0; ended = /^ok/ }
		END {
			good = ended && planned == count && passed == count
			if (!good)
				printf "%s%s: %d cases wanted, %d planned, %d as they should be%s\n", text,
					name, count, planned, passed,
					ended ? "" : ", the suite did not end well"
			exit !good
		}'
}

# Suites that ran must be in the list. Otherwise nobody would notice that one is lost.
only_listed_suites() {
	local unknown
	guest_ended_well "$1"
	unknown=$(report_of "$1" | sed -n 's/^    # Subtest: \(kpool_.*\)/\1/p' |
		grep -vxF "$(sed 's/ .*//' "$TOP/tests/kunit/suites")" || :)
	[ -z "$unknown" ] || { echo "not in tests/kunit/suites: $unknown" && return 1; }
}

# KUnit's own reader of such reports finds no failure either. It wants the heading that 6.1 leaves
# out for suites of a module. It does not know that a module may skip cases.
kunit_py_agrees() {
	local source report=$LOGS/kunit-$1.ktap
	source=$(kernel source-6.1)
	{
		echo 'KTAP version 1'
		report_of "$1" | sed -n 's/^    # Subtest: kpool_.*/x/p' | echo "1..$(wc -l)"
		report_of "$1" | awk '/^    KTAP version|^    # Subtest: kpool/ { on = 1 } on'
	} >"$report"
	python3 "$source/tools/testing/kunit/kunit.py" parse "$(realpath "$report")"
}
