# SPDX-License-Identifier: GPL-2.0-only
#
# kpool list and kpool stats for an operator: marks, colours, filters, columns of all kinds, and the
# table that stays in its place. Runs in a guest that has kpool.ko loaded and no pool. kpool is in
# PATH, BUILD is the folder with the modules.

bats_require_minimum_version 1.5.0
TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
load ../tool
PARAMETERS=/sys/module/kpool_crowd/parameters

# crowd-limits has 2 objects, both in use, so it is exhausted.
setup_file() {
	# Idle objects stay, however long a test takes.
	echo 0 >/sys/module/kpool/parameters/age_interval_ms
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" pools=2 used=1 limits=1 sets=1
	kpool set crowd-limits max=2
	echo 2 >"$PARAMETERS/wanted"
}

teardown_file() {
	rmmod kpool_crowd
}

setup() {
	unset NO_COLOR
	server=$BATS_TEST_TMPDIR/tmux
}

teardown() {
	tm kill-server 2>/dev/null || :
}

tm() { tmux -u -S "$server" -f /dev/null "$@"; }

# names OPTION...: the names in the list.
names() { kpool list --no-headings --output name "$@" | xargs; }

# state NAME: what the list says.
state() { kpool list --no-headings --output state "$1" | xargs; }

# in_terminal COMMAND: its output on a terminal of 80x24, with each control sequence.
in_terminal() { script -qec "stty cols 80 rows 24; $1" /dev/null; }

@test "list marks exhausted, detached and bypassed pools, but not in raw numbers" {
	[ "$(state crowd-0)" = live ]
	[ "$(state crowd-limits)" = FULL ]
	[ "$(kpool list -b -H -o state crowd-limits | xargs)" = live ]
	echo 1 >"$PARAMETERS/hold"
	[ "$(state crowd-held)" = detached ]
	echo 0 >"$PARAMETERS/hold"
	echo Y >/sys/module/kpool/parameters/bypass
	[ "$(state crowd-0)" = bypass ]
	[ "$(state crowd-limits)" = FULL ]
	echo N >/sys/module/kpool/parameters/bypass
	[ "$(state crowd-0)" = live ]
}

@test "list --exhausted: pools without an idle object, and pools with a waiter" {
	local waiter i=0
	[ "$(names --exhausted)" = crowd-limits ]
	[ "$(kpool stats -eH -o name | xargs)" = crowd-limits ]
	kpool set crowd-limits max=none
	refused 0 'there is no such pool' kpool list --exhausted
	refused 0 'there is no such pool' kpool stats --exhausted
	[ "$(kpool list --exhausted --json)" = '[]' ]
	kpool set crowd-limits max=2
	echo 3 >"$PARAMETERS/wanted" &
	waiter=$!
	until [ "$(kpool list -H -o waiting crowd-limits | xargs)" = 1 ]; do
		[ $((i++)) -lt 100 ] && sleep 0.1
	done
	[ "$(state crowd-limits)" = FULL ]
	[ "$(kpool list -ej | jq -c 'map([.name, .max, .stats.waiting])')" = '[["crowd-limits",2,1]]' ]
	kpool set crowd-limits max=3
	wait $waiter
	echo 2 >"$PARAMETERS/wanted"
	kpool set crowd-limits max=2
	[ "$(kpool list -H -o waiting,waits crowd-limits | xargs)" = '0 1' ]
	# Some time between a microsecond and a minute.
	[[ $(kpool stats -H -o wait_mean_ns crowd-limits | xargs) =~ ^[0-9.]+(us|ms|s)$ ]]
	[ "$(kpool list -H -o wait_max_ns crowd-limits | xargs)" = \
		"$(kpool stats -H -o wait_mean_ns crowd-limits | xargs)" ]
	[ "$(kpool stats -bH -o wait_ns crowd-limits | xargs)" = \
		"$(kpool show -j crowd-limits | jq '.[0].stats.wait_ns')" ]
}

