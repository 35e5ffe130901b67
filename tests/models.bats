# SPDX-License-Identifier: GPL-2.0-only
#
# The models of how gets wait (Documentation/waiting.rst), and of rings and their waiting sides
# (Documentation/ring.rst). No configuration has an error. tests/mutants.bats has the mutants.

load helpers
load models

@test "two caches, a waiter that wants all there is" { holds core; }

@test "the same, store buffers in order" { holds -t core; }

@test "two waiters, and reopening" { holds line; }

@test "a waiter that gives up" { holds timeout; }

@test "two bulk gets" { holds bulk; }

@test "two bulk gets, one gives up" { holds partial; }

@test "slots: builds that fail, teardown" { holds slots; }

@test "magazines of two, from depot and spare" { holds refill; }

@test "magazines of two, other CPUs' spares" { holds spares; }

@test "interrupts that nest in hits" { holds nested; }

@test "a CPU goes away and comes back" { holds hotplug; }

@test "one object in each hold of the lock" { holds chain; }

@test "two bulk gets that find no memory and come back" { holds back; }

@test "the pool is shut down while somebody waits" { holds shut; }

@test "a put from NMI" { holds nmi; }

@test "every sweep and every wait ends" { holds ends; }

@test "a ring that overwrites" { holds overwrite; }

@test "a ring that refuses" { holds refuse; }

@test "readers of a ring sleep, another looks or takes" { holds told; }

@test "a reader is woken and dies before it looks" { holds dies; }

@test "they sleep for a batch" { holds batch; }

@test "fewer than a batch are due after a while" { holds due; }

@test "somebody sleeps until the end of a ring" { holds hangup; }

# The simulation has the rule of the module, and the page has what it says today.
@test "depot: CPUs wait less for each other if magazines grow, 2 to 64" {
	local name simulation=$TOP/tests/models/depot.py table=$TOP/Documentation/benchmark/depot.txt
	for name in CONTENDED_ONE_IN MOST CONTENDED_MANY; do
		[ "$(sed -n "s/^$name = //p" "$simulation")" = \
			"$(sed -nE "s/^#define (KP_)?$name\s+([0-9]+)U?$/\2/p" \
				"$TOP/module/policy/adapt.c" "$TOP/module/store/depot.h")" ]
	done
	# The page has the arguments.
	eval "$(sed -n 's|^    tests/models/depot.py|"$simulation"|p' \
		"$TOP/Documentation/performance.rst")" >"$BATS_TEST_TMPDIR/table"
	# Below the licence.
	tail -n +3 "$table" | diff "$BATS_TEST_TMPDIR/table" -
	awk '$1 ~ /^[0-9]+$/ && $1 > 1 { n++; bad = bad || !($6 <= $3 && $5 + 0 <= $2 + 0) }
		END { exit bad || n != 6 }' "$table"
}

# Tests of the checker itself.
@test "a search that is not complete does not pass" {
	run check -d 100 core
	echo "$output"
	[ "$status" -eq 2 ]
}

@test "mutants are told from typing errors" {
	run check core NO_SUCH_MUTANT
	[ "$status" -eq 2 ]
}

# herd7 is not in Debian. Where somebody has installed it, it judges.
@test "herd7 agrees with the verdict of each litmus file" {
	local file
	command -v herd7 || skip "herd7 is not installed"
	cd "$(kernel source-6.1)/tools/memory-model"
	for file in "$TOP"/tests/models/litmus/*.litmus; do
		herd7 -conf linux-kernel.cfg "$file" >"$BATS_TEST_TMPDIR/herd"
		grep -q "^Observation .* $(sed -n 's/^ \* Result: //p' "$file") " "$BATS_TEST_TMPDIR/herd" ||
			cat "$BATS_TEST_TMPDIR/herd"
	done | none 'another verdict'
}

@test "waiting.rst and ring.rst have every configuration, mutant and litmus file" {
	local word
	for word in $(check -l | grep -oE '^[a-z]+-big|^[a-z]+ ') \
		$(grep -oE 'MUT_\w+' -h "$TOP"/tests/models/*.pml | sed 's/^MUT_//' | sort -u) \
		$(cd "$TOP/tests/models/litmus" && basename -s .litmus ./*); do
		cat "$TOP"/Documentation/{waiting,ring}.rst | grep -cF "$word  " >/dev/null ||
			echo "$word"
	done | { ! grep .; }
}
