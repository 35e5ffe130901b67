# SPDX-License-Identifier: GPL-2.0-only
#
# kpool top with a kernel, in a terminal that tmux makes: what is on the screen after each key.
# Wrong words are in tests/usage.bats. Runs in a guest that has kpool.ko loaded and no pool. kpool
# is in PATH, BUILD is the folder with the modules.

TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
load ../tool

WANTED=/sys/module/kpool_crowd/parameters/wanted

# crowd loads pools until the end of the test. Without traffic their figures do not change.
crowd() { insmod "$BUILD/tests/crowd/kpool_crowd.ko" "$@"; }

# Gets and puts of crowd-limits, until the end of the test.
traffic() {
	while echo 5 && echo 0; do :; done >"$WANTED" &
	user=$!
}

setup() {
	user='' terminals=0
	# Idle objects stay, however long a test takes.
	echo 0 >/sys/module/kpool/parameters/age_interval_ms
}

teardown() {
	while [ "$terminals" -gt 0 ]; do
		tm kill-server 2>/dev/null || :
		terminals=$((terminals - 1))
	done
	[ -z "$user" ] || { kill "$user" && wait "$user"; } 2>/dev/null || :
	rmmod hello 2>/dev/null || :
	# The worker that gets and puts may still be at it.
	until ! grep -qw kpool_crowd /proc/modules || rmmod kpool_crowd 2>/dev/null; do sleep 0.1; done
}

# The newest terminal.
tm() { tmux -u -S "$BATS_TEST_TMPDIR/tmux-$terminals" -f /dev/null "$@"; }

# starts COMMAND: in a terminal of 80x24. After its end the screen has its status.
starts() {
	terminals=$((terminals + 1))
	tm new-session -d -x 80 -y 24 "stty -a >$BATS_TEST_TMPDIR/before; echo before it
		$1
		echo status \$?; stty -a >$BATS_TEST_TMPDIR/after; exec cat"
}

keys() { tm send-keys "$@"; }

pane() { tm capture-pane -p; }

# shows REGEX: waits until a line of the screen matches.
shows() {
	local deadline=$((SECONDS + ${SHOWS:-60})) text
	while text=$(pane) && ! grep -qE -- "$1" <<<"$text"; do
		[ $SECONDS -lt $deadline ] || { echo "no line with: $1" && echo "$text" && return 1; }
		sleep 0.1
	done
}

# hides REGEX: waits until no line of the screen matches.
hides() {
	local deadline=$((SECONDS + ${SHOWS:-60})) text
	while text=$(pane) && grep -qE -- "$1" <<<"$text"; do
		[ $SECONDS -lt $deadline ] || { echo "a line with: $1" && echo "$text" && return 1; }
		sleep 0.1
	done
}

# The names of the lines, in their order.
names() { pane | sed -n '/^ *ID NAME /,$p' | awk 'NR > 1 && $1 ~ /^(set:)?[0-9]+$/ { print $2 }' | xargs; }

# restored STATUS: the program ended with it, and left the terminal as it was.
restored() {
	shows "^status $1\$"
	pane | grep -x 'before it'
	[[ $(pane) != *'ID NAME'* ]]
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
	# The cursor is there again.
	[ "$(tm display-message -p '#{cursor_flag} #{alternate_on}')" = '1 0' ]
}

@test "a heading, and a line a pool, in 80 columns" {
	crowd pools=3 used=1 sets=1 limits=1
	starts 'kpool top -s name'
	shows '^set:[0-9]+ crowd-wide '
	pane | head -n 1 | grep -E '^[0-9:]{8}  pools 43  memory [0-9.]+K  exhausted 0  by name$'
	[ "$(kpool list -CH | wc -l)" = 43 ]
	[ "$(names)" = "$(kpool list -H -o name -s name | xargs)" ]
	shows '^ *[0-9]+ crowd-used +\[#\.{7}\] +0 +- +0 +0 +25K '
	pane | grep -E '^ *ID NAME +MARK USED +GETS/S +HITS +WAIT +TMO/S +MEMORY +HISTORY'
	pane | grep -E '^ *[0-9]+ crowd-0 +\(={8}\) '
	pane | grep -E '^set:[0-9]+ crowd-mixed +\(######==\) .* 28.5K'
	keys q
	restored 0
}

