# SPDX-License-Identifier: GPL-2.0-only
#
# The kpool program without a kernel: its words, help, completion, man page.

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
	refused 2 'there is no option -z' kpool list -z
	refused 2 "there is no option '--colour'" kpool list --colour
	refused 2 "'--json=3' takes no value" kpool list --json=3
	refused 2 "'--delay' wants a value" kpool stats --delay
	refused 2 'list has no option --delay' kpool list -d 1
	refused 2 'version has no option --json' kpool version -j
	refused 2 "version takes no 'x'" kpool version x
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
	refused 2 "top shows all pools, it takes no 'x'" kpool top x
	refused 2 'top: this is no terminal; --batch prints plain text' kpool top
	refused 2 "there is no column 'foo'; there are: id name marks used" kpool top -b -s foo
	refused 2 'top has no option --bytes' kpool top --bytes
	refused 2 'top has no option --json' kpool top -j
	refused 2 'list has no option --batch' kpool list --batch
	refused 2 'monitor has no option --bytes' kpool monitor -b
	refused 2 "--delay takes seconds, from 0.001 to 86400, not '0'" kpool top -d 0
	refused 2 "--count takes a number from 1 on, not '0'" kpool top -n 0
	refused 2 'show what?' kpool show
	for states in '' LIVE live,dead live, ,live; do
		refused 2 '--state takes live, dying or detached, not ' kpool list "--state=$states"
	done
	refused 2 "--state takes live, dying or detached, not 'dead'" kpool stats -T live,dead
	refused 2 "--owner takes the name of a module, not ''" kpool list --owner=
	refused 2 "--color takes auto, always or never, not 'yes'" kpool list --color yes
	refused 2 'show has no option --exhausted' kpool show -e x
	refused 2 'list: --total is a line of the table, JSON has none' kpool list --total --json
	refused 2 "save takes one file, not 'y' too" kpool save x y
	refused 2 "restore takes one file, not 'y' too" kpool restore x y
	refused 2 'save has no option --ignore-missing' kpool save -i
	refused 2 'restore has no option --json' kpool restore --json
	refused 2 'list: --classes and --sets exclude each other' kpool list -CS
	refused 2 'show has no option --sets' kpool show -S x
	refused 2 "monitor listens to all pools, it takes no 'x'" kpool monitor x
	refused 2 "export writes all pools and sets, it takes no 'x'" kpool export x
	refused 2 "--textfile takes the name of a file, not ''" kpool export -t ''
	refused 2 'export has no option --json' kpool export -j
	refused 2 'list has no option --textfile' kpool list --textfile x
}

# The module need not be loaded for this.
@test "set: wrong limits, and what is right" {
	local all='magazine min_idle max_idle max reserve idle_ms lifetime_ms max_idle_bytes' limit value
	refused 2 'set what? Give a pool and its limits, as in: kpool set POOL max=500' kpool set
	refused 2 "set worker to what? Give limits, as in max=500; there are: $all" kpool set worker
	refused 2 "there is no limit 'foo'; there are: $all" kpool set worker max=1 foo=1
	refused 2 "there is no limit 'size'" kpool set worker size=1
	refused 2 "there is no limit ''" kpool set worker =1
	refused 2 "there is no limit 'MAX'" kpool set worker MAX=1
	refused 2 'max wants a value, as in max=500' kpool set worker max
	refused 2 'max is given twice' kpool set worker max=1 max=1
	for limit in max idle_ms lifetime_ms; do
		for value in 0 -1 +1 1.5 1k ' 1' 0x10 2147483648 99999999999999999999999 '' nothing auto; do
			refused 2 "$limit takes a number from 1 to 2147483647, or none (no limit), not '$value'" \
				kpool set worker "$limit=$value"
		done
	done
	for value in 0 4294967295 auto; do
		refused 2 "or none (no limit), or nothing (keep no object idle), not '$value'" \
			kpool set worker "max_idle=$value"
	done
	for limit in min_idle reserve; do
		refused 2 "$limit takes a number from 0 to 2147483647, not 'none'" kpool set worker $limit=none
	done
	for value in 0 4097 none; do
		refused 2 "magazine takes a number from 1 to 4096, or auto (as many as fit), not '$value'" \
			kpool set worker magazine=$value
	done
	for value in 0 -1 1.5M 1m K 1KB ' 1K' 8388608T 9223372036854775808 16777216T '' nothing; do
		refused 2 "max_idle_bytes takes a number from 1 to 9223372036854775807, or none (no limit), not '$value'" \
			kpool set rx "max_idle_bytes=$value"
	done
	refused 2 'max_idle_bytes is a limit of sets, max is one of pools: give one of them' \
		kpool set rx max_idle_bytes=1 max=1
	refused 2 'max is a limit of pools, max_idle_bytes is one of sets' kpool set rx max=1 max_idle_bytes=1
	refused 2 'set has no option --json' kpool set -j worker max=1
	run -0 kpool help set
	for limit in $all; do
		grep "^  $limit=N" <<<"$output"
	done
}

