# SPDX-License-Identifier: GPL-2.0-only
#
# Who holds objects, who waits, and what an administrator does about that: kpool holders, waiters,
# track, trim, reset-peaks, and events of leaks. Runs in the guest of tool.bats.

bats_require_minimum_version 1.5.0
TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
load ../tool
NOBODY=(setpriv --reuid 65534 --regid 65534 --clear-groups)
PARAMETERS=/sys/module/kpool_crowd/parameters

setup() {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" limits=1 sets=1
}

teardown() {
	rmmod kpool_crowd
}

# wanted N: that many objects of crowd-limits are in use, all got by this shell.
wanted() {
	echo "$1" >$PARAMETERS/wanted
}

@test "holders: which task has objects, since when, from where" {
	wanted 2
	run -0 kpool track crowd-limits all
	[ -z "$output" ]
	[ "$(kpool show -j crowd-limits | jq -c '.[0] | [.track, .leak_ms, .stats.tracked]')" = '[1,null,0]' ]
	wanted 5
	run -0 kpool holders crowd-limits
	[[ ${lines[0]} =~ ^POOL\ +OBJECTS\ +LONGEST\ +TASK\ +FROM$ ]]
	[[ ${lines[1]} =~ ^crowd-limits\ +3\ +[0-9.]+m?s\ +bats.*\[$$\]|^crowd-limits\ +3\  ]]
	[[ ${lines[1]} =~ \[kpool_crowd\]$ ]]
	[ "${lines[2]}" = 'crowd-limits: 2 objects more are in use, of holders that are not known' ]
	run -0 kpool holders --stacks
	[[ ${lines[0]} =~ ^crowd-limits:\ 3\ objects,\ the\ longest\ for\ .*,\ by\ .*\[[0-9]+\]$ ]]
	[[ ${lines[1]} =~ ^\ {4}.*\+0x.*\[kpool_crowd\]$ ]]
	grep -E '^    work_for_cpu_fn' <<<"$output" || { echo "$output" && false; }
	{
		kpool holders -j | sed 's/^/holders /'
		kpool holders -j crowd-limits | sed 's/^/holders /'
	} | valid | grep -x 2
	[ "$(kpool holders -j | jq -c '[length, ([.[].comm] | unique | length), (.[0].stack | length > 3)]')" = '[3,1,true]' ]
	[ "$(kpool stats -H -o tracked,in_use crowd-limits | xargs)" = '3 5' ]
	wanted 0
	run -0 --separate-stderr kpool holders crowd-limits
	[ -z "$output" ]
	[ "$stderr" = 'kpool: no holder is known' ]
	run -0 kpool track crowd-limits off
	[ "$(kpool show -j crowd-limits | jq -c '.[0].track')" = null ]
}

@test "holders: of a pool that is not tracked, and without privilege" {
	refused 1 'holders crowd-limits: not tracked: kpool track crowd-limits all begins that' \
		kpool holders crowd-limits
	# The sets of the crowd are debugged, one of them.
	rmmod kpool_crowd
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" limits=1
	run -0 --separate-stderr kpool holders
	[ "$stderr" = 'kpool: no pool is tracked: kpool track POOL all begins that' ]
	kpool track crowd-limits 1/1
	refused 1 'holders: only who has CAP_NET_ADMIN, as root has, may see which tasks hold objects' \
		"${NOBODY[@]}" kpool holders
	refused 1 'track crowd-limits: only who has CAP_NET_ADMIN, as root has, may track the holders of objects' \
		"${NOBODY[@]}" kpool track crowd-limits off
	refused 1 'trim crowd-limits: only who has CAP_NET_ADMIN, as root has, may trim a pool' \
		"${NOBODY[@]}" kpool trim crowd-limits
	refused 1 "no pool or set of buffers has the name or id 'crowd-limit'" kpool holders crowd-limit
	echo 1 >$PARAMETERS/hold
	for command in 'track %s all' 'trim %s'; do
		# shellcheck disable=SC2046,SC2059 # words, and a format
		refused 1 'the pool is being destroyed' kpool $(printf "$command" \
			"$(kpool list -H -o id,state | awk '$2 == "detached" { print $1 }')")
	done
	echo 0 >$PARAMETERS/hold
}