@test "the busiest pool comes first, and its history grows" {
	crowd pools=3 limits=1
	traffic
	starts 'kpool top -d 0.2'
	shows 'crowd-limits .* [1-9][0-9.k]* +[0-9.]+ +0 +[0-9.]+ +[0-9.]+K? [▁▂▃▄▅▆▇█]{5}'
	[[ $(names) == 'crowd-limits crowd-0 '* ]]
	keys r
	shows 'by gets reversed'
	shows '^ *[0-9]+ crowd-0 '
	[ "$(names | awk '{ print $NF }')" = crowd-limits ]
}

@test "the next sort column and the one before; the other way round" {
	crowd pools=3 used=1
	starts 'kpool top -s name'
	shows 'by name$'
	keys s
	shows 'by marks$'
	keys '>'
	shows 'by used$'
	keys '<' '<' '<' '<'
	# Around the end.
	shows 'by memory$'
	[ "$(names)" = 'crowd-used crowd-2 crowd-1 crowd-0' ]
	keys r
	shows 'by memory reversed'
	[ "$(names)" = 'crowd-0 crowd-1 crowd-2 crowd-used' ]
	keys '>'
	shows 'by id reversed'
	[ "$(names)" = 'crowd-used crowd-0 crowd-1 crowd-2' ]
}

@test "a filter: parts of names, while they are typed" {
	crowd pools=3 used=1
	starts 'kpool top'
	shows crowd-2
	keys / US
	shows 'part of the name: US'
	hides crowd-2
	[ "$(names)" = crowd-used ]
	keys BSpace BSpace -1x
	shows 'no pool fits the filter'
	keys BSpace Enter
	shows 'filter -1$'
	[ "$(names)" = crowd-1 ]
	# Keys are commands again. Escape drops what was typed since.
	keys /
	shows 'part of the name: -1'
	keys q
	shows 'part of the name: -1q'
	keys Escape
	shows 'filter -1$'
	[ "$(names)" = crowd-1 ]
	keys q
	restored 0
}

@test "freeze: no reading until it goes on" {
	crowd pools=3
	starts 'kpool top -d 0.1'
	shows crowd-2
	keys Space
	shows FROZEN
	insmod "$BUILD/samples/hello/hello.ko"
	# What it drew after this key, it drew with the readings that it had.
	keys r
	shows reversed
	[[ $(pane) != *hello* ]]
	keys p
	shows hello
	hides FROZEN
	rmmod hello
	hides hello
}

@test "one pool: its figures are those of show, with each CPU's share" {
	local id
	crowd pools=1 used=1
	id=$(kpool show -j crowd-used | jq '.[0].id')
	starts 'kpool top -d 0.1 -s memory'
	shows crowd-used
	keys Enter
	shows "^pool crowd-used: id $id, live, owner kpool_crowd"
	shows '^objects \[#\.*\] 3 in use, 397 idle, max 100000$'
	shows '^ +[0-3] \[=+\.*\] 100 +\[ *\] 0.0$'
	shows '^  max_idle +no limit +idle objects never exceed this'
	keys NPage
	shows '^  gets +803 +0.0  objects that gets returned'
	hides '^pool crowd-used'
	keys Escape
	shows 'ID NAME'
	# It is still the chosen one.
	keys r Enter
	shows '^pool crowd-used'
	keys Escape Up Enter
	shows '^pool crowd-0'
	keys q
	restored 0
}

