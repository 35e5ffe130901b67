# SPDX-License-Identifier: GPL-2.0-only
#
# kpool export with a kernel: figures as metrics, and as Prometheus gives them back. Runs in a guest
# that has kpool.ko loaded and no pool. kpool, promtool, prometheus and prometheus-node-exporter
# are in PATH, BUILD is the folder with the modules.

bats_require_minimum_version 1.5.0
TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
load ../tool

# Pools whose figures are known, sets of buffers, and a pool that is detached.
setup_file() {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" pools=1 used=1 limits=1 sets=1 'odd=odd"\name'
	echo 1 >/sys/module/kpool_crowd/parameters/hold
	ip link set lo up
}

teardown_file() {
	rmmod kpool_crowd
}

# samples LABEL: metrics with this label, as `NAME VALUE`.
samples() {
	kpool export | sed -n "/^#/d; /[{,]$1[,}]/s/^\([a-z_]*\){.*} /\1 /p"
}

# value NAME LABEL: of a metric with this label. Nothing if there is none.
value() { samples "$2" | sed -n "s/^$1 //p"; }

@test "export: promtool has nothing to say of the text, and both formats have the same samples" {
	kpool export --prometheus >"$BATS_TEST_TMPDIR/text"
	run -0 promtool check metrics <"$BATS_TEST_TMPDIR/text"
	[ -z "$output" ]
	kpool export >"$BATS_TEST_TMPDIR/open"
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/open")" = '# EOF' ]
	# Times are rounded to a second.
	diff <(grep -v '^#\|_timestamp_' "$BATS_TEST_TMPDIR/open") \
		<(grep -v '^#\|_timestamp_' "$BATS_TEST_TMPDIR/text")
}

@test "export: each figure of a pool and of a set, as the other commands say it" {
	local numbers='to_entries[] | select(.value | type == "number") | "\(.key) \(.value)"'
	kpool stats -j crowd-used | jq -r ".[0] | del(.id, .memory, .overhead) |
		$numbers" | grep -v "_[nm]s " |
		sort >"$BATS_TEST_TMPDIR/figures"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/figures")" -ge 46 ]
	samples 'pool="crowd-used"' | sed 's/^kpool_//; s/_total / /' | sort |
		comm -13 - "$BATS_TEST_TMPDIR/figures" >"$BATS_TEST_TMPDIR/missing"
	diff /dev/null "$BATS_TEST_TMPDIR/missing"
	[ "$(value kpool_gets_total 'pool="crowd-used"')" = 803 ]
	[ "$(value kpool_memory_bytes 'pool="crowd-used"')" = \
		"$(kpool show -j crowd-used | jq '.[0].memory')" ]
	[ "$(value kpool_overhead_bytes 'pool="crowd-used"')" = \
		"$(kpool show -j crowd-used | jq '.[0].overhead')" ]

	kpool show -j crowd-mixed |
		jq -r ".[0] | del(.id, .waste, .max_idle_bytes) | $numbers" |
		sed -E 's/^(memory|overhead|oversize_memory) /\1_bytes /' |
		sort >"$BATS_TEST_TMPDIR/figures"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/figures")" -ge 15 ]
	kpool export | sed -n 's/^kpool_set_\([a-z_]*\){set="crowd-mixed",.*} /\1 /p' |
		sed 's/_total / /' | sort |
		comm -13 - "$BATS_TEST_TMPDIR/figures" >"$BATS_TEST_TMPDIR/missing"
	diff /dev/null "$BATS_TEST_TMPDIR/missing"
	[ "$(kpool show -j crowd-mixed | jq '.[0].classes[1].asked_bytes')" = \
		"$(value kpool_asked_bytes_total 'pool="crowd-mixed-2K"')" ]
}

@test "export: labels of pools, classes, odd names, and of a pool that is detached" {
	local id
	id=$(kpool show -j crowd-used | jq '.[0].id')
	kpool export >"$BATS_TEST_TMPDIR/open"
	grep -F "kpool_in_use{pool=\"crowd-used\",id=\"$id\",owner=\"kpool_crowd\"} 3" "$BATS_TEST_TMPDIR/open"
	grep -E '^kpool_in_use\{pool="crowd-mixed-2K",id="[0-9]+",owner="kpool_crowd",set="crowd-mixed"\} 2$' \
		"$BATS_TEST_TMPDIR/open"
	grep -F 'kpool_in_use{pool="odd\"\\name",' "$BATS_TEST_TMPDIR/open"
	grep -E '^kpool_pool_info\{pool="crowd-held",.*,state="detached",backing="slab",zone="any",node="any",flags=""\} 1$' \
		"$BATS_TEST_TMPDIR/open"
	grep -E '^kpool_set_info\{set="crowd-mixed",id="[0-9]+",owner="kpool_crowd",state="live"\} 1$' \
		"$BATS_TEST_TMPDIR/open"
	[ "$(grep -c '^kpool_in_use{' "$BATS_TEST_TMPDIR/open")" = "$(kpool list -CH | wc -l)" ]
}