@test "filters: states, the owner, names, ids and patterns" {
	local id
	echo 1 >"$PARAMETERS/hold"
	[ "$(names --state detached)" = crowd-held ]
	[ "$(names --state=dying,detached)" = crowd-held ]
	[[ $(names --state live) != *crowd-held* ]]
	[ "$(kpool stats -H -T detached -o name | xargs)" = crowd-held ]
	[ "$(kpool stats -j -T detached | jq -r '.[].name')" = crowd-held ]
	echo 0 >"$PARAMETERS/hold"
	insmod "$BUILD/samples/hello/hello.ko"
	[ "$(names --owner hello)" = hello ]
	[ "$(names --owner=kpool_crowd 'h*' crowd-0)" = crowd-0 ]
	rmmod hello
	refused 0 'there is no such pool' kpool list --owner hello
	id=$(kpool show -j crowd-1 | jq '.[0].id')
	[ "$(names "$id" crowd-0)" = 'crowd-0 crowd-1' ]
	[ "$(names 'crowd-[01]')" = 'crowd-0 crowd-1' ]
	[ "$(names 'crowd-?' 'crowd-m*')" = 'crowd-0 crowd-1 crowd-mixed' ]
	[ "$(names "set:$(kpool show -j crowd-same | jq '.[0].id')")" = crowd-same ]
	[ "$(names --sets 'crowd-[mw]*')" = 'crowd-mixed crowd-wide' ]
	# A class is in its set's line, unless it is named itself.
	[ "$(names crowd-mixed-512)" = crowd-mixed-512 ]
	refused 1 "no pool or set of buffers matches 'crowd-mixed-*'" kpool list 'crowd-mixed-*' crowd-0
	[ "$(names --classes 'crowd-mixed-*')" = 'crowd-mixed-512 crowd-mixed-2K crowd-mixed-8K' ]
	[ "$(names --classes crowd-mixed)" = 'crowd-mixed-512 crowd-mixed-2K crowd-mixed-8K' ]
	[ "$(kpool list -j crowd-mixed | jq -c 'map(.name)')" = \
		'["crowd-mixed-512","crowd-mixed-2K","crowd-mixed-8K"]' ]
	refused 1 "no pool or set of buffers matches 'x*'" kpool list 'x*' crowd-0
	refused 1 "no pool or set of buffers has the name or id 'crowd-00'" kpool list crowd-00
	grep -F 'did you mean' <<<"$stderr"
	refused 1 "no pool or set of buffers has the name or id 'set:99'" kpool stats set:99
}

@test "columns: each field of a pool, its figures and a set, in both commands, and each is an order" {
	local columns column
	columns=$(kpool list -o '?' 2>&1 | sed -n 's/.*there are: //p')
	[ "$(kpool stats -o '?' 2>&1 | sed -n 's/.*there are: //p')" = "$columns" ]
	for column in $columns; do
		kpool list -o "name,$column" -s "$column" >/dev/null || echo "$column"
		kpool stats -o "name,$column" -s "$column" -r >/dev/null || echo "$column"
	done >"$BATS_TEST_TMPDIR/wrong"
	diff /dev/null "$BATS_TEST_TMPDIR/wrong"
	[ "$(tr ' ' '\n' <<<"$columns" | sort | uniq -d)" = '' ]
	for column in $(kpool show -j crowd-limits | jq -r '.[0] | (.stats | keys), keys | .[]') \
		$(kpool list -Sj | jq -r '.[] | keys[]'); do
		case " $columns stats wait_classes classes buckets better_classes " in
		*" $column "*) ;;
		*) echo "$column" ;;
		esac
	done >"$BATS_TEST_TMPDIR/missing"
	diff /dev/null "$BATS_TEST_TMPDIR/missing"
	[ "$(kpool list -H -o name,gets,waiting,max crowd-used | xargs)" = 'crowd-used 803 0 100000' ]
	[ "$(kpool stats -H -o owner,max,state crowd-limits | xargs)" = 'kpool_crowd 2 FULL' ]
	[ "$(kpool list -H -o name -s gets | head -n 1 | xargs)" = crowd-same ]
}

@test "JSON of list: each pool has the figures that show has" {
	[ "$(kpool list -j crowd-used | jq -c '.[0]')" = "$(kpool show -j crowd-used | jq -c '.[0]')" ]
	[ "$(kpool list -j | jq 'map(select(.stats.gets >= 0)) | length')" = \
		"$(kpool list -j | jq length)" ]
}

@test "stats: a set is one line with the sums of its classes" {
	local sums
	[ "$(kpool stats -H -o name | xargs)" = \
		'crowd-used crowd-limits crowd-0 crowd-1 crowd-mixed crowd-same crowd-wide' ]
	sums=$(kpool stats -j crowd-mixed | jq -r '[map(.gets), map(.puts), map(.created)] | map(add) | join(" ")')
	[ "$(kpool stats -bH -o gets,puts,created crowd-mixed | xargs)" = "$sums" ]
	[ "$(kpool stats -H -o name --classes crowd-mixed | xargs)" = \
		'crowd-mixed-512 crowd-mixed-2K crowd-mixed-8K' ]
	[ "$(kpool stats -H -o hits crowd-used | xargs)" = "$(kpool stats -j crowd-used |
		jq -r '.[0] | (.gets - .get_misses) * 1000 / .gets | round | "\(. / 10 | floor).\(. % 10)%"')" ]
	# Nobody got a buffer, so there is no share of hits.
	[ "$(kpool list -H -o hits crowd-wide | xargs)" = '' ]
}

@test "stats: columns that are 0 everywhere are left out, unless they are named" {
	[[ $(kpool stats crowd-0 | head -n 1 | xargs) =~ ^'ID NAME '(IDLE )?'GETS CREATED HITS'$ ]]
	[ "$(kpool stats crowd-0 -o name,timeouts | xargs)" = 'NAME TIMEOUTS crowd-0 0' ]
	[[ $(kpool stats crowd-0 crowd-limits | head -n 1 | xargs) == 'ID NAME IN_USE '* ]]
}

@test "stats: large numbers have units, --bytes has none" {
	[ "$(kpool stats -H -o gets crowd-same | xargs)" = 51200 ]
	[ "$(kpool list -H -o sample_interval,asked_bytes crowd-same | xargs)" = '256 53.7M' ]
	[ "$(kpool list -bH -o sample_interval,asked_bytes crowd-same | xargs)" = '256 56320000' ]
}