@test "one pool: the times that gets waited" {
	local waits
	crowd pools=1 limits=1
	kpool set crowd-limits max=1
	starts 'kpool top -d 0.1 -s in_use'
	shows crowd-limits
	echo 2 >"$WANTED" &
	user=$!
	shows '^[0-9:]{8} .* exhausted 1 '
	shows 'crowd-limits +! +\[########\] .* 1 +0 '
	keys Enter
	shows '^! exhausted: gets wait'
	shows 'waiting 1$'
	kpool set crowd-limits max=2
	shows '^waits of less than'
	waits=$(kpool show -j crowd-limits | jq '.[0].stats.wait_classes | length')
	[ "$(pane | grep -cE '^ +[0-9]+ (us|ms|s) \[#+\] 1$')" = "$waits" ]
	shows 'waiting 0$'
	keys Escape
	hides '!'
}

@test "one pool: the tasks that hold objects, and those that wait" {
	crowd pools=1 limits=1
	kpool set crowd-limits max=1
	starts 'kpool top -d 0.1 -s in_use'
	shows crowd-limits
	echo 1 >"$WANTED"
	shows 'crowd-limits +\[#'
	keys Enter
	shows '^holders: not known; as root: kpool track crowd-limits all$'
	kpool track crowd-limits all
	shows '^  none is known$'
	echo 0 >"$WANTED"
	echo 2 >"$WANTED" &
	user=$!
	shows '^holders +longest +objects +task'
	shows '^ +[0-9.]+m?s +1  [^ ]+\[[0-9]+\] [a-z_]+\+0x'
	shows '^waiters +since +wants +task'
	shows '^ +[0-9.]+m?s +1  [^ ]+\[[0-9]+\]$'
	kpool set crowd-limits max=2
	hides '^waiters'
	keys q
	restored 0
}

@test "one pool: without CAP_NET_ADMIN it says what is missing" {
	crowd pools=1 used=1
	starts 'setpriv --reuid 65534 --regid 65534 --clear-groups kpool top -s memory'
	shows crowd-used
	keys Enter
	shows '^CPUs: needs CAP_NET_ADMIN, as root has'
	shows '^  max_idle +no limit'
	keys q
	restored 0
}

@test "one pool that goes away: its last figures stay" {
	crowd pools=1
	insmod "$BUILD/samples/hello/hello.ko"
	starts 'kpool top -d 0.1 -s name -r'
	shows hello
	keys Enter
	shows '^pool hello'
	rmmod hello
	shows '^It is gone; these are its last figures'
	shows '^pool hello'
	keys Escape
	shows crowd-0
	hides hello
}

@test "one set of buffers, and its classes in its place" {
	crowd sets=1
	starts 'kpool top -s in_use'
	shows crowd-mixed
	keys Enter
	shows '^set of buffers crowd-mixed: set:[0-9]+, live'
	shows '^ +2K +\(#+\) +2 +0 +52$'
	keys NPage
	shows '^  given_bytes +294K '
	keys Escape c
	shows 'crowd-mixed-2K'
	hides 'set:'
	keys / mixed Enter
	[ "$(kpool list -CH -o name | grep -c mixed)" = 3 ]
	shows 'filter mixed'
	hides crowd-wide
	[ "$(names | wc -w)" = 3 ]
	keys c
	shows 'set:[0-9]+ crowd-mixed '
	[ "$(names)" = crowd-mixed ]
}

@test "help has each key" {
	crowd pools=1
	starts 'kpool top'
	shows crowd-0
	keys h
	shows '^Enter +all about the chosen pool'
	for key in 'q ' Enter '> or s, <' 'r ' '/ ' 'space or p' 'c ' 'h or \?'; do
		shows "^$key"
	done
	keys Escape
	shows crowd-0
	keys '?'
	shows '^Enter '
	keys q
	restored 0
}

@test "many pools: arrows and pages move through them" {
	crowd pools=100
	starts 'kpool top -s id -r'
	shows ' crowd-20 '
	hides ' crowd-21 '
	keys NPage NPage
	shows ' crowd-42 '
	hides ' crowd-20 '
	keys NPage NPage NPage NPage NPage
	shows ' crowd-99 '
	keys Up Up Enter
	shows '^pool crowd-97'
	keys Escape PPage Enter
	shows '^pool crowd-76'
	keys Escape Home
	shows ' crowd-0 '
	keys Down Enter
	shows '^pool crowd-1:'
}

