# SPDX-License-Identifier: GPL-2.0-only
#
# The trace events, as a person reads them in tracefs. Runs in a guest that has kpool.ko loaded and
# no pool. kpool is in PATH, BUILD is the folder with the modules.

TRACING=/sys/kernel/tracing
WANTED=/sys/module/kpool_crowd/parameters/wanted

setup() {
	echo 0 >$TRACING/tracing_on
	echo >$TRACING/trace
	echo 1 >$TRACING/events/kpool/enable
	echo 1 >$TRACING/tracing_on
}

teardown() {
	echo 0 >$TRACING/events/kpool/enable
	rmmod kpool_crowd || :
}

# traced EVENT REGEX: the trace has a line of this event whose fields match.
traced() {
	grep -qE "kpool_$1: .*$2" $TRACING/trace || { grep "kpool_$1" $TRACING/trace | head; return 1; }
}

@test "the events are those that the documentation names" {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" pools=1
	diff <(cd $TRACING/events/kpool && printf '%s\n' kpool_*) \
		<(sed -n 's/^``\(kpool_[a-z_]*\)`` .*/\1/p' \
			"$BATS_TEST_DIRNAME/../../Documentation/admin.rst" | sort)
}

@test "objects are built, and move between caches and a depot" {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" limits=1 pools=0
	kpool set crowd-limits magazine=1
	echo 8 >$WANTED
	echo 0 >$WANTED
	echo 8 >$WANTED
	traced get_miss 'pool=crowd-limits id=[0-9]+ objects=1$'
	traced build 'pool=crowd-limits id=[0-9]+ objects=1 err=0$'
	traced flush 'pool=crowd-limits id=[0-9]+ objects=1$'
	traced refill 'pool=crowd-limits id=[0-9]+ objects=1$'
	# Each object that exists was built by one of these.
	[ "$(awk '/kpool_build: pool=crowd-limits .* err=0/ { sub(/.*objects=/, ""); n += $1 }
		END { print n }' $TRACING/trace)" = "$(kpool stats -H -o created crowd-limits | xargs)" ]
	echo 0 >$WANTED
}

@test "a build that fails has its error" {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" limits=1 pools=0
	kpool debug crowd-limits fail-build 1/1
	run ! sh -c "echo 1 >$WANTED"
	traced build 'pool=crowd-limits .* objects=1 err=-12$'
}

@test "a get that waits: exhausted, begin, sweep, end" {
	local waiter ns
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" limits=1 pools=0
	kpool set crowd-limits max=1
	traced retune 'pool=crowd-limits id=[0-9]+ max=1 reserve=0 min_idle=0 max_idle=0 '
	echo 2 >$WANTED &
	waiter=$!
	until [ "$(kpool stats -H -o waiting crowd-limits | xargs)" = 1 ]; do :; done
	traced exhausted 'pool=crowd-limits .* objects=1$'
	traced wait_begin 'pool=crowd-limits .* objects=1$'
	run ! traced wait_end 'pool=crowd-limits'
	kpool set crowd-limits max=2
	wait $waiter
	traced sweep 'pool=crowd-limits '
	traced wait_end 'pool=crowd-limits .* objects=1 ns=[0-9]+ err=0$'
	ns=$(sed -n 's/.*kpool_wait_end: pool=crowd-limits .* ns=\([0-9]*\) .*/\1/p' $TRACING/trace)
	[ "$ns" -ge "$(kpool stats -j crowd-limits | jq '.[0].wait_max_ns')" ]
	echo 0 >$WANTED
}

@test "objects are torn down, each with its cause" {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" limits=1 pools=0
	echo 4 >$WANTED
	echo 0 >$WANTED
	kpool set crowd-limits max_idle=nothing
	until [ "$(kpool stats -H -o existing crowd-limits | xargs)" = 0 ]; do :; done
	kpool set crowd-limits max_idle=none
	echo 4 >$WANTED
	echo 0 >$WANTED
	rmmod kpool_crowd
	traced teardown 'pool=crowd-limits .* objects=[0-9]+ cause=shut_down$'
	[ "$(awk '/kpool_teardown: pool=crowd-limits/ { sub(/.*objects=/, ""); n += $1 }
		END { print n }' $TRACING/trace)" = 8 ]
}

@test "idle objects go when memory is short" {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" pools=0 used=1
	echo 2 >/proc/sys/vm/drop_caches
	traced shrink 'pool=crowd-used .* wanted=[0-9]+ taken=[0-9]+$'
	traced teardown 'pool=crowd-used .* objects=[0-9]+ cause=reclaimed$'
}
