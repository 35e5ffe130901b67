# SPDX-License-Identifier: GPL-2.0-only
#
# The benchmark for people: what it makes of the figures that a kernel measured.

load helpers

bats_require_minimum_version 1.5.0

setup() {
	PATH=$TOP/tools/bench:$PATH
	cd "$BATS_TEST_TMPDIR" || return
	export -n BASE CASES ROUNDS
}

# lines FACTOR [EXTRA FACTOR]: what a kernel prints. kpool costs FACTOR times 32, and its rounds
# differ by some percent. The put with 10^N waiters costs 10 * 2^N.
lines() {
	awk -v factor="$1" 'BEGIN {
		print "environment kernel 6.1.0-test"
		print "environment cpu A CPU <with> & signs"
		print "environment mitigation:meltdown Mitigation: PTI"
		print "plan 46"
		for (round = 0; round < 8; round++) {
			jitter = 1 + (round * 5 % 8 - 3.5) / 100
			print "figure pair 256 kpool", round, "cost", 32 * factor * jitter
			print "figure pair 256 kmem_cache", round, "cost", 320 * jitter
			print "figure pair 256 kfifo", round, "cost", 16 * jitter
		}
		for (round = 0; round < 2; round++)
			for (n = 0; n <= 4; n++)
				for (peer = 0; peer < 2; peer++)
					print "figure waiters", 10 ^ n, peer ? "kpool" : "mempool", round, "cost",
						peer ? 900 : 10 * 2 ^ n
		for (round = 0; round < 2; round++) {
			print "figure requests 8 kpool_sized", round, "zeroed_bytes", 0
			print "figure requests 8 kmalloc", round, "zeroed_bytes", 5000000
		}
		print "skip size 4096 page_pool 12"
		print "end"
	}'
}

collect() { kpool-bench --lines - --quiet "$@"; }

# refused TEXT COMMAND...: the command fails, and says why.
refused() {
	local text=$1
	shift
	run -1 "$@"
	[[ $output == *"$text"* ]]
}

@test "the result has medians, quartiles, every round, and what the figures depend on" {
	lines 1 | collect --json a.json
	jq -e '.format == "kpool-bench" and .version == 1 and (.date | test("^20.*Z$"))' a.json
	jq -e '.runs[0] | .unit == "ns" and .environment.kernel == "6.1.0-test" and
		.environment.mitigations.meltdown == "Mitigation: PTI" and
		.skipped == [{"case": "size", "point": 4096, "peer": "page_pool", "errno": 12}]' a.json
	jq -e '.runs[0].figures[] | select(.peer == "kmem_cache") |
		.rounds == [308.8, 324.8, 315.2, 331.2, 321.6, 312, 328, 318.4] and
		.median == 320 and .low == 314.4 and .high == 325.6 and .least == 308.8' a.json
}

@test "the table has the figures, the curves' exponents and an answer in words" {
	lines 1 >in
	run --separate-stderr -0 kpool-bench --lines in
	grep -E '^ +kmem_cache +320\.00 ±2%$' <<<"$output"
	grep -F 'kpool: cost ~ waiters^0.00' <<<"$output"
	# log 2 / log 10
	grep -F 'mempool: cost ~ waiters^0.30 (r² 1.00)' <<<"$output"
	grep -F 'A pool is 10 times cheaper than kmem_cache for plain objects of 256 bytes' <<<"$output"
	grep -F 'If a kfifo can do the job' <<<"$output"
	grep -F 'not measured: size 4096 page_pool (error 12)' <<<"$output"
	[[ $stderr == *'100 %'* ]]
}

@test "a pool that costs more than a kmem_cache is not recommended" {
	lines 12 >in
	run -0 kpool-bench --lines in
	grep -F 'Do not use a pool for plain objects of 256 bytes' <<<"$output"
	! grep -F 'A pool is' <<<"$output" || false
}

@test "a comparison tells what changed from what is noise" {
	lines 1 | collect --json a.json
	lines 1.02 | collect --json noise.json
	lines 1.3 | collect --json worse.json
	run -0 kpool-bench --show a.json --base a.json
	grep -F ' 0 changed, ' <<<"$output"
	run -0 kpool-bench --show noise.json --base a.json
	grep -F ' 0 changed, ' <<<"$output"
	run -0 kpool-bench --show worse.json --base a.json
	grep -E '^  \+ +30\.0%  pair 256 kpool: 32\.00 -> 41\.60$' <<<"$output"
	grep -F ' 1 changed, ' <<<"$output"
	run -0 kpool-bench --show a.json --base worse.json
	grep -E '^  - +23\.1%  pair 256 kpool: ' <<<"$output"
}