@test "resize: columns and lines as many as fit" {
	crowd pools=100 used=1
	starts 'kpool top -s memory'
	shows crowd-used
	tm resize-window -x 60 -y 15
	hides 'HISTORY|TMO/S'
	shows '^ *ID NAME +MARK USED +GETS/S .*MEMORY'
	[ "$(names | wc -w)" = 12 ]
	tm resize-window -x 120 -y 40
	shows 'IN_USE +IDLE +MAX +GETS/S .*HISTORY'
	shows 'crowd-used .* 3 +397 +100k '
	[ "$(names | wc -w)" = 37 ]
	keys Enter
	shows '^pool crowd-used'
	tm resize-window -x 20 -y 4
	shows '^pool crowd-used'
	keys Escape
	shows '^ *ID NAME'
	tm resize-window -x 1 -y 1
	tm resize-window -x 80 -y 24
	shows 'MEMORY +HISTORY'
	keys q
	shows '^status 0$'
}

@test "marks: a pool whose destroy waits for a destructor is dying, in the list, too" {
	local remover
	crowd pools=1 stuck=1
	rmmod kpool_crowd &
	remover=$!
	starts 'kpool top -d 0.2'
	shows 'crowd-stuck +E '
	[ "$(kpool list --no-headings --state dying --output name,state | xargs)" = 'crowd-stuck dying' ]
	echo 1 >/sys/module/kpool_crowd/parameters/unstick
	wait $remover
	shows 'there is no pool'
	keys q
	restored 0
}

@test "marks: detached, checks, faults, bypassed" {
	crowd pools=2
	starts 'kpool top -d 0.1 -s name'
	shows crowd-0
	echo 1 >/sys/module/kpool_crowd/parameters/hold
	shows 'crowd-held +D '
	kpool debug crowd-0 fail-get 1/2
	shows 'crowd-0 +F '
	kpool debug crowd-0 on
	shows 'crowd-0 +FC '
	echo 0 >/sys/module/kpool_crowd/parameters/hold
	hides crowd-held
	kpool debug crowd-0 off fail-get off
	shows 'crowd-0 +\('
	echo Y >/sys/module/kpool/parameters/bypass
	shows 'crowd-1 +B '
	echo N >/sys/module/kpool/parameters/bypass
	shows 'crowd-1 +\('
}

# errors_setup: makes the library that lets messages of netlink fail, as the file $errors says.
errors_setup() {
	errors=$BATS_TEST_TMPDIR/errors
	: >"$errors"
	cc -std=gnu11 -D_GNU_SOURCE -O1 -Wall -Wextra -Werror -shared -fPIC \
		-o "$BATS_TEST_TMPDIR/errors.so" "$TOP/tests/tool/netlink_errors.c" -ldl
	failing=(env "LD_PRELOAD=$BATS_TEST_TMPDIR/errors.so" "NETLINK_ERRORS=$errors")
}

@test "a reading that fails does not end it: lost messages, signals, inconsistent answers" {
	local errors failing
	errors_setup
	# So many that the kernel answers in several parts.
	crowd pools=100
	starts "${failing[*]} kpool top -d 0.1 -s name -r"
	shows crowd-99
	echo enobufs >"$errors"
	shows 'no reading since, trying again: netlink: Out of memory'
	# The last figures stay.
	shows crowd-98
	: >"$errors"
	shows 'q quit'
	echo eintr >"$errors"
	insmod "$BUILD/samples/hello/hello.ko"
	shows hello
	shows 'q quit'
	echo dump >"$errors"
	rmmod hello
	hides hello
	shows 'q quit'
	keys q
	restored 0
}

