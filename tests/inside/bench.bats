# SPDX-License-Identifier: GPL-2.0-only
#
# kpool bench on a running kernel. Its figures mean nothing here, under detectors.

load ../helpers

bats_require_minimum_version 1.5.0

setup() {
	cd "$BATS_TEST_TMPDIR" || return
	export KPOOL_BENCH_MODULE=$BUILD/tests/bench/kpool_bench.ko
}

# refused TEXT COMMAND...: the command fails, and says why.
refused() {
	local text=$1
	shift
	run -1 "$@"
	[[ $output == *"$text"* ]]
}

@test "bench: measures, prints, writes, and unloads the module" {
	run --separate-stderr -0 kpool bench --cases pair,burst --peers kpool,kmem_cache --rounds 3 \
		--json a.json --html a.html
	[ ! -e /sys/module/kpool_bench ]
	grep -E '^ +kmem_cache ' <<<"$output"
	grep -F 'Is a pool worth it here?' <<<"$output"
	[[ $stderr == *'100 %'* ]]
	jq -e --arg kernel "$(uname -r)" --arg kpool "$(cat /sys/module/kpool/version)" '.runs[0] |
		.environment.kernel == $kernel and .environment.kpool == $kpool and
		.environment.accelerator == "none: the kernel is a program (user mode)"' a.json
	[ "$(jq -r '.runs[0].figures[] | "\(.case) \(.point) \(.peer) \(.rounds | length)"' a.json |
		sort | paste -sd ,)" = "burst 32 kmem_cache 3,burst 32 kpool 3,burst 4096 kmem_cache 3,\
burst 4096 kpool 3,pair 256 kmem_cache 3,pair 256 kpool 3" ]
	grep -qF '<canvas' a.html
}

@test "bench: every case runs, with every peer that this kernel has" {
	# This guest has more CPUs than the machine, so CPUs that hand over wait for each other's turn.
	kpool bench --rounds 1 --quiet --json all.json --parameter objects=200 \
		--cases pair,exhausted,bulk,burst,built,ring,one_to_one,many_to_one,one_to_many,pages,all_cpus,latency,interrupt,bounded,requests,requests_all_cpus,magazine
	jq -c '.runs[0].skipped' all.json
	[ "$(jq -c '.runs[0].skipped' all.json)" = '[]' ]
	[ "$(jq -r '.runs[0].figures[].case' all.json | sort -u | paste -sd ' ')" = "all_cpus bounded built bulk \
burst exhausted interrupt latency magazine many_to_one one_to_many one_to_one pages pair requests requests_all_cpus ring" ]
	# No pool and no cache is left.
	[ "$(kpool list -H -o name 'bench*' 2>/dev/null)" = '' ]
}

@test "bench: what the machine cannot do is refused, with the reason" {
	KPOOL_BENCH_MODULE='' refused 'the module kpool_bench is not installed for the running kernel' \
		kpool bench
	refused 'nothing was measured' kpool bench --cases nonsense --quiet
	[ ! -e /sys/module/kpool_bench ]
	insmod "$KPOOL_BENCH_MODULE"
	refused 'the module kpool_bench is loaded already' kpool bench
	[ -e /sys/module/kpool_bench ]
	rmmod kpool_bench
	refused 'needs root' setpriv --reuid 65534 --clear-groups kpool bench
	refused 'cannot read old.json' kpool bench --base old.json
}

@test "bench: the device gives one run at a time, and its figures end when the reader does" {
	insmod "$KPOOL_BENCH_MODULE" cases=pair rounds=1
	exec {device}</dev/kpool_bench
	refused 'Device or resource busy' cat /dev/kpool_bench
	# The first peers have pools now.
	read -r -u "$device" line
	read -r -u "$device" line
	read -r -u "$device" line
	[[ $line == 'figure pair 256 floor 0 cost '* ]]
	[ "$(kpool list -H -o name 'bench*' | wc -l)" -gt 3 ]
	run -1 rmmod kpool_bench
	exec {device}<&-
	[ "$(kpool list -H -o name 'bench*' 2>/dev/null)" = '' ]
	rmmod kpool_bench
}
