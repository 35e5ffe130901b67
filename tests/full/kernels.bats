# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of tests/*.bats that run there on one kernel, here on the others.

load ../helpers
load ../netlink

@test "netlink, on 6.12 with PREEMPT_RT" {
	netlink_on 6.12-rt
}

@test "netlink, on 7.3" {
	netlink_on 7.3
}

@test "rings mapped into processes, on 6.1" {
	mapped 6.1
}

@test "rings mapped into processes, on 7.3" {
	mapped 7.3
}

@test "rings mapped into processes, on 6.1 with all detectors" {
	mapped debug
}

@test "the tap sample, on 6.12 with PREEMPT_RT" {
	tap 6.12-rt
}

@test "the tap sample, on 7.3" {
	tap 7.3
}

@test "the tap sample, on 6.1 with all detectors" {
	tap debug lo
}

@test "the HTTP sample: every answer, every limit, unload under load, on 6.1" {
	http httpd 6.1 300
}

@test "the HTTP sample: every answer, every limit, unload under load, on 7.3" {
	http httpd 7.3 300
}

@test "the HTTP sample: a real backend that comes and goes, on 6.1" {
	http proxy 6.1 3600 "$(nginx)"
}

@test "the HTTP sample: a real backend that comes and goes, on 6.12 with PREEMPT_RT" {
	http proxy 6.12-rt 3600 "$(nginx)"
}

@test "the HTTP sample: a real backend that comes and goes, on 7.3" {
	http proxy 7.3 3600 "$(nginx)"
}

@test "the HTTP sample: long answers, slow clients, on 6.1" {
	http streams 6.1 600
}

@test "the HTTP sample: long answers, slow clients, native" {
	http streams native 600
}

@test "make demo, on 7.3" {
	logged demo-7.3 "$TOP/tests/demo" -k 7.3 "$LOGS"
}

@test "stress of all CPUs, on 7.3 with PREEMPT_RT and all detectors" {
	stress debug-rt 4
}

# The consumer reads each object once after its put, and once after the next get. In two of its pools
# idle objects keep their contents, or are zero.
@test "KMSAN reports who relies on the contents of idle objects, and nobody else" {
	local folder log=$LOGS/abuse-unwritten.console
	folder=$(built kmsan)
	vm -k kmsan -t 600 -l "$log" -o "$folder/kpool.ko" \
		-o "$folder/tests/abuse/kpool_abuse.ko what=unwritten" rmmod kpool_abuse kpool
	[ "$(tr -d '\r' <"$log" | sed -n 's/.*kpool_abuse: unwritten: \(abuse-[a-z]*\)$/\1/p
		s/.*BUG: KMSAN: uninit-value in \([a-z_]*\).*/\1/p' | paste -sd ' ')" = \
		"abuse-built abuse-wiped abuse-plain read_after_put read_before_write abuse-pages \
read_after_put read_before_write abuse-ages read_after_put read_before_write" ]
}