@test "track: one get in so many, all classes of a set, and a debugged pool" {
	kpool track crowd-limits 1/1000000
	wanted 4
	run -0 kpool holders crowd-limits
	grep -F 'crowd-limits: 4 objects are in use; one get in 1000000 is tracked' <<<"$output"
	kpool track crowd-limits off
	wanted 0
	kpool track crowd-same all
	[ "$(kpool list -C -j | jq -c '[.[] | select(.name | startswith("crowd-same-")) | .track] | unique')" = '[1]' ]
	kpool track crowd-same off
	kpool debug crowd-limits on
	wanted 1
	run -0 kpool holders crowd-limits
	[[ ${lines[1]} =~ ^crowd-limits\ +1\ .*\[kpool_crowd\]$ ]]
	wanted 0
	kpool debug crowd-limits off
}

@test "a leak is an event, a line of the log, and a figure" {
	local line watched watcher
	kpool track crowd-limits all leak_ms=100
	watch kpool monitor --all
	for _ in $(kpool list -C -H -o id); do
		next_line
	done
	wanted 3
	until [[ $line == *' leak '* ]]; do
		next_line
	done
	[[ $line =~ \ leak\ +[0-9]+\ crowd-limits\ +size\ [0-9.]+K?,\ existing\ 3,\ in_use\ 3 ]]
	kill "$watcher"
	dmesg | grep -E 'pool crowd-limits \(id [0-9]+\): 3 objects more are in use for longer than 100 ms; the longest for [0-9]+ ms, since a get by .*\[kpool_crowd\] in task '
	[ "$(kpool stats -H -o leaks,misused crowd-limits | xargs)" = '3 0' ]
	wanted 0
	kpool track crowd-limits off
}

@test "waiters: which tasks wait, since when, for how much" {
	local waiter i=0
	kpool set crowd-limits max=1
	run -0 --separate-stderr kpool waiters
	[ "$stderr" = 'kpool: nobody waits' ]
	echo 2 >$PARAMETERS/wanted &
	waiter=$!
	until [ "$(kpool stats -H -o waiting crowd-limits | xargs)" = 1 ]; do
		[ $((i++)) -lt 100 ] && sleep 0.1
	done
	run -0 kpool waiters
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[0]} =~ ^POOL\ +WAITS\ +TASK\ +WANTS\ +HAS$ ]]
	[[ ${lines[1]} =~ ^crowd-limits\ +[0-9.]+m?s\ +.*\[[0-9]+\]\ +1\ +0$ ]]
	kpool waiters -j crowd-limits | sed 's/^/waiters /' | valid | grep -x 1
	[ "$(kpool stats -j crowd-limits | jq '.[0] | .wait_oldest_ns > 0 and .waiting_ns >= .wait_oldest_ns')" = true ]
	refused 1 'waiters: only who has CAP_NET_ADMIN, as root has, may see which tasks wait' \
		"${NOBODY[@]}" kpool waiters
	kpool set crowd-limits max=2
	timeout 10 tail --pid=$waiter -f /dev/null
	wait $waiter
	[ "$(kpool stats -j crowd-limits | jq -c '.[0] | [.wait_oldest_ns, .waiting_peak, .existing_peak]')" = '[0,1,2]' ]
	wanted 0
	run -0 kpool reset-peaks crowd-limits
	[ "$(kpool stats -j crowd-limits | jq -c '.[0] | [.waiting_peak, .wait_max_ns]')" = '[0,0]' ]
}

@test "trim: idle objects go, and it says how many" {
	wanted 6
	wanted 0
	[ "$(kpool stats -H -o idle crowd-limits | xargs)" = 6 ]
	run -0 kpool trim crowd-limits
	[[ $output =~ ^crowd-limits:\ 6\ idle\ objects,\ [0-9.]+K?\ bytes$ ]]
	[ "$(kpool stats -H -o idle,trimmed crowd-limits | xargs)" = '0 6' ]
	run -0 kpool trim crowd-same
	[[ ${lines[0]} =~ ^crowd-same- ]]
}

@test "monitor: exhausted, timeout, recovered, once each" {
	local line watched watcher
	kpool set crowd-limits max=1
	wanted 1
	watch kpool monitor --all
	# The listener is there once it has described the pools that exist.
	for _ in $(kpool list -C -H -o id); do
		next_line
	done
	echo 2 >$PARAMETERS/wanted &
	until [[ $line == *' exhausted '* ]]; do
		next_line
	done
	[[ $line =~ \ crowd-limits\ .*,\ existing\ 1,\ in_use\ 1,\ max\ 1,\ waiting\ 1,\ timeouts\ 0 ]]
	kpool set crowd-limits max=2
	wait $!
	wanted 0
	until [[ $line == *' recovered '* ]]; do
		[[ $line != *' exhausted '*' timeouts 1'* ]]
		next_line
	done
	kill "$watcher"
}