@test "colours: on a terminal, not in a pipe, not with NO_COLOR or a dumb terminal" {
	local red=$'\e[1;31m'
	export TERM=xterm
	[[ $(in_terminal 'kpool list') == *"$red"FULL* ]]
	[[ $(kpool list) != *$'\e'* ]]
	[[ $(kpool list --color=always) == *"$red"FULL* ]]
	[[ $(in_terminal 'kpool list --color=never') != *$'\e'* ]]
	[[ $(in_terminal 'NO_COLOR=1 kpool list') != *$'\e'* ]]
	[[ $(in_terminal 'NO_COLOR=1 kpool list --color always') == *"$red"FULL* ]]
	[[ $(in_terminal 'NO_COLOR= kpool list') == *"$red"FULL* ]]
	[[ $(in_terminal 'TERM=dumb kpool list') != *$'\e'* ]]
	[[ $(in_terminal 'kpool list --color=auto | cat') != *$'\e'* ]]
	echo 1 >"$PARAMETERS/hold"
	[[ $(kpool list --color=always) == *$'\e[33m'detached* ]]
	echo 0 >"$PARAMETERS/hold"
	# Colours take no room.
	diff <(kpool list --color=always | sed $'s/\e\\[[0-9;]*m//g') <(kpool list)
}

@test "list and stats fit a terminal of 80 columns" {
	local line command
	for command in 'list' 'list --classes' 'stats' 'stats -d 0.1 -n 1'; do
		run -0 in_terminal "TERM=dumb kpool $command"
		for line in "${lines[@]}"; do
			line=${line%$'\r'}
			[ ${#line} -le 80 ] || { echo "$command: $line" && false; }
		done
	done
}

# shows REGEX: waits until a line of the screen matches.
shows() {
	local deadline=$((SECONDS + 60)) text
	while text=$(tm capture-pane -p) && ! grep -qE -- "$1" <<<"$text"; do
		[ $SECONDS -lt $deadline ] || { echo "no line with: $1" && echo "$text" && return 1; }
		sleep 0.1
	done
}

@test "stats --delay on a terminal: the table stays in its place, within the lines that there are" {
	tm new-session -d -x 80 -y 24 'kpool stats --classes -d 0.2 -n 20; echo status $?; exec cat'
	shows '^\.\.\. and [0-9]+ more$'
	[ "$(tm capture-pane -p | grep -c '^ *ID ')" = 1 ]
	[[ $(tm capture-pane -p | head -n 1) =~ ^[0-9]{2}:[0-9]{2}:[0-9]{2}$ ]]
	shows '^status 0$'
	# What follows comes behind the table, and nothing has scrolled.
	[ "$(tm capture-pane -p -S - | grep -c '^ *ID ')" = 1 ]
}

@test "stats --delay: a smaller table leaves nothing of a larger one on the screen" {
	echo 1 >"$PARAMETERS/hold"
	tm new-session -d -x 80 -y 24 "kpool stats -d 0.2 'crowd-[h0]*'; exec cat"
	shows crowd-held
	shows crowd-0
	echo 0 >"$PARAMETERS/hold"
	local deadline=$((SECONDS + 60))
	while tm capture-pane -p | grep crowd-held; do
		[ $SECONDS -lt $deadline ] && sleep 0.1
	done
	shows crowd-0
}

@test "stats --delay in a pipe and on a dumb terminal: one table after the other" {
	run -0 kpool stats -d 0.1 -n 3
	[ "$(grep -c '^ *ID ' <<<"$output")" = 3 ]
	[[ $output != *$'\e'* ]]
	run -0 in_terminal 'TERM=dumb kpool stats -d 0.1 -n 3'
	[ "$(grep -c '^ *ID ' <<<"$output")" = 3 ]
}

@test "list --total: the sums of the lines, pools and sets, and what sets do not have" {
	run -0 kpool list --total --bytes -o name,in_use,memory,overhead,idle_bytes,in_use_bytes
	[[ ${lines[-1]} =~ ^total\  ]]
	awk 'NR > 1 && $1 != "total" { n++; for (i = 2; i <= NF; i++) sum[i] += $i }
		$1 == "total" { for (i = 2; i <= NF; i++) if (sum[i] != $i) exit 1; total = NF }
		END { exit total != 6 || n < 5 }' <<<"$output"
	[ "$(kpool list -H --total -o name,gets crowd-0 crowd-mixed | awk '{ print $1 }' | xargs)" = \
		'crowd-0 crowd-mixed total' ]
	# An id, a limit or a state has no sum. The total is the last line in each order.
	[ "$(kpool list -H -m -o id,name,state,max,owner --sort name --reverse | tail -n 1 | xargs)" = total ]
	[ "$(kpool list -H -b -o overhead crowd-mixed | xargs)" = \
		"$(kpool show -j crowd-mixed | jq '.[0].overhead')" ]
	refused 0 'there is no such pool' kpool list --total --state dying
}
