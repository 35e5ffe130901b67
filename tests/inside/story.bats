# SPDX-License-Identifier: GPL-2.0-only
#
# What an operator asks when a machine is sick, in the order in which he asks it. The machine: the
# HTTP sample passes requests on to a backend that never answers. So each connection to the backend
# stays in use, and further requests wait for one. Each question has one command as its answer. Runs
# in a guest that has kpool.ko loaded and no pool; kpool is in PATH, BUILD has the modules.

bats_require_minimum_version 1.5.0
TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
load ../tool
MAX=4
REQUESTS=12

# The backend accepts connections and reads nothing. The clients send a request each, and wait.
silent_backend() {
	exec /usr/bin/python3 -c '
import signal, socket
server = socket.create_server(("127.0.0.1", 8081), backlog=100)
print("ready", flush=True)
signal.pause()'
}

clients() {
	exec /usr/bin/python3 -c '
import signal, socket, sys
clients = [socket.create_connection(("127.0.0.1", 8080)) for _ in range(int(sys.argv[1]))]
for client in clients:
    client.sendall(b"GET /backend/x HTTP/1.1\r\nHost: x\r\n\r\n")
print("ready", flush=True)
signal.pause()' "$1"
}

# begin NAME COMMAND...: runs it in the background until it has printed a line. Notes its pid.
begin() {
	local name=$1 out
	shift
	exec {out}< <("$@" 3>&-)
	echo $! >"$BATS_FILE_TMPDIR/$name"
	read -r -t 60 <&"$out"
}

end() { kill "$(cat "$BATS_FILE_TMPDIR/$1")"; }

# becomes TEXT COMMAND...: waits until the command prints the text.
becomes() {
	local text=$1 i=0
	shift
	until [ "$("$@" | xargs)" = "$text" ]; do
		[ $((i++)) -lt 300 ] && sleep 0.1
	done
}

figure() { kpool list -H -o "$1" httpd-backend; }

setup_file() {
	insmod "$BUILD/samples/hello/hello.ko"
	kpool monitor --all >"$BATS_FILE_TMPDIR/events" 3>&- &
	echo $! >"$BATS_FILE_TMPDIR/monitor"
	becomes 1 grep -c ' present .* hello ' "$BATS_FILE_TMPDIR/events"
	insmod "$BUILD/samples/connpool/connpool.ko"
	begin backend silent_backend
	insmod "$BUILD/samples/httpd/httpd.ko" backend=127.0.0.1:8081 backend_max=$MAX \
		backend_wait_ms=0 backend_timeout_ms=0 request_ms=0
	kpool track httpd-backend all leak_ms=100
	begin clients clients $REQUESTS
	becomes $((REQUESTS - MAX)) figure waiting
}

# The backend ends first, so that all requests end.
teardown_file() {
	end clients
	end backend
	rmmod httpd connpool hello
	kill "$(cat "$BATS_FILE_TMPDIR/monitor")"
}

@test "which pool is exhausted?" {
	run -0 kpool list --exhausted
	[ "${#lines[@]}" = 2 ]
	[[ ${lines[1]} =~ ^\ *[0-9]+\ httpd-backend\ +FULL\ +$MAX\ +0\ +$MAX\ +$((REQUESTS - MAX))\ .*connpool$ ]]
}

@test "who waits, and since when?" {
	local line
	run -0 kpool waiters
	[ "${#lines[@]}" = $((REQUESTS - MAX + 1)) ]
	for line in "${lines[@]:1}"; do
		[[ $line =~ ^httpd-backend\ +[0-9.]+(ms|s|min)\ +kworker.*\[[0-9]+\]\ +1\ +0$ ]]
	done
}

@test "who holds what, since when, and from where?" {
	run -0 kpool holders
	[ "${#lines[@]}" -ge 2 ]
	[[ ${lines[1]} =~ ^httpd-backend\ +[1-$MAX]\ +[0-9.]+(ms|s|min)\ +kworker.*\ connpool_get\+.*\[connpool\]$ ]]
	[ "$(kpool holders -j | jq length)" = $MAX ]
	# Who called connpool_get() is a question to the stacks.
	kpool holders --stacks | grep -E '^    backend_forward\+.*\[httpd\]$'
}

@test "how much memory does it all take, and what is wasted?" {
	run -0 kpool list --total --output name,memory,in_use_bytes,idle_bytes,overhead --bytes
	[ "$(xargs <<<"${lines[0]}")" = 'NAME MEMORY IN_USE IDLE OVERHEAD' ]
	[[ ${lines[-1]} =~ ^total\  ]]
	# The last line is the sum of the others.
	awk 'NR > 1 && $1 != "total" { for (i = 2; i <= NF; i++) sum[i] += $i }
		$1 == "total" { for (i = 2; i <= NF; i++) if (sum[i] != $i || !$i) exit 1; total = 1 }
		END { exit !total }' <<<"$output"
	# Memory is idle or in use, and what is left is what objects allocated themselves.
	kpool list -H -b -o memory,in_use_bytes,idle_bytes | awk '$1 < $2 + $3 { exit 1 }'
	[ "$(kpool list -H -b -o in_use_bytes httpd-backend | xargs)" = \
		$((MAX * $(kpool show -j httpd-backend | jq '.[0].footprint'))) ]
}

@test "what changed?" {
	local events=$BATS_FILE_TMPDIR/events
	becomes 1 grep -c ' leak .* httpd-backend ' "$events"
	# One line each, in this order.
	[ "$(awk '$4 == "httpd-backend" && $2 != "changed" { print $2 }' "$events" | xargs)" = \
		'created exhausted leak' ] || { cat "$events" && false; }
	grep -E '^[0-9:.]+ changed +[0-9]+ httpd-backend +.*max 4' "$events"
}

@test "the log names the leak" {
	dmesg | grep -E 'pool httpd-backend \(id [0-9]+\): [1-4] objects? more .* longer than 100 ms; .*connpool_get\+.* in task kworker'
}

@test "a turn of a knob helps: nobody waits" {
	run -0 kpool set httpd-backend max=$((REQUESTS + 1))
	becomes 0 figure waiting
	refused 0 'there is no such pool' kpool list --exhausted
	becomes 1 grep -c ' recovered .* httpd-backend ' "$BATS_FILE_TMPDIR/events"
	becomes $REQUESTS figure in_use
	[ "$(kpool holders -j | jq length)" = $REQUESTS ]
}