@test "export: limits, and no sample for no limit" {
	local label='pool="crowd-limits"'
	samples "$label" | grep -E '^kpool_limit_(max|max_idle|idle_seconds) ' && false
	[ "$(value kpool_limit_reserve "$label")" = 0 ]
	kpool set crowd-limits max=7 max_idle=nothing idle_ms=1500 min_idle=0
	[ "$(value kpool_limit_max "$label")" = 7 ]
	[ "$(value kpool_limit_max_idle "$label")" = 0 ]
	[ "$(value kpool_limit_idle_seconds "$label")" = 1.5 ]
	[ "$(value kpool_limit_lifetime_seconds "$label")" = '' ]
	kpool set crowd-limits max=none max_idle=none idle_ms=none
	[ "$(value kpool_limit_max "$label")" = '' ]
}

@test "export: a get that waited is in the histogram, and pools without waits have none" {
	local wanted=/sys/module/kpool_crowd/parameters/wanted label='pool="crowd-limits"' waiter ns i=0
	kpool set crowd-limits max=1
	echo 2 >$wanted &
	waiter=$!
	until [ "$(value kpool_waiting "$label")" = 1 ]; do
		[ $((i++)) -lt 100 ] && sleep 0.1
	done
	kpool set crowd-limits max=2
	wait $waiter
	echo 0 >$wanted
	[ "$(value kpool_waits_total "$label")" = 1 ]
	[ "$(value kpool_wait_duration_seconds_count "$label")" = 1 ]
	ns=$(kpool stats -j crowd-limits | jq '.[0].wait_ns')
	[ "$(value kpool_wait_duration_seconds_sum "$label" | awk '{ printf "%.0f", $1 * 1e9 }')" = "$ns" ]
	# Each bound counts the waits below it: 0 up to the longest bound that the wait reached.
	kpool export | sed -n "/^kpool_wait_duration_seconds_bucket{$label,/s/.*le=\"\(.*\)\"} / \1 /p" \
		>"$BATS_TEST_TMPDIR/buckets"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/buckets")" = 24 ]
	awk -v ns="$ns" '$1 != "+Inf" { if ($2 != (ns < $1 * 1e9)) exit 1 } END { if ($2 != 1) exit 1 }' \
		"$BATS_TEST_TMPDIR/buckets"
	[ "$(samples 'pool="crowd-0"' | grep -c wait)" = 0 ]
}

@test "export --textfile: the new file replaces the old one as a whole, and others may read it" {
	local folder=$BATS_TEST_TMPDIR/folder old
	mkdir "$folder"
	echo old >"$folder/kpool.prom"
	exec {old}<"$folder/kpool.prom"
	run -0 env -C "$folder" sh -c 'umask 077; kpool export --textfile kpool.prom'
	[ -z "$output" ]
	# Who has opened the old file still reads the old file.
	[ "$(cat <&"$old")" = old ]
	exec {old}<&-
	[ "$(stat -c %a "$folder/kpool.prom")" = 644 ]
	diff <(grep -v _timestamp_ "$folder/kpool.prom") <(kpool export -P | grep -v _timestamp_)
	[ "$(ls "$folder")" = kpool.prom ]
}

@test "export --textfile: what it cannot write, it says, and the old file stays" {
	local folder=$BATS_TEST_TMPDIR/folder
	mkdir "$folder" "$folder/full"
	refused 1 "cannot make a file beside $folder/none/k.prom: No such file or directory" \
		kpool export -t "$folder/none/k.prom"
	refused 1 "$folder is not a regular file" kpool export -t "$folder"
	refused 1 '/dev/null is not a regular file' kpool export -t /dev/null
	[ -c /dev/null ]
	ln -s real "$folder/link"
	refused 1 "$folder/link is not a regular file" kpool export -t "$folder/link"
	mount -t tmpfs -o size=8k full "$folder/full"
	echo old >"$folder/full/k.prom"
	refused 1 "cannot write $folder/full/k.prom: No space left on device" \
		kpool export -t "$folder/full/k.prom"
	[ "$(ls "$folder/full")" = k.prom ]
	[ "$(cat "$folder/full/k.prom")" = old ]
	umount "$folder/full"
	run -1 bash -c 'kpool export >/dev/full'
	[[ $output == *'cannot write: No space left on device' ]]
	# Who is not root sees the same.
	setpriv --reuid 65534 --regid 65534 --clear-groups kpool export | grep '^kpool_in_use{'
}

# answer QUERY: what Prometheus answers, as `LABELS VALUE`.
answer() {
	promtool query instant http://127.0.0.1:9090 "$1" | sed 's/ => \(.*\) @.*/ \1/'
}

