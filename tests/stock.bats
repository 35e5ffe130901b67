# SPDX-License-Identifier: GPL-2.0-only
#
# End to end on distribution kernels, as they are shipped.

load helpers

@test "make demo, on 6.1" {
	logged demo "$TOP/tests/demo" "$LOGS"
}

# It names each of its checks in its log.
@test "the HTTP sample: every answer, every limit, unload under load, on 6.1" {
	local folder
	folder=$(built 6.1 samples)
	logged httpd vm -c 2 -t 200 -l "$LOGS/httpd.console" -o "$folder/kpool.ko" \
		-o "$folder/samples/connpool/connpool.ko" \
		"$TOP/tests/vm/guest/httpd" "$folder/samples/httpd/httpd.ko"
	kernel-log "$LOGS/httpd.console"
}

# SCALE=full kills the backend a thousand times.
proxy() {
	local folder log=$LOGS/proxy-$1.console
	folder=$(built "$1" samples)
	logged "proxy-$1" vm -k "$1" -c 2 -t "$(by_scale 180 1800)" -l "$log" \
		-o "$folder/kpool.ko" -o "$folder/samples/connpool/connpool.ko" \
		"$TOP/tests/vm/guest/proxy" "$folder/samples/httpd/httpd.ko" "$(nginx)"
	kernel-log "$log"
}

@test "the HTTP sample as a proxy: a real backend that comes and goes, on 6.1" {
	proxy 6.1
}

@test "the HTTP sample as a proxy: a real backend that comes and goes, on 6.12 with PREEMPT_RT" {
	proxy 6.12-rt
}

# Rings in the address space of programs that fork, scribble and go on after the end.
mapped() {
	local folder log=$LOGS/mapped-$1.console
	folder=$(built "$1" modules KPOOL_MAPPED=1)
	gcc -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -Werror -I"$TOP/uapi" -pthread -o "$LOGS/race" \
		"$TOP/tests/mapped/race.c"
	logged "mapped-$1" vm -k "$1" -c 2 -t 300 -l "$log" -o "$folder/kpool.ko" \
		-o "$folder/tests/mapped/kpool_mapped.ko" "$TOP/tests/vm/guest/mapped" "$LOGS/race"
	kernel-log "$log"
}

@test "rings mapped into processes, on 6.1" {
	mapped 6.1
}

@test "rings mapped into processes, on 6.12 with PREEMPT_RT" {
	mapped 6.12-rt
}

@test "rings mapped into processes, on the debug kernel" {
	mapped debug
}

# It prints what was lost under a flood, and what sending took.
#   tap KERNEL [lo]
tap() {
	local folder log=$LOGS/tap-$1.console
	folder=$(built "$1" samples)
	logged "tap-$1" vm -k "$1" -c 2 -t "$(by_scale 600 1800)" -l "$log" -o "$folder/kpool.ko" \
		"$TOP/tests/vm/guest/tap" "$folder/samples/tap/kpool-tap.ko" "${@:2}"
	kernel-log "$log"
}

@test "the tap sample: every packet, or how many were lost, on 6.1" {
	tap 6.1
}

@test "the tap sample: every packet, or how many were lost, on 6.12 with PREEMPT_RT" {
	tap 6.12-rt
}

@test "the tap sample: every packet, or how many were lost, on the debug kernel" {
	tap debug lo
}

streams() {
	local folder log=$LOGS/streams-$1.console
	folder=$(built "$1" samples)
	logged "streams-$1" vm -k "$1" -c 2 -t 300 -l "$log" \
		-o "$folder/kpool.ko" -o "$folder/samples/connpool/connpool.ko" \
		"$TOP/tests/vm/guest/streams" "$folder/samples/httpd/httpd.ko"
	kernel-log "$log"
}

@test "the HTTP sample as a proxy: long answers, slow clients, on 6.1" {
	streams 6.1
}

@test "the HTTP sample as a proxy: long answers, slow clients, on 6.12 with PREEMPT_RT" {
	streams 6.12-rt
}

@test "rmmod is refused while a consumer is loaded, on 6.1" {
	local folder
	folder=$(built 6.1 samples)
	vm -l "$LOGS/rmmod.console" -o "$folder/kpool.ko" -o "$folder/samples/hello/hello.ko" \
		bash -c 'if rmmod kpool; then exit 1; fi; rmmod hello && rmmod kpool'
	kernel-log "$LOGS/rmmod.console"
}

@test "objects grow old while the machine sleeps, on 6.1" {
	local folder
	folder=$(built 6.1 modules KPOOL_CROWD=1)
	logged suspend vm -t 90 -a no_console_suspend -l "$LOGS/suspend.console" \
		"$TOP/tests/vm/guest/suspend" "$folder"
	kernel-log "$LOGS/suspend.console"
}

# Loads, stresses and unloads; the module itself checks its figures and fails to load.
#   stress KERNEL [WORDS for its command line]
stress() {
	local folder log=$LOGS/stress-$1.console
	folder=$(built "$1" modules KPOOL_STRESS=1)
	vm -k "$1" -c 4 -a "${2:-}" -t "$(by_scale 240 3600)" -l "$log" \
		"$TOP/tests/vm/guest/stress" "$folder" ops="$(by_scale 50000 1000000)"
	kernel-log "$log"
}

@test "stress of all CPUs, on 6.1" {
	stress 6.1
}

@test "stress of all CPUs, on 6.12" {
	stress 6.12 rcu_nocbs=all
}

@test "stress of all CPUs, on 6.12 with PREEMPT_RT" {
	stress 6.12-rt
}