@test "one pool: a share of CPUs that cannot be read" {
	crowd pools=1
	starts 'kpool top -d 0.1'
	shows crowd-0
	kpool debug crowd-0 fail-message 1/1
	keys Enter
	shows '^CPUs: Cannot allocate memory$'
	kpool debug crowd-0 fail-message off
	shows '^CPUs +magazines'
	# Those of before are not shown as if they were new.
	kpool debug crowd-0 fail-message 1/1
	shows '^CPUs: Cannot allocate memory$'
	kpool debug crowd-0 fail-message off
}

@test "pools that come and go all the time" {
	crowd pools=2 churn=1
	starts 'kpool top -d 0.05 -n 40'
	restored 0
}

@test "the module goes: a message, status 1, and the terminal as it was" {
	crowd pools=2
	starts 'kpool top -d 0.1'
	shows crowd-0
	rmmod kpool_crowd kpool
	shows '^kpool: the module was unloaded$'
	restored 1
	[ ! -d /sys/module/kpool ]
	refused 1 'the module is not loaded' kpool top -b
	starts 'kpool top'
	shows 'the module is not loaded, and could not be'
	restored 1
	insmod "$BUILD/kpool.ko"
}

@test "signals: the terminal is as it was" {
	crowd pools=2
	for signal in INT TERM HUP QUIT; do
		starts 'kpool top'
		shows crowd-0
		kill -$signal "$(pgrep -x kpool)"
		restored $((128 + $(kill -l $signal)))
	done
	starts 'trap : INT; kpool top'
	shows crowd-0
	keys C-c
	restored 130
}

@test "it can be stopped, and goes on" {
	crowd pools=2
	terminals=1
	tm new-session -d -x 80 -y 24 'PS1="shell> " bash --norc --noprofile -i'
	shows '^shell>'
	keys 'kpool top -d 0.1' Enter
	shows crowd-0
	keys C-z
	shows Stopped
	[[ $(pane) != *'ID NAME'* ]]
	insmod "$BUILD/samples/hello/hello.ko"
	keys fg Enter
	shows hello
	keys q
	shows '^shell>$'
	keys 'echo status $?' Enter
	shows '^status 0'
}

@test "a terminal without colours and without UTF-8" {
	crowd pools=1 limits=1
	traffic
	starts 'TERM=vt100 LC_ALL=C kpool top -d 0.1'
	shows 'crowd-limits .*[.:=+*#-]{5}$'
	[[ $(tm capture-pane -pe) != *$'\e[31m'* ]]
	keys q
	# Such a terminal has one screen, so the last lines stay. The last of them is free.
	shows '^status 0$'
	diff "$BATS_TEST_TMPDIR/before" "$BATS_TEST_TMPDIR/after"
}

@test "an exhausted pool is red where there are colours" {
	crowd pools=1 limits=1
	kpool set crowd-limits max=1
	starts 'kpool top -d 0.1'
	echo 2 >"$WANTED" &
	user=$!
	shows 'crowd-limits +! '
	keys Down
	[[ $(tm capture-pane -pe | grep crowd-limits) == *31* ]]
	kpool set crowd-limits max=2
	hides '!'
}

@test "the longest name is cut, and whole where there is room" {
	local name='abcdefghijklmnopqrstuvwxyz-$(%&'
	crowd pools=1 "odd=$name"
	starts 'kpool top -s name'
	shows ' abcdefghijklmnopqrst[a-z]* +\( {8}\) +0 '
	tm resize-window -x 100 -y 24
	shows ' abcdefghijklmnopqrstuvwxyz-[^ ]* +\( {8}\) +0 '
	[ "$(names)" = "$name crowd-0" ]
	keys / '%&' Enter
	shows 'filter %&'
	hides crowd-0
}

@test "no terminal: it says so" {
	crowd pools=1
	refused 2 'top: this is no terminal; --batch prints plain text' kpool top
	starts 'TERM=nosuch kpool top'
	shows "the terminal 'nosuch' \(TERM\) is not known; --batch needs none"
	shows '^status 1'
	starts 'TERM=dumb kpool top'
	shows "the terminal 'dumb' \(TERM\) cannot move its cursor;"
	shows '^status 1'
}

