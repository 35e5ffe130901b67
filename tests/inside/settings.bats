# SPDX-License-Identifier: GPL-2.0-only
#
# Limits that an operator sets: of sets of buffers, and limits that last by kpool save and kpool
# restore. Wrong words are in tests/usage.bats. Runs in a guest that has kpool.ko loaded and no pool.
# kpool is in PATH, BUILD is the folder with the modules.

TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
load ../tool

setup() {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" pools=1 limits=1 sets=1 'odd=#a"b\c'
	file=$BATS_TEST_TMPDIR/limits
}

teardown() {
	rmmod kpool_crowd
}

# limit NAME FIELD: of a pool or set.
limit() { kpool show -j "$1" | jq ".[0].$2"; }

@test "set: the limit of a set, by name and by id, with a unit" {
	[ "$(limit crowd-same max_idle_bytes)" = 16777216 ]
	run -0 kpool set crowd-same max_idle_bytes=64M
	[ -z "$output" ]
	[ "$(limit crowd-same max_idle_bytes)" = 67108864 ]
	kpool set "set:$(limit crowd-same id)" max_idle_bytes=1
	[ "$(limit crowd-same max_idle_bytes)" = 1 ]
	kpool set crowd-same max_idle_bytes=none
	[ "$(limit crowd-same max_idle_bytes)" = 0 ]
	[ "$(kpool list -H -o max_idle_bytes crowd-same | xargs)" = none ]
	kpool set crowd-same max_idle_bytes=3000
	[ "$(limit crowd-same max_idle_bytes)" = 3000 ]
}

@test "set: idle buffers that are too many go" {
	local i=0
	[ "$(limit crowd-same idle_bytes)" -gt 0 ]
	kpool set crowd-same max_idle_bytes=1K
	until [ "$(limit crowd-same idle_bytes)" -le 1024 ]; do
		[ $((i++)) -lt 100 ] && sleep 0.1
	done
}

@test "set: limits that a set cannot have, and who may set one" {
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	refused 1 'set crowd-mixed: max_idle_bytes: created without, its module has to give one' \
		kpool set crowd-mixed max_idle_bytes=1M
	kpool set crowd-mixed max_idle_bytes=none
	refused 1 'set crowd-same: only who has CAP_NET_ADMIN, as root has, may change limits' \
		"${nobody[@]}" kpool set crowd-same max_idle_bytes=1M
	refused 1 "'crowd-limits' is a pool, not a set of buffers" kpool set crowd-limits max_idle_bytes=1M
	[ "$(limit crowd-same max_idle_bytes)" = 16777216 ]
}

@test "save: a line for each pool and set, and restore takes it" {
	kpool save >"$file"
	[ "$(kpool save -)" = "$(cat "$file")" ]
	grep -xF 'set crowd-limits magazine=auto min_idle=0 max_idle=none max=none reserve=0 idle_ms=none lifetime_ms=none' \
		"$file"
	grep -xF 'set crowd-same max_idle_bytes=16777216' "$file"
	grep -xF 'set crowd-mixed max_idle_bytes=none' "$file"
	grep -F 'set #a"b\c magazine=auto' "$file"
	[ "$(grep -c '^set ' "$file")" = "$(($(kpool list -j | jq length) + $(kpool list -jS | jq length)))" ]
	# All limits stay as they are.
	kpool restore "$file"
	diff "$file" <(kpool save)
}

@test "restore: what was saved comes back, for pools that a module creates again" {
	kpool set crowd-limits magazine=4 min_idle=2 max_idle=100 max=500 reserve=3 idle_ms=60000
	kpool set crowd-0 max_idle=nothing
	kpool set '#a"b\c' max_idle=7
	kpool set crowd-same max_idle_bytes=1M
	kpool set crowd-same-2K max_idle=50
	kpool save "$file"
	[ "$(stat -c %a "$file")" = 644 ]
	teardown
	setup
	run ! diff -q "$file" <(kpool save)
	kpool restore <"$file"
	diff "$file" <(kpool save)
	[ "$(limit crowd-limits max)" = 500 ]
	[ "$(limit crowd-limits magazine)" = 4 ]
	[ "$(limit crowd-limits magazine_asked)" = 4 ]
	[ "$(limit crowd-0 max_idle)" = 4294967295 ]
}

@test "restore: pools that do not exist are told, the others change" {
	printf '%s\n' '# mine' '' 'set nobody max=5' '	set  crowd-limits max=5 ' \
		'set nothing max_idle_bytes=1M' 'set crowd-0 max=7' >"$file"
	refused 1 "kpool: $file:3: set nobody: no pool has that name" kpool restore "$file"
	grep -xF "kpool: $file:5: set nothing: no set has that name" <<<"$stderr"
	grep -F "kpool: $file:6: set crowd-0: max: created without" <<<"$stderr"
	[ "$(limit crowd-limits max)" = 5 ]
	sed -i 's/limits max=5/limits max=6/' "$file"
	refused 1 "$file:6: set crowd-0: max: created without" kpool restore --ignore-missing "$file"
	[[ $stderr != *nobody* && $stderr != *nothing* ]]
	[ "$(limit crowd-limits max)" = 6 ]
	sed -i '/crowd-0/d' "$file"
	run -0 kpool restore -i "$file"
	[ -z "$output" ]
}

@test "restore: a wrong line changes nothing" {
	printf 'set crowd-limits max=5\nset crowd-limits maxx=5\n' >"$file"
	refused 2 "$file:2: there is no limit 'maxx'" kpool restore "$file"
	[ "$(limit crowd-limits max)" = 0 ]
}

@test "restore: digits are a name, never an id" {
	echo "set $(limit crowd-limits id) max=5" >"$file"
	refused 1 'no pool has that name' kpool restore "$file"
	[ "$(limit crowd-limits max)" = 0 ]
}

@test "restore: CAP_NET_ADMIN is what it takes; save takes nothing" {
	local nobody=(setpriv --reuid 65534 --regid 65534 --clear-groups)
	"${nobody[@]}" kpool save >"$file"
	refused 1 'only who has CAP_NET_ADMIN, as root has, may change limits' "${nobody[@]}" kpool restore <"$file"
}

@test "save: a file that cannot be written, and the old one stays" {
	echo old >"$file"
	refused 1 "save: cannot make a file beside $BATS_TEST_TMPDIR/no/file: No such file or directory" \
		kpool save "$BATS_TEST_TMPDIR/no/file"
	refused 1 'save: /dev/null is not a regular file, so it is not replaced' kpool save /dev/null
	run -1 bash -c 'kpool save >/dev/full'
	[[ $output == *'cannot write: No space left on device' ]]
	kpool save "$file"
	[ "$(grep -c '^set crowd-limits ' "$file")" = 1 ]
	run ! compgen -G "$file.*"
}

@test "save: a pool that is being destroyed is left out" {
	echo 1 >/sys/module/kpool_crowd/parameters/hold
	kpool list --state detached | grep crowd-held
	run -0 kpool save
	[[ $output != *crowd-held* ]]
	echo 0 >/sys/module/kpool_crowd/parameters/hold
}