# refused_file LINE MESSAGE TEXT: kpool restore refuses a file with this text, and says in which line.
refused_file() {
	printf '%b' "$3" >"$BATS_TEST_TMPDIR/limits"
	refused 2 "kpool: $BATS_TEST_TMPDIR/limits:$1: $2" kpool restore "$BATS_TEST_TMPDIR/limits"
	refused 2 "kpool: stdin:$1: $2" kpool restore <"$BATS_TEST_TMPDIR/limits"
}

# The module need not be loaded for this.
@test "restore: what is wrong in a file, and where" {
	refused_file 1 "there is no 'sett', only lines as: set NAME max=500" 'sett a max=1\n'
	refused_file 3 'set what? Give limits' '# a comment\n\n  set\n'
	refused_file 1 'set to what? Give limits' 'set worker'
	refused_file 1 "there is no limit '#'" 'set worker max=1 # one'
	refused_file 2 "there is no limit 'maxx'" 'set a max=1\nset b maxx=1\n'
	refused_file 1 "max takes a number from 1 to 2147483647, or none (no limit), not '0'" 'set a max=0'
	refused_file 1 'max is given twice' 'set a max=1 max=2'
	refused_file 1 "a name has at most 31 characters, not as '$(printf 'x%.0s' {1..32})'" \
		"set $(printf 'x%.0s' {1..32}) max=1"
	refused_file 1 "a name has at most 23 characters" "set $(printf 'x%.0s' {1..24}) max_idle_bytes=1"
	refused_file 2 'there is a byte 0' 'set a max=1\nset b\0max=1\n'
	# Each wrong line is told.
	printf 'set a max=x\nset b\n' >"$BATS_TEST_TMPDIR/limits"
	refused 2 'limits:1: max takes' kpool restore "$BATS_TEST_TMPDIR/limits"
	grep -F 'limits:2: set to what?' <<<"$stderr"
	refused 1 "restore: cannot open $BATS_TEST_TMPDIR/none: No such file or directory" \
		kpool restore "$BATS_TEST_TMPDIR/none"
	refused 1 "restore: cannot read $BATS_TEST_TMPDIR: Is a directory" kpool restore "$BATS_TEST_TMPDIR"
	# A file without a change asks the kernel nothing.
	printf '# nothing\n\n' | kpool restore -
}

@test "better classes: those that are known to be right, and none better among all others" {
	local made=$BATS_TEST_TMPDIR/classes
	# shellcheck disable=SC2046 # several words
	cc -O1 -g -fsanitize=address,undefined -D_GNU_SOURCE -std=gnu11 -Wall -Wextra -Werror \
		-Wno-missing-field-initializers -I "$TOP/uapi" -I "$TOP/tools/kpool" \
		$(pkg-config --cflags jansson) -o "$made" "$TOP/tests/tool/classes.c" \
		"$TOP/tools/kpool/classes.c"
	"$made"
}

# figures [--prometheus]: metrics of a pool, a set and its class, in which each field has a value.
figures() {
	local made=$BATS_TEST_TMPDIR/metrics
	# shellcheck disable=SC2046 # several words
	[ -e "$made" ] || cc -O1 -g -fsanitize=address,undefined -D_GNU_SOURCE -std=gnu11 -Wall \
		-Wextra -Werror -Wno-missing-field-initializers -I "$TOP/uapi" -I "$TOP/tools/kpool" \
		$(pkg-config --cflags jansson) -o "$made" "$TOP/tests/tool/metrics.c" \
		"$TOP/tools/kpool/metrics.c" "$TOP/tools/kpool/text.c" "$TOP/tools/kpool/find.c" "$TOP/tools/kpool/fields.c"
	"$made" "$@"
}