@test "--batch: screens as plain text" {
	crowd pools=3 used=1 sets=1
	run -0 kpool top -b -n 2 -d 0.1 -s name
	[ "$(grep -cE '^[0-9]{4}-[0-9-]{5} [0-9:]{8}  pools 42  memory [0-9.]+K  exhausted 0$' <<<"$output")" = 2 ]
	[ "$(grep -cE '^ *ID NAME +MARKS +IN_USE +IDLE +MAX +GETS/S +HITS +WAITING +TIMEOUTS/S +MEMORY$' <<<"$output")" = 2 ]
	[ "$(grep -oE ' crowd-[a-z0-9]+' <<<"$output" | head -n 7 | xargs)" = \
		"$(kpool list -H -o name -s name | xargs)" ]
	grep -E '^ *[0-9]+ crowd-used +3 +397 +100000 +0 +- +0 +0 +25K$' <<<"$output"
	[[ $output != *$'\e'* ]]
	run -0 kpool top --batch --count 1 --delay 0.1 --classes --sort id --reverse
	[ "$(grep -oE ' crowd-[A-Za-z0-9-]+' <<<"$output" | xargs)" = \
		"$(kpool list -CH -o name -s id -r | xargs)" ]
}

@test "--batch: the rates are right" {
	local out=$BATS_TEST_TMPDIR/out pid
	crowd pools=1
	kpool top -b -d 2 >"$out" &
	pid=$!
	until grep -q crowd-0 "$out"; do sleep 0.1; done
	# In some interval a pool was created, with one get that missed.
	insmod "$BUILD/samples/hello/hello.ko"
	until grep -q hello "$out"; do sleep 0.1; done
	kill "$pid"
	# One get in two seconds, or somewhat more.
	grep -m 1 hello "$out" | awk '{ exit !($6 > 0.3 && $6 <= 0.5 && $7 == "0.0%") }' ||
		{ cat "$out" && false; }
}

@test "--batch: a reading that fails does not end it; if it is the last, the status says so" {
	local errors failing pid out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
	errors_setup
	crowd pools=2
	"${failing[@]}" kpool top -b -d 0.1 >"$out" 2>"$err" &
	pid=$!
	until grep -q crowd-1 "$out"; do sleep 0.1; done
	echo enobufs >"$errors"
	until grep -qF 'no reading, trying again: netlink: Out of memory' "$err"; do sleep 0.1; done
	: >"$errors"
	insmod "$BUILD/samples/hello/hello.ko"
	until grep -q hello "$out"; do sleep 0.1; done
	kill $pid
	echo enobufs >"$errors"
	refused 1 'no reading, trying again: netlink: Out of memory' \
		"${failing[@]}" kpool top -b -n 1 -d 0.05
}

@test "--batch: no pool, and output that cannot be written" {
	run -0 kpool top -b -n 1 -d 0.05
	[[ $output == *'  pools 0  memory 0  exhausted 0' ]]
	run -1 bash -c 'kpool top -b -d 0.05 >/dev/full'
	[[ $output == *'cannot write: No space left on device' ]]
}

@test "valgrind finds neither an error nor a leak in --batch" {
	crowd pools=3 sets=1 used=1
	run -0 valgrind -q --leak-check=full --show-leak-kinds=all --errors-for-leak-kinds=all \
		--error-exitcode=99 kpool top -b -n 3 -d 0.1
}

@test "valgrind finds no error on the screen" {
	crowd pools=3 sets=1 used=1
	starts "valgrind -q --log-file=$BATS_TEST_TMPDIR/valgrind --error-exitcode=99 kpool top"
	shows crowd-used
	for key in Down Enter Escape h Escape c / x BSpace Enter r s '<' NPage Enter; do
		keys "$key"
	done
	shows '^pool '
	keys q
	restored 0
	[ ! -s "$BATS_TEST_TMPDIR/valgrind" ]
}
