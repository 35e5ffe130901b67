# SPDX-License-Identifier: GPL-2.0-only
#
# The kpool program with a kernel: each command, each refusal, JSON against its schema. Wrong words
# are in tests/usage.bats. Runs in a guest that has kpool.ko loaded and no pool. kpool is in PATH,
# BUILD is the folder with the modules.

TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
load ../tool

# Three pools, and one whose figures are known.
setup_file() {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" pools=3 used=1
}

teardown_file() {
	rmmod kpool_crowd
}

@test "list: a heading, and a line a pool" {
	run -0 kpool list
	[ "${#lines[@]}" = 5 ]
	[[ ${lines[0]} =~ ^ID\ +NAME\ +STATE\ +IN_USE\ +IDLE\ +MAX\ +WAITING\ +MEMORY\ +OWNER$ ]]
	[[ ${lines[1]} =~ ^\ *[0-9]+\ crowd-used\ +live\ +3\ +[0-9]+\ +100000\ +0\ .*\ kpool_crowd$ ]]
	[[ ${lines[4]} =~ ^\ *[0-9]+\ crowd-2\ +live\ +0\ +[01]\ +none\  ]]
}

@test "list --output: these columns, without headings" {
	run -0 kpool list --no-headings --output name,size,flags
	# libsmartcols 2.38 leaves room for a heading that it does not print, 2.41 does not.
	[[ ${lines[2]} =~ ^crowd-1\ {4,5}128\ $ ]]
}

@test "list --sort: the largest number first, texts from A on, --reverse the other way round" {
	[ "$(kpool list -H -o size -s size | xargs)" = '192 128 64 64' ]
	[ "$(kpool list -H -o size -s size -r | xargs)" = '64 64 128 192' ]
	[ "$(kpool list -H -o name -s name | xargs)" = 'crowd-0 crowd-1 crowd-2 crowd-used' ]
}

@test "list: sizes have units, but not with --bytes" {
	[ "$(kpool list -H -o memory -s memory | head -n 1 | xargs)" != \
		"$(kpool list -b -H -o memory -s memory | head -n 1 | xargs)" ]
	[[ $(kpool list -H -o memory -s memory | head -n 1 | xargs) =~ ^[0-9.]+K$ ]]
	[[ $(kpool list -b -H -o memory -s memory | head -n 1 | xargs) =~ ^[0-9]+$ ]]
}

