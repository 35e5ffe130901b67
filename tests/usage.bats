# SPDX-License-Identifier: GPL-2.0-only
#
# The kpool program, as far as it does not ask the kernel: its words, help, completion, man page.

load helpers
load tool

setup_file() {
	logged tools make -C "$TOP" tools
}

setup() {
	PATH=$TOP/build/tools:$PATH
}

@test "wrong words: status 2, and what is wrong" {
	refused 2 'usage: kpool COMMAND' kpool
	refused 2 "there is no command 'lost'" kpool lost
	refused 2 "'s' is the beginning of show and of stats" kpool s
	refused 2 'there is no option -x' kpool list -x
	refused 2 "there is no option '--colour'" kpool list --colour
	refused 2 "'--json=3' takes no value" kpool list --json=3
	refused 2 "'--delay' wants a value" kpool stats --delay
	refused 2 'list has no option --delay' kpool list -d 1
	refused 2 'version has no option --json' kpool version -j
	for delay in 0 -1 x nan inf 1e9 1s ''; do
		refused 2 "--delay takes seconds, from 0.001 to 86400, not '$delay'" \
			kpool stats "--delay=$delay"
	done
	for count in 0 -1 x 1x '' 99999999999999999999999; do
		refused 2 "--count takes a number from 1 on, not '$count'" \
			kpool stats -d 1 "--count=$count"
	done
	refused 2 '--count goes with --delay' kpool stats -n 2
	refused 2 "there is no column 'foo'; there are: id name owner" kpool list -o id,foo
	refused 2 "there is no column ''" kpool list -o id,
	refused 2 "there is no column 'foo'" kpool stats -s foo
	refused 2 "there is no column 'created'" kpool stats -c -o created
	refused 2 'show what?' kpool show
	refused 2 "list takes no 'x'" kpool list x
	refused 2 "monitor listens to all pools, it takes no 'x'" kpool monitor x
}

@test "what it cannot write, it says, help and version too" {
	for words in help version --help -V; do
		refused 1 'cannot write: No space left on device' bash -c "kpool $words >/dev/full"
	done
}

@test "help: each command and its own options" {
	run -0 kpool help
	for command in list show stats monitor help version; do
		grep -E "^  $command " <<<"$output"
		run -0 kpool help $command
		[ "$(kpool $command --help)" = "$output" ]
		run -0 kpool help
	done
	kpool help stats | grep -F -- '--delay SECONDS'
	[[ $(kpool help list) != *--delay* ]]
	refused 2 "there is no command 'foo'" kpool help foo
}

@test "completion of commands, options and columns" {
	[ "$(completed s)" = 'show stats' ]
	[ "$(completed help mon)" = 'monitor' ]
	[ "$(completed stats --del)" = '--delay' ]
	[ "$(completed list -o i)" = 'id in_use idle idle_ms' ]
	[ "$(completed list -o id,na)" = 'id,name' ]
	[ "$(completed stats -d 1)" = '' ]
	[ "$(completed stats -d 1 --rev)" = '--reverse' ]
	[ "$(completed -s name mon)" = 'monitor' ]
	[ "$(completed --jso)" = '--json' ]
	[ "$(completed list --output = i)" = 'id in_use idle idle_ms' ]
	[ "$(completed stats -c -o cp)" = 'cpu' ]
}

@test "the man page has every command and every option" {
	man -l "$TOP/build/tools/kpool.8" | col -b >"$BATS_TEST_TMPDIR/man"
	for word in $(kpool help | grep -oP '^  \K[a-z]+'); do
		grep -qw -- "$word" "$BATS_TEST_TMPDIR/man" || echo "$word"
	done | none 'commands that are not there'
	for word in $(kpool help | grep -oP -- '--[a-z-]+'); do
		grep -q -- "$word" "$BATS_TEST_TMPDIR/man" || echo "$word"
	done | none 'options that are not there'
}

@test "make install-tool, and uninstall leaves nothing" {
	local root=$BATS_TEST_TMPDIR/root
	logged install-tool make -C "$TOP" install-tool DESTDIR="$root"
	[ "$(cd "$root/usr/local" && find . -type f | sort | paste -sd ' ')" = "./bin/kpool \
./include/linux/kpool.h ./share/bash-completion/completions/kpool \
./share/kpool/kpool.schema.json ./share/kpool/kpool.yaml ./share/man/man8/kpool.8" ]
	"$root/usr/local/bin/kpool" version
	logged uninstall make -C "$TOP" uninstall DESTDIR="$root"
	find "$root" -type f | none 'still there'
}

@test "the JSON schema has each field of the netlink spec" {
	/usr/bin/python3 - "$TOP" <<-'END' | none 'fields that are not there'
		import json, sys, yaml
		top = sys.argv[1]
		spec = yaml.safe_load(open(top + "/Documentation/netlink/specs/kpool.yaml"))
		schema = json.load(open(top + "/Documentation/kpool.schema.json"))["definitions"]
		of = {"pool": "pool", "stats": "figures", "cpu-stats": "cpu", "wait-class": "wait_class"}
		for attributes in spec["attribute-sets"]:
		    known = schema[of[attributes["name"]]]["properties"]
		    for attribute in attributes["attributes"]:
		        name = attribute["name"].replace("-", "_")
		        if name not in ("pad", "percpu") and name not in known and name + "s" not in known and name + "es" not in known:
		            print(attributes["name"], name)
	END
}