@test "export: metrics, as promtool wants them" {
	PATH=$PATH:$(prometheus)
	figures --prometheus >"$BATS_TEST_TMPDIR/text"
	promtool check metrics <"$BATS_TEST_TMPDIR/text" 2>&1 | none 'promtool complains'
	grep '# EOF\|# UNIT' "$BATS_TEST_TMPDIR/text" | none 'only OpenMetrics has this'
	figures >"$BATS_TEST_TMPDIR/open"
	[ "$(tail -n 1 "$BATS_TEST_TMPDIR/open")" = '# EOF' ]
	# The samples are the same, except times that are rounded to a second.
	diff <(grep -v '^#\|_timestamp_' "$BATS_TEST_TMPDIR/open") \
		<(grep -v '^#\|_timestamp_' "$BATS_TEST_TMPDIR/text")
	grep -v '^#' "$BATS_TEST_TMPDIR/open" | sort | uniq -d | none 'more than once'
}

@test "export: names, units, labels and the histogram" {
	local labels='pool="a\"b\\c\nd",id="1",owner="a\"b\\c\nd"' bucket
	bucket="kpool_wait_duration_seconds_bucket{$labels,le="
	figures >"$BATS_TEST_TMPDIR/open"
	for line in "kpool_gets_total{$labels} 1" "kpool_in_use{$labels} 1" \
		"kpool_wait_seconds_total{$labels} 1.02" "kpool_wait_max_seconds{$labels} 0.000000001" \
		"kpool_memory_bytes{$labels} 4096" "kpool_limit_idle_seconds{$labels} 4.096" \
		"kpool_limit_max{$labels} 4096" "kpool_held_seconds{$labels} 0.001" \
		"kpool_in_use{${labels/1/2},set=\"a\\\"b\\\\c\\nd\"} 1" \
		"kpool_set_waste_ratio{${labels/pool/set}} 0.001" \
		"kpool_set_asked_bytes_total{${labels/pool/set}} 1" \
		"kpool_set_limit_max_idle_bytes{${labels/pool/set}} 1" \
		"$bucket\"0.000004096\"} 0" "$bucket\"0.000008192\"} 2" "$bucket\"0.008388608\"} 2" \
		"$bucket\"0.016777216\"} 5" "$bucket\"17.179869184\"} 5" "$bucket\"+Inf\"} 6" \
		"kpool_wait_duration_seconds_count{$labels} 6" \
		"kpool_wait_duration_seconds_sum{$labels} 1.02"; do
		grep -qxF -- "$line" "$BATS_TEST_TMPDIR/open" || echo "$line"
	done | none 'not there'
	for line in '# HELP kpool_wait_seconds Seconds that gets waited, all together.' \
		'# TYPE kpool_wait_seconds counter' '# UNIT kpool_wait_seconds seconds' \
		'# TYPE kpool_pool info' '# TYPE kpool_wait_duration_seconds histogram'; do
		grep -qxF -- "$line" "$BATS_TEST_TMPDIR/open" || echo "$line"
	done | none 'not there'
	grep -F 'kpool_pool_info{' "$BATS_TEST_TMPDIR/open" |
		grep -F ',state="dying",backing="pages",zone="dma",node="1",flags="zero_on_put"} 1'
	for line in 'kpool_gets_total counter' 'kpool_pool_info gauge'; do
		figures --prometheus | grep -xF "# TYPE $line"
	done
}

# Names of metrics in a text.
metrics_in() { grep -ohE '\bkpool_[a-z_]*[a-z]\b' "$@" | sort -u; }