@test "list on a terminal fits into it" {
	run -0 script -qec 'stty cols 48; kpool list -o id,name,state,size,owner,existing,in_use' /dev/null
	[ "${#lines[@]}" = 5 ]
	for line in "${lines[@]}"; do
		line=${line%$'\r'}
		[ ${#line} -le 48 ] || { echo "$output" && false; }
	done
}

# One test for all commands, because python takes long to start.
@test "--json: of each command, what the schema says" {
	local json=$BATS_TEST_TMPDIR/json
	echo 1 >/sys/module/kpool_crowd/parameters/hold
	{
		kpool list -j | sed 's/^/list /'
		kpool show -j crowd-used crowd-0 | sed 's/^/show /'
		kpool show -jc crowd-used | sed 's/^/show /'
		kpool stats -j | sed 's/^/stats /'
		kpool stats -cj | sed 's/^/stats /'
		kpool stats -d 0.1 -n 3 -cj | sed 's/^/stats_delay /'
		kpool monitor -a -j -n 5 | sed 's/^/event /'
	} >"$json"
	echo 0 >/sys/module/kpool_crowd/parameters/hold
	[ "$(valid <"$json")" = 13 ]
	grep '"state":"detached"' "$json"
}

@test "--json: what it says is right; --pretty says the same on several lines" {
	[ "$(kpool list -j | jq -r 'map(.name) | join(" ")')" = \
		'crowd-used crowd-0 crowd-1 crowd-2' ]
	[ "$(kpool list -j -s size | jq -c 'map(.size)')" = '[192,128,64,64]' ]
	[ "$(kpool stats -j crowd-used | jq '.[0].gets')" = 803 ]
	[ "$(kpool show -jc crowd-used | jq -c '.[0].stats.cpus | map(.cpu)')" = '[0,1,2,3]' ]
	[ "$(kpool list -p | wc -l)" -gt 50 ]
	[ "$(kpool list -p | jq -c .)" = "$(kpool list -j | jq -c .)" ]
}

@test "show: a pool by its name, and the same by its id" {
	local id
	id=$(kpool show -j crowd-1 | jq '.[0].id')
	run -0 kpool show crowd-1
	grep -E '^name +crowd-1 +name of the pool' <<<"$output"
	grep -E '^gets +1 ' <<<"$output"
	grep -E '^max_idle +no limit ' <<<"$output"
	[ "$(kpool show -b crowd-1)" = "$(kpool show -b "$id")" ]
	# No line twice. What matters is on the first screen.
	run -0 kpool show crowd-used
	[ -z "$(awk '{ print $1 }' <<<"$output" | sed '/^[0-9A-Z]/d' | sort | uniq -d)" ]
	for id in state in_use memory overhead max max_idle reserve waiting timeouts; do
		head -n 24 <<<"$output" | grep -E "^$id +[0-9a-z]"
	done
}

@test "show of several pools, and --percpu" {
	run -0 kpool show --percpu crowd-0 crowd-used
	[ "$(grep -c ^name <<<"$output")" = 2 ]
	grep -E '^CPU +CAPACITY +IDLE +GETS +PUTS +GET_MISSES +PUT_MISSES$' <<<"$output"
	[ "$(grep -cE '^NODE +IDLE +GETS +PUTS +CONTENDED +SENT_HOME$' <<<"$output")" = 2 ]
	# One CPU used the first pool, all four used the second. Each has the depot of one node.
	[ "$(grep -cE '^ +[0-3] ' <<<"$output")" = 7 ]
}

@test "show: the figures are those of the API and of debugfs" {
	local api=/sys/module/kpool_crowd/parameters/stats
	[ "$(wc -l <$api)" -ge 53 ]
	diff $api /sys/kernel/debug/kpool/*-crowd-used/stats
	kpool show -j crowd-used | jq -r '.[0].stats | del(.id, .name) | to_entries[] |
		"\(.key): \(.value)"' | diff <(sort $api) <(sort)
}

@test "show: a pool that does not exist, and what is near" {
	refused 1 "no pool or set of buffers has the name or id 'crowd-usde'" kpool show crowd-usde
	grep -E 'did you mean crowd-used \(id [0-9]+\)\?' <<<"$stderr"
	refused 1 "no pool or set of buffers has the name or id '4000000000'" kpool show 4000000000
	refused 1 "no pool or set of buffers has the name or id '0'" kpool show 0
	refused 1 "no pool or set of buffers has the name or id ''" kpool show ''
	refused 1 "no pool or set of buffers has the name or id 'zzzzzzzzzzzz'" kpool show zzzzzzzzzzzz
	[[ $stderr != *'did you mean'* ]]
	refused 1 'no pool or set of buffers has' kpool show 99999999999999999999999999999999999999
	refused 1 'no pool or set of buffers has' kpool show "$(head -c 5000 /dev/zero | tr '\0' x)"
}

@test "show: one of several that does not exist does not hide the others" {
	run --separate-stderr -1 kpool show crowd-0 nobody crowd-1
	[ "$(grep -c ^name <<<"$output")" = 2 ]
	grep -F "'nobody'" <<<"$stderr"
}

@test "show: a detached pool by its id, and its name leads there" {
	local id
	echo 1 >/sys/module/kpool_crowd/parameters/hold
	id=$(kpool list -H -o id,state | awk '$2 == "detached" { print $1 }')
	run -0 kpool show "$id"
	grep -E '^state +detached ' <<<"$output"
	grep -E '^detach_time +[0-9.]+ s ago ' <<<"$output"
	refused 1 "no pool or set of buffers has the name or id 'crowd-held'" kpool show crowd-held
	grep -F "did you mean crowd-held (id $id, being destroyed)" <<<"$stderr"
	echo 0 >/sys/module/kpool_crowd/parameters/hold
	refused 1 'no pool or set of buffers has' kpool show "$id"
}

@test "stats: all pools, or those that are named" {
	run -0 kpool stats
	[ "${#lines[@]}" = 5 ]
	[[ ${lines[0]} =~ ^ID\ +NAME\ +IN_USE(\ +IDLE)?\ +GETS\ +CREATED\ +HITS$ ]]
	run -0 kpool stats crowd-used crowd-2
	[ "${#lines[@]}" = 3 ]
	# 4 CPUs, 200 objects each, and 3 that stay in use
	[ "$(kpool stats -H -o gets,puts,in_use crowd-used | xargs)" = '803 800 3' ]
	refused 1 "no pool or set of buffers has the name or id 'nobody'" kpool stats crowd-0 nobody
}

@test "stats --percpu: a line for each CPU that used a pool" {
	run -0 kpool stats --percpu crowd-used crowd-0
	[ "${#lines[@]}" = 6 ]
	[ "$(kpool stats -cH -o cpu -s cpu -r crowd-used | xargs)" = '0 1 2 3' ]
}

@test "stats --delay: rates of what happens now, as often as asked" {
	run -0 kpool stats --delay 0.1 --count 3 --output id,gets,puts crowd-used
	[ "$(grep -c '^ID' <<<"$output")" = 3 ]
	grep -E 'GETS/S +PUTS/S' <<<"$output"
}

@test "stats --delay: the rates are right" {
	local line watched watcher
	watch kpool stats -d 0.2 -j
	next_line
	# In some interval a pool was created, with one get and one object built.
	insmod "$BUILD/samples/hello/hello.ko"
	until [[ $line == *'"name":"hello"'* ]]; do
		next_line
	done
	rmmod hello
	kill "$watcher"
	jq -e '.seconds as $s | .pools[] | select(.name == "hello") |
		.existing == 1 and (.per_second.gets * $s - 1 | fabs) < 0.01 and
		(.per_second.created * $s - 1 | fabs) < 0.01' <<<"$line"
}

@test "stats --delay ends when the only pool that was asked for is gone" {
	local line watched watcher
	insmod "$BUILD/samples/hello/hello.ko"
	watch kpool stats -d 0.1 hello
	next_line
	rmmod hello
	until [[ $line == kpool:* ]]; do
		next_line
	done
	[ "$line" = 'kpool: what was named is gone' ]
	watched_ends 1
}

@test "monitor: present, created, detached, gone, in order" {
	local line watched watcher
	watch kpool monitor --all --count 9
	# First come the four pools that exist. After them monitor listens.
	for _ in 1 2 3 4; do
		next_line
		[[ $line == *' present '* ]]
	done
	echo 1 >/sys/module/kpool_crowd/parameters/hold
	echo 0 >/sys/module/kpool_crowd/parameters/hold
	insmod "$BUILD/samples/hello/hello.ko"
	rmmod hello
	run -0 cat <&"$watched"
	[ "$(awk '{ print $2, $4 }' <<<"$output" | paste -sd,)" = \
		'created crowd-held,detached crowd-held,gone crowd-held,created hello,gone hello' ]
	watched_ends 0
}

# The limits of crowd-limits, in one line.
limits() {
	kpool show -j crowd-limits | jq -c '.[0] | [.min_idle, .max_idle, .max, .reserve, .idle_ms,
		.lifetime_ms]'
}

# Loads crowd-limits without the other pools, until the end of the test that calls this.
limits_setup() {
	rmmod kpool_crowd
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" limits=1 pools=1
}

limits_end() {
	rmmod kpool_crowd
	setup_file
}

# Loads sets of buffers without the pools of the crowd, until the end of the test that calls this.
sets_setup() {
	rmmod kpool_crowd
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" sets=1 "$@"
}

sets_end() {
	rmmod kpool_crowd
	setup_file
}

# class_table NAME: the table of the set's classes, without the last column.
class_table() {
	kpool show -b "$1" | sed -n '/^ *SIZE /,/^$/p' | sed 1d | awk 'NF { NF--; print }'
}

@test "list: a set of buffers is one line, and its classes are their pools with --classes" {
	local id
	sets_setup pools=1
	run -0 kpool list
	[ "${#lines[@]}" = 5 ]
	id=$(kpool list -H -o id -S | head -n 1 | xargs)
	[ "$(kpool list -H | grep crowd-mixed | xargs)" = \
		"$id crowd-mixed live 3 1 0 28.5K kpool_crowd" ]
	[ "$(kpool list -H -o size,existing crowd-mixed | xargs)" = '512..8K 4' ]
	[ "$(kpool list -bH -o name,size,memory | grep crowd-mixed | xargs)" = 'crowd-mixed 512..8192 29184' ]
	# A column is empty if the set does not have the figure.
	[ "$(kpool list -H -o name,max,footprint,flags,set_id -s name -r | head -n 1 | xargs)" = crowd-wide ]
	[ "$(kpool list -H -o name -s memory | head -n 1 | xargs)" = crowd-mixed ]
	[ "$(kpool list -H -o name | xargs)" = 'crowd-0 crowd-mixed crowd-same crowd-wide' ]
	[ "$(kpool list -H -o name -r | xargs)" = 'crowd-wide crowd-same crowd-mixed crowd-0' ]
	[ "$(kpool list --sets -H -o name | xargs)" = 'crowd-mixed crowd-same crowd-wide' ]
	run -0 kpool list --classes --no-headings -o name,set_id
	[ "${#lines[@]}" = $((1 + 3 + 3 + 32)) ]
	[ "$(grep -E '^crowd-mixed-' <<<"$output" | xargs)" = \
		"crowd-mixed-512 $id crowd-mixed-2K $id crowd-mixed-8K $id" ]
	[[ $output != *'crowd-mixed '* ]]
	sets_end
}

@test "show: a set of buffers, by its name and by its id; the figures are those of debugfs" {
	local id name folder
	sets_setup
	for name in crowd-mixed crowd-same crowd-wide; do
		id=$(kpool show -j $name | jq '.[0].id')
		[ "$(kpool show -b "set:$id")" = "$(kpool show -b $name)" ]
		folder=/sys/kernel/debug/kpool/set-$id-$name
		kpool show -j $name | jq -r '.[0] | to_entries[] | "\(.key): \(.value)"' |
			grep -E '^(asked|given|idle|in_use|oversize)_|^misused|^memory|^overhead' | sort |
			diff - <(sort "$folder/stats")
		class_table $name | diff - <(sed 1d "$folder/classes" | awk '{ $1 = $1; print }')
		kpool show -j $name | jq -r '.[0].buckets[] | "\(.up_to // "more") \(.samples)"' |
			diff - <(sed 1d "$folder/sizes" | awk '{ $1 = $1; print }')
	done
	run -0 kpool show crowd-mixed
	grep -E '^id +set:[0-9]+ ' <<<"$output"
	grep -E '^gets +163 ' <<<"$output"
	grep -E '^waste +24.6% ' <<<"$output"
	grep -E '^oversize_gets +3 ' <<<"$output"
	grep -xE 'SIZE EXISTING IN_USE IDLE VMALLOCED GETS MISSES ASKED GIVEN WASTE' <<<"$output"
	grep -xE ' *2K +2 +2 +0 +0 +52 +[0-9]+ +55.8K +104K 46.4%' <<<"$output"
	grep -E '^better classes: too few gets were sampled to say, [01] of 100 ' <<<"$output"
	# A set with the most classes and sizes that a set can have.
	[ "$(kpool show -j crowd-wide | jq -c '.[0] | [(.classes, .buckets | length), .checked]')" = \
		'[32,161,true]' ]
	kpool show crowd-wide | grep -xE ' *more +1 +0.6%'
	# A pool of a class names its set.
	kpool show crowd-same-1K | grep -E "^set_id +set:$(kpool show -j crowd-same | jq '.[0].id') "
	sets_end
}

@test "show: better classes for a set of which all is asked in one size" {
	sets_setup
	run -0 kpool show crowd-same
	grep -xE ' *2K +200 100.0%' <<<"$output"
	grep -xF 'better classes: 1152' <<<"$output"
	grep -xF 'The same gets would be given 43.8% less, and 94.5% less would be wasted,' <<<"$output"
	[ "$(kpool show -j crowd-same | jq -c '.[0].better_classes')" = \
		'{"sizes":[1152],"samples":200,"less_given":43.8,"less_waste":94.5}' ]
	[ "$(kpool show -j crowd-mixed | jq '.[0].better_classes')" = null ]
	sets_end
}

@test "show: a pool and a set of one name are both shown; who wants a pool is told of a set" {
	local json=$BATS_TEST_TMPDIR/json
	sets_setup odd=crowd-same
	run -0 kpool show crowd-same
	grep -E '^name +crowd-same +name of the set' <<<"$output"
	grep -E '^name +crowd-same +name of the pool' <<<"$output"
	[ "$(kpool show -j crowd-same | jq -c 'map(has("classes"), has("stats"))')" = \
		'[true,false,false,true]' ]
	[ "$(kpool stats -H -o name,gets crowd-same | xargs)" = 'crowd-same 0 crowd-same 51200' ]
	refused 1 "'set:1' is a set of buffers" kpool set set:1 max=5 ||
		refused 1 'is a set of buffers' kpool set crowd-mixed max=5
	refused 1 "no pool or set of buffers has the name or id 'crowd-mixd'" kpool show crowd-mixd
	grep -E 'did you mean crowd-mixed \(set:[0-9]+\)' <<<"$stderr"
	refused 1 "'crowd-mixed-512' is a pool, not a set of buffers" \
		kpool set crowd-mixed-512 max_idle_bytes=1M
	refused 1 "no set of buffers has the name or id 'crowd-mixd'" kpool set crowd-mixd max_idle_bytes=1M
	refused 1 'no pool or set of buffers has' kpool show set:0
	refused 1 'no pool or set of buffers has' kpool show set:4000000000
	refused 1 'no pool or set of buffers has' kpool show set:
	{
		kpool list -j | sed 's/^/list /'
		kpool list -Sj | sed 's/^/sets /'
		kpool show -j crowd-same crowd-wide crowd-mixed | sed 's/^/show /'
	} >"$json"
	[ "$(valid <"$json")" = 3 ]
	# JSON has the pools, with or without --classes.
	[ "$(kpool list -j)" = "$(kpool list -jC)" ]
	[ "$(kpool list -j | jq 'map(select(.set_id)) | length')" = 38 ]
	[ "$(kpool list -Sp | jq -c .)" = "$(kpool show -j set:"$(kpool list -jS | jq '.[0].id')" \
		crowd-same crowd-wide | jq -c 'map(select(.classes))')" ]
	sets_end
}

@test "show: a set that was destroyed with buffers out, by its id" {
	local id
	sets_setup
	id=$(kpool show -j crowd-mixed | jq '.[0].id')
	echo 1 >/sys/module/kpool_crowd/parameters/end_mixed
	refused 1 "no pool or set of buffers has the name or id 'crowd-mixed'" kpool show crowd-mixed
	grep -F "did you mean crowd-mixed (set:$id, being destroyed)" <<<"$stderr"
	run -0 kpool show "set:$id"
	grep -E '^state +detached ' <<<"$output"
	kpool list -H -o id,state | grep -xE " *set:$id +detached"
	sets_end
}

@test "set: each limit, several at once, by name and by id, and words for none" {
	local id
	limits_setup
	run -0 kpool set crowd-limits max=500
	[ -z "$output" ]
	[ "$(limits)" = '[0,0,500,0,4294967295,4294967295]' ]
	id=$(kpool show -j crowd-limits | jq '.[0].id')
	kpool set "$id" min_idle=2 max_idle=100 reserve=3 idle_ms=60000 lifetime_ms=70000
	[ "$(limits)" = '[2,100,500,3,60000,70000]' ]
	kpool set crowd-limits magazine=5
	[ "$(kpool show -j crowd-limits | jq '.[0].magazine')" = 5 ]
	kpool se crowd-limits magazine=auto max_idle=none max=none idle_ms=none lifetime_ms=none reserve=0
	[ "$(limits)" = '[2,0,0,0,0,0]' ]
	[ "$(kpool list -H -o max_idle,max,idle_ms -s name | tail -n 1 | xargs)" = \
		'none none none' ]
	kpool set crowd-limits min_idle=0 max_idle=nothing
	[ "$(limits)" = '[0,4294967295,0,0,0,0]' ]
	run -0 kpool show crowd-limits
	grep -E '^max_idle +nothing ' <<<"$output"
	limits_end
}

@test "set: what the kernel refuses, it says why, and nothing is changed" {
	local before
	limits_setup
	kpool set crowd-limits max=10 min_idle=4
	before=$(limits)
	refused 1 'kpool: set crowd-limits: reserve: 20 is more than max, which is 10' \
		kpool set crowd-limits idle_ms=5 reserve=20
	refused 1 'kpool: set crowd-limits: min_idle: 4 is more than max, which is 3' \
		kpool set crowd-limits max=3
	refused 1 'kpool: set crowd-0: max: created without, its module has to give KPOOL_UNLIMITED' \
		kpool set crowd-0 max=5
	refused 1 "no pool has the name or id 'crowd-limit'" kpool set crowd-limit max=5
	grep -E 'did you mean crowd-limits' <<<"$stderr"
	[ "$(limits)" = "$before" ]
	echo 1 >/sys/module/kpool_crowd/parameters/hold
	refused 1 'the pool is being destroyed' \
		kpool set "$(kpool list -H -o id,state | awk '$2 == "detached" { print $1 }')" max_idle=5
	echo 0 >/sys/module/kpool_crowd/parameters/hold
	limits_end
}

@test "set: CAP_NET_ADMIN is what it takes" {
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	limits_setup
	refused 1 'set crowd-limits: only who has CAP_NET_ADMIN, as root has, may change limits' \
		"${nobody[@]}" kpool set crowd-limits max=5
	refused 1 'only who has CAP_NET_ADMIN' setpriv --bounding-set -net_admin --inh-caps -net_admin \
		kpool set crowd-limits max=5
	[ "$(kpool show -j crowd-limits | jq '.[0].max')" = 0 ]
	"${nobody[@]}" --inh-caps +net_admin --ambient-caps +net_admin kpool set crowd-limits max=5
	[ "$(kpool show -j crowd-limits | jq '.[0].max')" = 5 ]
	limits_end
}

@test "set: who waits for an object has it when max is raised" {
	local wanted=/sys/module/kpool_crowd/parameters/wanted waiter i=0
	limits_setup
	kpool set crowd-limits max=1
	echo 2 >$wanted &
	waiter=$!
	until [ "$(kpool stats -H -o waiting crowd-limits | xargs)" = 1 ]; do
		[ $((i++)) -lt 100 ] && sleep 0.1
	done
	kpool set crowd-limits max=2
	# Otherwise it would wait for a minute, and fail.
	timeout 10 tail --pid=$waiter -f /dev/null
	wait $waiter
	[ "$(kpool stats -H -o in_use,waiting crowd-limits | xargs)" = '2 0' ]
	limits_end
}

# checks: whether crowd-limits is debugged, and its held_ms.
checks() {
	kpool show -j crowd-limits | jq -c '.[0] | [.debugged, .held_ms]'
}

@test "debug: the checks of a pool in use begin and end" {
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	limits_setup
	echo 1 >/sys/module/kpool_crowd/parameters/wanted
	[ "$(checks)" = '[false,null]' ]
	refused 1 'debug crowd-limits: held-ms: the pool was never debugged' \
		kpool debug crowd-limits held_ms=50
	refused 1 'debug crowd-limits: only who has CAP_NET_ADMIN, as root has, may debug a pool' \
		"${nobody[@]}" kpool debug crowd-limits on
	run -0 kpool debug crowd-limits on held_ms=50
	[ -z "$output" ]
	[ "$(checks)" = '[true,50]' ]
	run -0 kpool show crowd-limits
	grep -E '^debugged +yes ' <<<"$output"
	# The object that was in use before comes back. Others come and go.
	echo 0 >/sys/module/kpool_crowd/parameters/wanted
	echo 3 >/sys/module/kpool_crowd/parameters/wanted
	echo 0 >/sys/module/kpool_crowd/parameters/wanted
	[ "$(kpool stats -H -o misused,in_use crowd-limits | xargs)" = '0 0' ]
	run -0 kpool debug crowd-limits off
	[ "$(checks)" = '[false,null]' ]
	limits_end
}

# faults: which calls of crowd-limits fail, and how many did.
faults() {
	kpool show -j crowd-limits | jq -c '.[0] | [.fail_get, .fail_build, .stats.faults]'
}

@test "debug: gets that fail on purpose, and no more" {
	local wanted=/sys/module/kpool_crowd/parameters/wanted
	limits_setup
	[ "$(faults)" = '[null,null,0]' ]
	run -0 kpool debug crowd-limits fail-get 1/1 fail_build=1/7
	[ -z "$output" ]
	[ "$(faults)" = '[1,7,0]' ]
	run -0 kpool show crowd-limits
	grep -E '^fail_get +1/1 +gets that fail on purpose' <<<"$output"
	dmesg | grep 'pool crowd-limits (id [0-9]*): fail_get: one in 1 fails on purpose from now on'
	run ! sh -c "echo 1 >$wanted"
	[ "$(faults)" = '[1,7,1]' ]
	run -0 kpool debug crowd-limits fail-get off fail-build off
	[ "$(faults)" = '[null,null,1]' ]
	# The same by hand.
	local file
	file=$(echo /sys/kernel/debug/kpool/*-crowd-limits/faults)
	[ "$(cat "$file" | paste -sd,)" = 'fail_get off,fail_build off,fail_ctor off,fail_magazine off,fail_message off' ]
	echo 'fail_get 1/4' >"$file"
	grep -x 'fail_get 1/4' "$file"
	[ "$(faults)" = '[4,null,1]' ]
	for words in 'fail_get' 'fail_get 4' 'fail_get 1/0' 'fail_get 1/x' 'fail_put 1/4' '' "$(printf '%70s' off)"; do
		run ! sh -c "echo '$words' >'$file'"
	done
	echo 'fail_get off' >"$file"
	[ "$(faults)" = '[null,null,1]' ]
	echo 1 >$wanted
	echo 0 >$wanted
	limits_end
}

# debugged_classes SET: whether the classes of the set are debugged, each value once.
debugged_classes() {
	kpool list --classes -j | jq -c --arg set "$1-" \
		'[.[] | select(.name | startswith($set)) | .debugged] | unique'
}

@test "debug: all classes of a set" {
	sets_setup
	run -0 kpool debug crowd-same on
	[ -z "$output" ]
	[ "$(debugged_classes crowd-same)" = '[true]' ]
	[ "$(debugged_classes crowd-mixed)" = '[false]' ]
	run -0 kpool debug "set:$(kpool show -j crowd-same | jq '.[0].id')" off fail-get off
	[ "$(debugged_classes crowd-same)" = '[false]' ]
	sets_end
}

@test "debug: messages that fail on purpose" {
	limits_setup
	run -0 kpool debug crowd-limits fail-message 1/1
	refused 1 'crowd-limits: Cannot allocate memory' kpool show crowd-limits
	run -0 kpool debug crowd-limits fail-message off
	kpool show crowd-limits
	limits_end
}

@test "debug: a listener is told that an event found no memory, and hears the next one" {
	local line watched watcher
	limits_setup
	# Who hears of the pools that are there listens already.
	watch kpool monitor --all
	next_line && next_line
	kpool debug crowd-limits fail-message 1/1
	kpool set crowd-limits max=21
	until [[ $line == *' lost '* ]]; do
		next_line
	done
	[[ $line == *'some events: too many at once'* ]]
	# Only events of this pool are lost.
	kpool set crowd-0 max_idle=77
	until [[ $line == *' crowd-0 '* ]]; do
		next_line
	done
	kpool debug crowd-limits fail-message off
	kpool set crowd-limits max=22
	until [[ $line == *' max 22'* ]]; do
		next_line
	done
	kill "$watcher"
	limits_end
}

@test "debug: wrong words" {
	refused 2 'debug what' kpool debug
	refused 2 'debug crowd-0 how' kpool debug crowd-0
	refused 2 "debug takes on, off, held_ms=N and fail-... 1/N, not 'yes'" \
		kpool debug crowd-0 yes
	refused 2 "fail_get takes off or 1/N, with N from 1 to 2147483647, not '2/3'" \
		kpool debug crowd-0 fail-get 2/3
	for value in '' 1 1/ 1/0 1/x 1/-1 1/2147483648 1/99999999999999999999; do
		refused 2 "fail_ctor takes off or 1/N" kpool debug crowd-0 "fail-ctor=$value"
	done
	refused 2 "fail_get takes off or 1/N" kpool debug crowd-0 fail-get
	refused 2 'fail_get is given twice' kpool debug crowd-0 fail-get off fail_get=1/2
	refused 2 'on or off is given twice' kpool debug crowd-0 on off
	refused 2 "held_ms takes a number of milliseconds from 0 to 2147483647, not '-1'" \
		kpool debug crowd-0 held_ms=-1
	refused 2 "not ''" kpool debug crowd-0 held_ms=
	refused 1 "no pool or set of buffers has the name or id 'nosuch'" kpool debug nosuch on
}

@test "monitor: changed, once for each change, and what the limits are" {
	local line watched watcher
	limits_setup
	watch kpool monitor --all --count 5
	next_line && next_line
	kpool set crowd-limits max=500 idle_ms=10000
	kpool set crowd-limits max=500
	run ! kpool set crowd-limits max=500 reserve=501
	kpool set crowd-limits max=none max_idle=nothing
	echo 1 >/sys/module/kpool_crowd/parameters/hold
	run -0 cat <&"$watched"
	[ "$(awk '{ print $2, $4 }' <<<"$output" | paste -sd,)" = \
		'changed crowd-limits,changed crowd-limits,created crowd-held' ]
	[[ ${lines[0]} == *'max 500, reserve 0, idle_ms 10000, lifetime_ms no limit' ]]
	[[ ${lines[1]} == *'max_idle nothing, max no limit, reserve 0, idle_ms 10000, lifetime_ms no limit' ]]
	watched_ends 0
	watch kpool monitor -a -j -n 4
	next_line && next_line && next_line
	kpool set crowd-limits max_idle=none
	next_line
	[ "$(jq -c '[.event, .pool.name, .pool.max_idle]' <<<"$line")" = '["changed","crowd-limits",0]' ]
	[ "$(valid <<<"event $line")" = 1 ]
	watched_ends 0
	limits_end
}

@test "monitor ends with the module, and says so" {
	local line watched watcher
	watch kpool monitor --all
	for _ in 1 2 3 4; do
		next_line
	done
	rmmod kpool_crowd kpool
	run -0 cat <&"$watched"
	insmod "$BUILD/kpool.ko"
	setup_file
	[ "${lines[-1]}" = 'kpool: the module was unloaded' ]
	watched_ends 1
}

@test "who is not root sees the same" {
	[ "$(setpriv --reuid 65534 --regid 65534 --clear-groups kpool list -j)" = "$(kpool list -j)" ]
	setpriv --reuid 65534 --regid 65534 --clear-groups kpool monitor -a -n 4
}

@test "without the module: each command says so" {
	rmmod kpool_crowd kpool
	for command in list 'show x' stats 'set x max=1' save monitor export; do
		# shellcheck disable=SC2086 # two words
		refused 1 'the module is not loaded, and could not be (modprobe kpool)' kpool $command
	done
	run -0 kpool help
	run -0 kpool version
	[ "${lines[1]}" = 'kpool.ko is not loaded' ]
	[ ! -e /sys/module/kpool ]
	insmod "$BUILD/kpool.ko"
	setup_file
}

@test "in another network namespace: it says why there is nothing" {
	refused 1 'only in the initial network namespace' unshare -n kpool list
}

@test "no pool at all" {
	rmmod kpool_crowd
	refused 0 'there is no pool' kpool list
	[ "$(kpool list -j)" = '[]' ]
	[ "$(kpool stats -j)" = '[]' ]
	setup_file
}

@test "what it cannot write, it says" {
	run -1 bash -c 'kpool list >/dev/full'
	[[ $output == *'cannot write: No space left on device' ]]
	run -1 bash -c 'kpool list -j >/dev/full'
	[[ $output == *'cannot write: No space left on device' ]]
	run -1 bash -c 'kpool monitor -a >/dev/full'
	[[ $output == *'cannot write: No space left on device' ]]
}

@test "commands may be cut short, options may stand anywhere" {
	[ "$(kpool -j l)" = "$(kpool list --json)" ]
	[ "$(kpool sh crowd-0 -b)" = "$(kpool -b show crowd-0)" ]
	[ "$(kpool -- list)" = "$(kpool list)" ]
}

@test "version: of the program and of the module, which are one, or a sentence says what to do" {
	local version
	version=$(cat /sys/module/kpool/version)
	[[ $(kpool -V) == "kpool $version (netlink family kpool, version 1)" ]]
	[ "$(kpool version)" = "$(kpool -V)"$'\n'"kpool.ko $version is loaded" ]
	[ "$(modinfo -F version "$BUILD/kpool.ko")" = "$version" ]
	echo 0.1.9 >"$BATS_TEST_TMPDIR/version"
	mount --bind "$BATS_TEST_TMPDIR/version" /sys/module/kpool/version
	run -0 kpool version
	umount /sys/module/kpool/version
	[ "${lines[1]}" = 'kpool.ko 0.1.9 is loaded' ]
	[[ ${lines[2]} == 'The versions differ, so '*': install the same version of both, then load '* ]]
}

# A name may be any text, also one that a shell would run.
@test "completion of names of pools" {
	rmmod kpool_crowd
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" pools=3 used=1 'odd=$(touch${IFS}ran)'
	cd "$BATS_TEST_TMPDIR"
	completed show ''
	[ ! -e ran ]
	[ "$(completed show '$')" = '\$\(touch\$\{IFS\}ran\)' ]
	rmmod kpool_crowd
	setup_file
	[ "$(completed show crowd-)" = 'crowd-used crowd-0 crowd-1 crowd-2' ]
	[ "$(completed stats crowd-0 crowd-u)" = 'crowd-used' ]
	[ "$(completed set crowd-u)" = 'crowd-used' ]
	# Sets can be shown, and their classes' pools too.
	sets_setup
	[ "$(completed show crowd-mi)" = 'crowd-mixed crowd-mixed-512 crowd-mixed-2K crowd-mixed-8K' ]
	[ "$(completed set crowd-sa)" = 'crowd-same crowd-same-1K crowd-same-2K crowd-same-4K' ]
	[ "$(completed list crowd-m)" = "$(completed show crowd-m)" ]
	[ "$(completed stats --owner k)" = kpool_crowd ]
	sets_end
}

@test "valgrind finds neither an error nor a leak" {
	local check=(valgrind -q --leak-check=full --show-leak-kinds=all
		--errors-for-leak-kinds=all --error-exitcode=99)
	run -1 "${check[@]}" kpool show -c crowd-used nobody crowd-0
	run -0 "${check[@]}" kpool stats -d 0.1 -n 2 -cj
	run -0 "${check[@]}" kpool monitor -a -n 4
	run -0 "${check[@]}" kpool set crowd-0 max_idle=100 min_idle=1
	run -1 "${check[@]}" kpool set crowd-0 max=5
	run -2 "${check[@]}" kpool set crowd-0 max=5 max=5
	sets_setup odd=crowd-same
	run -0 "${check[@]}" kpool list
	run -0 "${check[@]}" kpool list -Sj
	run -0 "${check[@]}" kpool list --color=always --exhausted 'crowd*' crowd-same
	run -0 "${check[@]}" kpool stats --state=live --owner kpool_crowd
	run -0 "${check[@]}" kpool stats -d 0.1 -n 2 crowd-same
	run -1 "${check[@]}" kpool stats nobody 'x*'
	run -0 "${check[@]}" kpool set crowd-same max_idle_bytes=1M
	run -0 "${check[@]}" kpool save "$BATS_TEST_TMPDIR/limits"
	echo 'set nobody max=1' >>"$BATS_TEST_TMPDIR/limits"
	run -1 "${check[@]}" kpool restore "$BATS_TEST_TMPDIR/limits"
	run -2 "${check[@]}" kpool restore <<<'set x max=0'
	run -1 "${check[@]}" kpool show crowd-same crowd-wid crowd-wide
	sets_end
}
