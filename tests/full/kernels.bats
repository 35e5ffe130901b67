# SPDX-License-Identifier: GPL-2.0-only
#
# Tests of tests/*.bats that run there on one kernel, here on the others.

load ../helpers
load ../netlink

@test "netlink, on 6.1" {
	netlink_on 6.1
}

@test "netlink, on 6.12 with PREEMPT_RT" {
	netlink_on 6.12-rt
}

@test "netlink, on 7.3" {
	netlink_on 7.3
}

@test "rings mapped into processes, on 6.1" {
	mapped 6.1
}

@test "rings mapped into processes, on 6.12 with PREEMPT_RT" {
	mapped 6.12-rt
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

@test "the HTTP sample: long answers, slow clients, on 6.12 with PREEMPT_RT" {
	http streams 6.12-rt 600
}

@test "make demo, on 7.3" {
	logged demo-7.3 "$TOP/tests/demo" -k 7.3 "$LOGS"
}

@test "stress of all CPUs, on 6.12" {
	stress 6.12 4 rcu_nocbs=all
}

@test "stress of all CPUs, native with PREEMPT_RT" {
	stress native-rt 2
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

# consumers OWNER KERNEL: builds the stress and a sample for KERNEL against the kpool.ko of OWNER, as
# a consumer does against an installed kpool. Prints the folder with all of them.
consumers() {
	local owner kdir arguments folder=$LOGS/consumers-$2
	owner=$(built "$1")
	kdir=$(kernel "$2")
	read -ra arguments <"$kdir/make"
	mkdir -p "$folder/tests/stress" "$folder/samples/hello"
	ln -s "$owner/kpool.ko" "$TOP/module" "$folder"
	ln -s "$TOP"/tests/stress/* "$folder/tests/stress"
	ln -s "$TOP"/samples/hello/* "$folder/samples/hello"
	echo 'obj-m := tests/stress/ samples/hello/' >"$folder/Kbuild"
	logged "consumers-$2" make -C "$(realpath "$kdir/build")" M="$folder" \
		KPOOL="$owner/stage/usr/local" KBUILD_EXTRA_SYMBOLS="$owner/Module.symvers" \
		"${arguments[@]}" modules
	echo "$folder"
}

@test "kpool.ko from gcc with consumers from clang, and the other way round, on 6.12" {
	local clang gcc log=$LOGS/stress-mixed.console
	clang=$(consumers 6.12 6.12-clang)
	gcc=$(consumers 6.12-clang 6.12)
	vm -k 6.12 -c 4 -l "$log" -t "$(by_scale 180 7200)" bash -ec "
		for folder in $clang $gcc; do
			insmod \$folder/kpool.ko
			insmod \$folder/samples/hello/hello.ko
			rmmod hello kpool
			$TOP/tests/vm/guest/stress \$folder ops=$(by_scale 2000 100000)
		done"
	kernel-log "$log"
}

# The KUnit suites have the other half: hardirq_gets_what_min_idle_keeps.
@test "lockdep reports a build in hard interrupt context, as kpool_get() says, 6.1 with detectors" {
	local folder log=$LOGS/abuse-hardirq.console
	folder=$(built debug)
	vm -k debug -l "$log" -o "$folder/kpool.ko" \
		-o "$folder/tests/abuse/kpool_abuse.ko what=hardirq" rmmod kpool_abuse kpool
	[ "$(grep -ac 'BUG: Invalid wait context' "$log")" = 1 ]
	grep -a 'get_and_put' "$log"
}