@test "export: metrics that alerts and documents name exist" {
	figures --prometheus | metrics_in >"$BATS_TEST_TMPDIR/names"
	metrics_in "$TOP"/tools/prometheus/* "$TOP/Documentation/prometheus.rst" |
		grep -vxFf "$BATS_TEST_TMPDIR/names" | none 'metrics that do not exist'
}

@test "alerts: promtool accepts the rules, and each fires when it should, not before" {
	PATH=$PATH:$(prometheus)
	promtool check rules "$TOP/tools/prometheus/kpool.rules.yml"
	promtool test rules "$TOP/tests/tool/kpool.rules.test.yml"
	# There is a test for each, and the page lists it.
	sed -n 's/.* alert: //p' "$TOP/tools/prometheus/kpool.rules.yml" | while read -r alert; do
		grep -q "^ *alertname: $alert$" "$TOP/tests/tool/kpool.rules.test.yml" || echo "$alert"
		grep -q "^$alert " "$TOP/Documentation/prometheus.rst" || echo "$alert"
	done | none 'not tested or not in prometheus.rst'
}

# JSON is YAML, so promtool reads the queries as rules.
@test "the dashboard: it is JSON, and each panel has queries that promtool accepts" {
	local dashboard=$TOP/tools/prometheus/kpool.dashboard.json
	PATH=$PATH:$(prometheus)
	jq -e '.panels | length > 0 and all(.targets | length > 0)' "$dashboard"
	jq '{ groups: [ { name: "dashboard", rules: [ .panels[] | .id as $id | .targets[] |
		{ record: "panel\($id)\(.refId)", expr: .expr | gsub("\\$__rate_interval"; "5m") } ] } ] }' \
		"$dashboard" >"$BATS_TEST_TMPDIR/rules.yml"
	promtool check rules "$BATS_TEST_TMPDIR/rules.yml"
}

@test "the units for systemd: systemd accepts them where they are installed" {
	local root=$BATS_TEST_TMPDIR/prefix
	logged install-tool make -C "$TOP" install-tool PREFIX="$root"
	logged units systemd-analyze verify --man=no "$root"/lib/systemd/system/kpool-*
	grep kpool- "$LOGS/units.log" | none 'systemd complains'
	grep -F "ExecStart=$root/bin/kpool export --textfile" \
		"$root/lib/systemd/system/kpool-export.service"
	grep -xF "ExecStart=$root/bin/kpool restore --ignore-missing /etc/kpool.limits" \
		"$root/lib/systemd/system/kpool-restore.service"
	refused 2 "restore takes one file, not 'more' too" kpool $(sed -n 's/^ExecStart=[^ ]* //p' \
		"$TOP/tools/systemd/kpool-restore.service") more
	# The program takes the words of the units.
	refused 2 "monitor listens to all pools, it takes no 'more'" kpool $(sed -n \
		's/^ExecStart=[^ ]* //p' "$TOP/tools/systemd/kpool-monitor.service") more
	refused 2 "it takes no 'more'" kpool $(sed -n 's/^ExecStart=[^ ]* //p' \
		"$TOP/tools/systemd/kpool-export.service") more
}

@test "what it cannot write, it says, help and version too" {
	for words in help version --help -V; do
		refused 1 'cannot write: No space left on device' bash -c "kpool $words >/dev/full"
	done
}

@test "help: each command and its own options" {
	run -0 kpool help
	for command in list show stats top set save restore debug monitor export help version; do
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
	[ "$(completed s)" = 'show stats set save' ]
	[ "$(completed help mon)" = 'monitor' ]
	[ "$(completed stats --del)" = '--delay' ]
	[ "$(completed list -o i)" = \
		'id in_use idle idle_ms idle_expired interrupted idle_bytes in_use_bytes' ]
	[ "$(completed list -o id,na)" = 'id,name' ]
	[ "$(completed stats -d 1)" = '' ]
	[ "$(completed list --s)" = '--sort --sets --state' ]
	[ "$(completed list --state d)" = 'dying detached' ]
	[ "$(completed list -T live,de)" = 'live,detached' ]
	[ "$(completed stats --color a)" = 'auto always' ]
	[ "$(completed stats -d 1 --rev)" = '--reverse' ]
	[ "$(completed -s name mon)" = 'monitor' ]
	[ "$(completed --jso)" = '--json' ]
	[ "$(completed t)" = 'top track trim' ]
	[ "$(completed top --b)" = '--batch' ]
	[ "$(completed top -s m)" = 'marks max memory' ]
	[ "$(completed list --output = idle_e)" = 'idle_expired' ]
	[ "$(completed stats -c -o cp)" = 'cpu' ]
	[ "$(completed e)" = 'export' ]
	[ "$(completed export --)" = '--prometheus --textfile --help --version' ]
	cd "$BATS_TEST_TMPDIR"
	touch 'a figure.prom'
	[ "$(completed export --textfile a)" = 'a\ figure.prom' ]
	[ "$(completed export --textfile = a)" = 'a\ figure.prom' ]
	[ "$(completed save a)" = 'a\ figure.prom' ]
	[ "$(completed restore --ignore-missing a)" = 'a\ figure.prom' ]
}

@test "completion of limits, and of what they can be" {
	[ "$(completed set worker m)" = 'magazine= min_idle= max_idle= max= max_idle_bytes=' ]
	[ "$(completed set worker max=500 i)" = 'idle_ms=' ]
	# As the shell splits it.
	[ "$(completed set worker max = '')" = 'none' ]
	[ "$(completed set worker max =)" = 'none' ]
	[ "$(completed set worker max_idle = no)" = 'none nothing' ]
	[ "$(completed se worker magazine = a)" = 'auto' ]
	[ "$(completed set worker reserve = '')" = '' ]
	[ "$(completed set worker max = 500 li)" = 'lifetime_ms=' ]
	[ "$(completed set worker max=n)" = 'none' ]
}

@test "completion of what debug can change" {
	[ "$(completed debug worker o)" = 'on off' ]
	[ "$(completed debug worker fail_m)" = 'fail_magazine= fail_message=' ]
	[ "$(completed debug worker on h)" = 'held_ms=' ]
}

@test "the man page has every command and every option" {
	man -l "$TOP/build/tools/kpool.8" | col -b >"$BATS_TEST_TMPDIR/man"
	for word in $(kpool help | grep -oP '^  \K[a-z]+'); do
		grep -qw -- "$word" "$BATS_TEST_TMPDIR/man" || echo "$word"
	done | none 'commands that are not there'
	for word in $(kpool help | grep -oP -- '--[a-z-]+'); do
		grep -q -- "$word" "$BATS_TEST_TMPDIR/man" || echo "$word"
	done | none 'options that are not there'
	for word in $(kpool help set | grep -oP '^  \K[a-z_]+(?==)'); do
		grep -qw -- "$word=N" "$BATS_TEST_TMPDIR/man" || echo "$word"
	done | none 'limits that are not there'
}

@test "bench: its help, its options, and what is missing" {
	[ "$(completed be)" = bench ]
	[ "$(completed bench --ht)" = '--html' ]
	kpool help bench | grep -F -- '--cases LIST'
	refused 2 "'a b' is no list of names" kpool bench --cases 'a b'
	refused 2 "'0' is no number from 1 to 100000" kpool bench --rounds 0
	refused 2 'unrecognized arguments: --lost' kpool bench --lost
	refused 1 'cannot read lost.json: No such file' kpool bench --show lost.json
	cp "$TOP/build/tools/kpool" "$BATS_TEST_TMPDIR"
	refused 1 'no benchmark is installed' "$BATS_TEST_TMPDIR/kpool" bench
}

@test "make install-bench-tool, and uninstall leaves nothing" {
	local root=$BATS_TEST_TMPDIR/root
	logged install-bench make -C "$TOP" install-tool install-bench-tool DESTDIR="$root"
	"$root/usr/local/bin/kpool" bench --help | grep -F 'usage: kpool bench'
	logged uninstall make -C "$TOP" uninstall DESTDIR="$root"
	find "$root" -type f | none 'still there'
}

@test "make install-tool, and uninstall leaves nothing" {
	local root=$BATS_TEST_TMPDIR/root
	logged install-tool make -C "$TOP" install-tool DESTDIR="$root"
	[ "$(cd "$root/usr/local" && find . -type f | sort | paste -sd ' ')" = "./bin/kpool \
./include/linux/kpool_mapped.h ./include/linux/kpool_netlink.h \
./lib/systemd/system/kpool-export.service ./lib/systemd/system/kpool-export.timer \
./lib/systemd/system/kpool-monitor.service ./lib/systemd/system/kpool-restore.service \
./share/bash-completion/completions/kpool ./share/kpool/bpftrace/kpool-growth.bt \
./share/kpool/bpftrace/kpool-misses.bt ./share/kpool/bpftrace/kpool-waits.bt \
./share/kpool/kpool.dashboard.json ./share/kpool/kpool.py ./share/kpool/kpool.rules.yml \
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
		of = {"pool": "pool", "stats": "figures", "cpu-stats": "cpu", "node-stats": "node", "wait-class": "wait_class",
		      "set": "set", "class": "class", "bucket": "bucket", "holder": "holder",
		      "waiter": "waiter"}
		for attributes in spec["attribute-sets"]:
		    known = schema[of[attributes["name"]]]["properties"]
		    for attribute in attributes["attributes"]:
		        name = attribute["name"].replace("-", "_")
		        if name not in ("pad", "percpu", "debug", "trimmed", "waiting", "timeouts") and name not in known and name + "s" not in known and name + "es" not in known:
		            print(attributes["name"], name)
	END
}

@test "a path that a guest does not have is refused before it boots" {
	touch "$BATS_TEST_TMPDIR/here"
	run vm cat "$BATS_TEST_TMPDIR/here"
	[ "$status" = 2 ]
	[[ $output == *"is not there in the guest, which has a /tmp of its own"* ]]
}