@test "a comparison of different machines says so" {
	lines 1 | collect --json a.json
	lines 1 | sed 's/6.1.0-test/6.12.0-test/' | collect --json b.json
	run -0 kpool-bench --show b.json --base a.json
	grep -F 'the environments differ: kernel: was 6.1.0-test, is 6.12.0-test' <<<"$output"
	# Instructions and time are not compared.
	lines 1 | collect --unit instructions --json c.json
	run -0 kpool-bench --show c.json --base a.json
	grep -F 'a.json has no run in instructions' <<<"$output"
}

@test "what is no result is refused, with the reason" {
	lines 1 >in
	refused 'cannot read none.json' kpool-bench --lines in --base none.json
	echo '{' >bad.json
	refused 'bad.json is no JSON' kpool-bench --show bad.json
	echo '{"runs": []}' >bad.json
	refused 'is no result of the benchmark' kpool-bench --show bad.json
	echo '{"format": "kpool-bench", "version": 99}' >bad.json
	refused 'has version 99' kpool-bench --show bad.json
	echo '{"format": "kpool-bench", "version": 1, "runs": [{"unit": "ns"}]}' >bad.json
	refused "bad.json is damaged: 'environment' is missing" kpool-bench --show bad.json
	head -n 10 in >short
	refused 'the figures end in the middle' kpool-bench --lines short --json out.json
	[ ! -e out.json ]
	: >empty
	refused 'there are no figures' kpool-bench --lines empty
	echo 'figure pair 256 kpool' >bad
	refused "not a line of the benchmark: 'figure pair 256 kpool'" kpool-bench --lines bad
	refused 'No such file' kpool-bench --lines in --json none/out.json
	run -2 kpool-bench --cases 'pair size'
	[[ $output == *"'pair size' is no list of names"* ]]
}

# page FILE: loads a page in a browser without a network. Prints its tree in the end, and leaves a
# picture in shot.png. Fails if the browser's console has a message.
page() {
	local browser=(chromium --headless --no-sandbox --disable-gpu --enable-logging=stderr
		--host-resolver-rules='MAP * ~NOTFOUND' --user-data-dir="$PWD/profile"
		--window-size=1280,3000 --hide-scrollbars)
	"${browser[@]}" --screenshot=shot.png "file://$(realpath "$1")" >screenshot.log 2>&1
	"${browser[@]}" --dump-dom "file://$(realpath "$1")" 2>dom.log
	grep CONSOLE screenshot.log dom.log | none "the browser's console" >&2
}

# painted RED GREEN BLUE: how many pixels of shot.png have this colour.
painted() {
	pngtopnm shot.png | ppmhist -noheader |
		awk -v c="$*" '$1 " " $2 " " $3 == c { n = $5 } END { print n + 0 }'
}

@test "a browser draws the page's charts without an error, and the page needs nothing else" {
	lines 1 | collect --json a.json --html a.html
	page a.html >dom
	grep -o 'data-drawn="[0-9]*"' dom
	# pair, waiters, and zeroed bytes
	grep -qF 'data-drawn="3"' dom
	! grep -F 'data-errors="' dom || false
	grep -F 'A pool is 10 times cheaper than kmem_cache' dom
	grep -F 'A CPU &lt;with&gt; &amp; signs' dom
	grep -E '(src|href)="?.?(https?:)?//' a.html | none 'what the page would fetch'
	# kpool's bar, and kmem_cache's, which is ten times as long
	[ "$(painted 11 92 173)" -gt 500 ]
	[ "$(painted 217 115 13)" -gt 5000 ]
}

@test "a page of a kernel's figures: measured, collected, drawn, 6.1" {
	local folder
	folder=$(built 6.1)
	vm --icount -t 600 -o "$folder/kpool.ko" \
		-o "$folder/tests/bench/kpool_bench.ko rounds=2 round_ns=200000 cases=pair,latency,requests,pools" \
		"$TOP/tools/bench/measure" >in
	collect --unit instructions --json a.json --html a.html <in
	jq -e '.runs[0] | .environment.zeroing == "on-alloc" and .skipped == [] and
		(.environment.mitigations | length > 3)' a.json
	page a.html >dom
	! grep -F 'data-errors="' dom || false
	# pair; gets and puts; the metrics of requests that are not all zero; create, pair, destroy
	grep -o 'data-drawn="[0-9]*"' dom
	[ "$(grep -o 'data-drawn="[0-9]*"' dom | tr -dc 0-9)" -ge 11 ]
}