# answers QUERY TEXT: waits until Prometheus answers this.
answers() {
	local i=0
	until [ "$(answer "$1" 2>/dev/null)" = "$2" ]; do
		[ $((i++)) -lt 300 ] || { answer "$1" && tail -n 20 "$BATS_TEST_TMPDIR"/*.log && return 1; }
		sleep 0.2
	done
}

# The servers of the test that runs.
servers=()

# serve NAME COMMAND...: in the background, until the end of the test. The output goes to a log.
serve() {
	local name=$1
	shift
	"$@" >"$BATS_TEST_TMPDIR/$name.log" 2>&1 3>&- &
	servers+=($!)
}

teardown() {
	[ ${#servers[@]} != 0 ] || return 0
	kill "${servers[@]}"
	wait "${servers[@]}" || :
}

# types JOB NAME TYPE...: Prometheus has read that a metric has a type, once.
types() {
	local job=$1
	shift
	while [ $# -gt 0 ]; do
		jq -e --arg job "$job" --arg name "$1" --arg type "$2" '.data |
			map(select(.target.job == $job and .metric == $name)) | map(.type) == [$type]' \
			"$BATS_TEST_TMPDIR/types" || { echo "$job: $1 is no $2" && return 1; }
		shift 2
	done
}

# Prometheus reads the figures twice: from the node exporter, and as OpenMetrics from a server that
# says so.
@test "Prometheus reads the figures, from the node exporter and as OpenMetrics" {
	local at=$BATS_TEST_TMPDIR job
	mkdir "$at/node" "$at/web"
	kpool export --textfile "$at/node/kpool.prom"
	kpool export >"$at/web/kpool.openmetrics"
	cat >"$at/prometheus.yml" <<-END
		global: { scrape_interval: 5s, scrape_timeout: 5s, evaluation_interval: 5s }
		rule_files: [ $TOP/tools/prometheus/kpool.rules.yml ]
		scrape_configs:
		  - job_name: node
		    static_configs: [ targets: [ "127.0.0.1:9100" ] ]
		  - job_name: web
		    metrics_path: /kpool.openmetrics
		    static_configs: [ targets: [ "127.0.0.1:8000" ] ]
	END
	serve node prometheus-node-exporter --web.listen-address=127.0.0.1:9100 \
		--collector.disable-defaults --collector.textfile --collector.textfile.directory="$at/node"
	cat >"$at/web.py" <<-'END'
		import functools, http.server, sys
		class Handler(http.server.SimpleHTTPRequestHandler):
		    extensions_map = {".openmetrics": "application/openmetrics-text; version=1.0.0; charset=utf-8"}
		handler = functools.partial(Handler, directory=sys.argv[1])
		http.server.HTTPServer(("127.0.0.1", 8000), handler).serve_forever()
	END
	serve web /usr/bin/python3 "$at/web.py" "$at/web"
	serve prometheus prometheus --config.file="$at/prometheus.yml" --storage.tsdb.path="$at/tsdb" \
		--web.listen-address=127.0.0.1:9090
	answers 'count(kpool_gets_total{pool="crowd-used"})' '{} 2'
	# It refused nothing.
	[ "$(answer 'min(up)')" = '{} 1' ]
	[ "$(answer 'node_textfile_scrape_error')" = \
		'node_textfile_scrape_error{instance="127.0.0.1:9100", job="node"} 0' ]
	[ "$(answer 'count by (job) (kpool_limit_magazine)' | sort -u | wc -l)" = 2 ]
	for job in node web; do
		[ "$(answer "sum by (pool, owner) (kpool_gets_total{pool=\"crowd-used\",job=\"$job\"})")" = \
			'{owner="kpool_crowd", pool="crowd-used"} 803' ]
		[ "$(answer "sum(kpool_set_oversize_bytes_total{set=\"crowd-mixed\",job=\"$job\"})")" = '{} 50000' ]
		[ "$(answer "sum by (set) (kpool_in_use{set=\"crowd-mixed\",job=\"$job\"})")" = \
			'{set="crowd-mixed"} 3' ]
		[ "$(answer "count(kpool_pool_info{state=\"detached\",job=\"$job\"})")" = '{} 1' ]
	done
	# The types came through, too.
	/usr/bin/python3 -c 'import sys, urllib.request
sys.stdout.buffer.write(urllib.request.urlopen(sys.argv[1]).read())' \
		http://127.0.0.1:9090/api/v1/targets/metadata >"$at/types"
	types node kpool_gets_total counter kpool_in_use gauge kpool_pool_info gauge \
		kpool_wait_duration_seconds histogram
	types web kpool_gets counter kpool_in_use gauge kpool_pool info \
		kpool_wait_duration_seconds histogram
	# The detached pool begins to count for its alert.
	answers 'count(ALERTS{alertname="KpoolDetached",alertstate="pending",pool="crowd-held"})' '{} 2'
}

@test "export: valgrind finds neither an error nor a leak" {
	local check=(valgrind -q --leak-check=full --show-leak-kinds=all
		--errors-for-leak-kinds=all --error-exitcode=99)
	run -0 "${check[@]}" kpool export
	run -0 "${check[@]}" kpool export -t "$BATS_TEST_TMPDIR/k.prom"
	run -1 "${check[@]}" kpool export -t /dev/null
}

@test "export: no pool at all" {
	rmmod kpool_crowd
	[ "$(kpool export)" = '# EOF' ]
	kpool export -t "$BATS_TEST_TMPDIR/k.prom"
	[ -e "$BATS_TEST_TMPDIR/k.prom" ] && [ ! -s "$BATS_TEST_TMPDIR/k.prom" ]
	setup_file
}
