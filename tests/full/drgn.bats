# SPDX-License-Identifier: GPL-2.0-only
#
# The script for drgn, on an image of a guest's memory. Only with SCALE=full: the debugging
# information of Debian's kernel is a download of 900 MB.

load ../helpers

setup_file() {
	local folder
	make -C "$TOP" tools >"$LOGS/tools.log" 2>&1
	folder=$(built 6.1)
	export IMAGE=$LOGS/drgn.image
	logged drgn vm -t 400 -m 512 -l "$LOGS/drgn.console" --image "$IMAGE" \
		-o "$folder/kpool.ko" \
		-o "$folder/tests/crowd/kpool_crowd.ko limits=1 used=1 pools=0" \
		env "PATH=$TOP/build/tools:$PATH" "$TOP/tests/vm/guest/image"
}

teardown_file() {
	rm -f "$IMAGE"
}

# shows [ARGUMENT]...: what the script prints about the image.
shows() {
	drgn -q -c "$IMAGE" -s "$(kernel dbg-6.1)/vmlinux" -s "$(built 6.1)/kpool.ko" \
		"$TOP/tools/drgn/kpool.py" "$@"
}

# figure NAME: what the program said about crowd-used in the guest.
figure() {
	sed -n "s/^figure $1 //p" "$LOGS/drgn.log"
}

@test "all pools: the figures that the program showed in the guest" {
	shows >"$BATS_TEST_TMPDIR/all"
	cat "$BATS_TEST_TMPDIR/all"
	grep -E '^ +[0-9]+ crowd-limits +live +2 +2 +0 +1 ' "$BATS_TEST_TMPDIR/all"
	awk '$2 == "crowd-used" { print $5, $6, $8 }' "$BATS_TEST_TMPDIR/all" |
		grep -x "$(figure existing) $(figure idle) $(figure memory)"
}

@test "a pool: caches, depots, the get that waits, the holders with their stacks" {
	shows --stacks crowd-limits >"$BATS_TEST_TMPDIR/one"
	cat "$BATS_TEST_TMPDIR/one"
	grep -E '^pool crowd-limits \(id [0-9]+\) of kpool_crowd$' "$BATS_TEST_TMPDIR/one"
	grep -E '^    cpu 1: ' "$BATS_TEST_TMPDIR/one"
	grep -E '^    (all nodes|node 0): 0 objects in 0 magazines \[\], [0-9]+ empty magazines$' \
		"$BATS_TEST_TMPDIR/one"
	grep -E '^  wait list: 1 wait; 2 of 2 slots in use$' "$BATS_TEST_TMPDIR/one"
	grep -E '^    pid [0-9]+ kworker/.*: wants 1, got 0, may build 0; waits for [0-9]+ ms$' \
		"$BATS_TEST_TMPDIR/one"
	# drgn has no symbols of the crowd, which are in another module.
	[ "$(grep -cE '^    object 0x[0-9a-f]+: pid [0-9]+ kworker/.*, in use for [0-9]+ ms, since a get by 0x[0-9a-f]+ \[kpool_crowd\]$' \
		"$BATS_TEST_TMPDIR/one")" = 2 ]
	grep -E '^        (schedule|__schedule)' "$BATS_TEST_TMPDIR/one"
	grep -E '^        process_one_work\+0x' "$BATS_TEST_TMPDIR/one"
}

@test "a pool that was used: its gets and puts" {
	shows crowd-used >"$BATS_TEST_TMPDIR/used"
	cat "$BATS_TEST_TMPDIR/used"
	grep -xE " +gets +$(figure gets)" "$BATS_TEST_TMPDIR/used"
	grep -xE " +puts +$(figure puts)" "$BATS_TEST_TMPDIR/used"
}

@test "a pool that is not there, or debugging information that is not there" {
	run shows no-such-pool
	[ "$status" = 1 ]
	[[ $output == *'kpool.py: there is no pool no-such-pool' ]]
	run drgn -q -c "$IMAGE" -s "$(kernel dbg-6.1)/vmlinux" "$TOP/tools/drgn/kpool.py"
	[ "$status" = 1 ]
	[[ $output == *'no debugging information of kpool.ko: start drgn with -s kpool.ko' ]]
}
