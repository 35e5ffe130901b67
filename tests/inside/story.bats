# SPDX-License-Identifier: GPL-2.0-only
#
# A server that answers nobody any more. Each question of the person who is called is one command of
# kpool. The HTTP sample has room for four connections, and clients that never close theirs. Runs in
# a guest that has kpool.ko loaded and no pool.

bats_require_minimum_version 1.5.0
TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
load ../tool
POOL=httpd-connections

# Clients that say nothing. They belong to the whole file.
setup_file() {
	ip link set lo up
	echo 1 >/sys/module/kpool/parameters/track
	kpool monitor >"$BATS_FILE_TMPDIR/events" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/monitor"
	insmod "$BUILD/samples/connpool/connpool.ko"
	insmod "$BUILD/samples/httpd/httpd.ko" max_connections=4 idle_ms=0 request_ms=0
	/usr/bin/python3 -c '
import signal, socket
held = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(4)]
print("held", flush=True)
signal.pause()' >"$BATS_FILE_TMPDIR/clients" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/holder"
	/usr/bin/python3 -c '
import socket
s = socket.create_connection(("127.0.0.1", 8080))
s.sendall(b"GET / HTTP/1.0\r\n\r\n")
print(s.recv(100).decode().split("\r")[0], flush=True)' >"$BATS_FILE_TMPDIR/answer" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/client"
	until_is 1 kpool stats -H -o waiting $POOL
}

# until_is VALUE COMMAND...: waits until the command prints the value.
until_is() {
	local i=0 wanted=$1
	shift
	until [ "$("$@" | xargs)" = "$wanted" ]; do
		[ $((i++)) -lt 300 ] || return 1
		sleep 0.1
	done
}

teardown_file() {
	kill $(cat "$BATS_FILE_TMPDIR/monitor" "$BATS_FILE_TMPDIR/holder") || :
	rmmod httpd connpool
	echo 0 >/sys/module/kpool/parameters/track
}

@test "which pool is exhausted?" {
	run -0 kpool list --exhausted
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[1]} == *" $POOL "*FULL* ]]
}

@test "who waits, and since when?" {
	run -0 kpool waiters
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[1]} =~ ^$POOL\ +[0-9.]+m?s\ +.*httpd.*\[[0-9]+\]\ +1\ +0$ ]]
}

@test "who holds what, since when, and from where?" {
	run -0 kpool holders $POOL
	[[ ${lines[1]} =~ ^$POOL\ +4\ +[0-9.]+m?s\ +.*\[httpd\]$ ]]
	run -0 kpool holders --stacks $POOL
	grep -E '^    .*\+0x.*\[httpd\]$' <<<"$output"
}

@test "how much memory is that, and what is wasted?" {
	run -0 kpool list --sort memory -o name,memory,in_use,idle
	[[ ${lines[1]} =~ ^[a-z0-9-]+\ +[0-9.]+[KM]\  ]]
	run -0 kpool show httpd-bodies
	grep -E '^waste ' <<<"$output"
}

@test "what has happened?" {
	grep -E " exhausted +[0-9]+ $POOL +.*, max 4, waiting 1," "$BATS_FILE_TMPDIR/events"
}

@test "a knob is turned, and the server answers" {
	[ ! -s "$BATS_FILE_TMPDIR/answer" ]
	kpool set $POOL max=8
	timeout 30 tail --pid="$(cat "$BATS_FILE_TMPDIR/client")" -f /dev/null
	grep -x 'HTTP/1.[01] 200 OK' "$BATS_FILE_TMPDIR/answer"
	until_is 0 kpool stats -H -o waiting $POOL
	run -0 kpool list --exhausted
	[ "${#lines[@]}" -le 1 ]
}
