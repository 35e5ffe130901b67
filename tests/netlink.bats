# SPDX-License-Identifier: GPL-2.0-only
#
# The netlink family, used from outside of the module.

load helpers
load netlink

# section NAME: the checks of this section in the log of tests/vm/guest/netlink.
section() {
	local folder made out=$LOGS/netlink-ask.out
	folder=$(built native)
	made=$(programs)
	# Another section's failure does not count here.
	guest ask -k native -t 240 -- netlink "$folder" "$made" "$(kernel ynl)" \
		"$TOP/Documentation/netlink/specs/kpool.yaml" >/dev/null || :
	kernel-log "$LOGS/netlink-ask.console"
	if grep -A 20 "^$1: not ok" "$out"; then
		return 1
	fi
	grep -qx "$1: end" "$out" || { tail -n 30 "$out" && echo "log: $out" && return 1; }
}

@test "what is generated of the netlink spec is as checked in" {
	netlink-gen "$BATS_TEST_TMPDIR"
	for file in uapi/linux/kpool_netlink.h module/view/netlink-gen.h module/view/netlink-gen.c; do
		diff "$TOP/$file" "$BATS_TEST_TMPDIR/$file"
	done
}

@test "the netlink spec is as the kernel's schema wants specs" {
	/usr/bin/python3 -B - "$(kernel ynl)" "$TOP" <<-'END'
		import re, sys
		sys.path.append(f"{sys.argv[1]}/tools/net/ynl")
		from lib import SpecFamily
		schema = f"{sys.argv[1]}/Documentation/netlink/genetlink-legacy.yaml"
		spec = SpecFamily(f"{sys.argv[2]}/Documentation/netlink/specs/kpool.yaml", schema)
		header = open(f"{sys.argv[2]}/uapi/linux/kpool_netlink.h").read()
		commands = set(re.findall(r"^\tKPOOL_CMD_(\w+?)(?: = 1)?,$", header, re.M))
		read = {name.upper().replace("-", "_") for name in spec.msgs}
		assert commands == read and spec.ops, commands ^ read
	END
}

# The tests with a section share one guest. The guest names each of its checks in its log.
@test "the first request loads the module, native" {
	section load
}

@test "the kernel's YNL client: pools and figures, by id, by name, all, native" {
	section ask
	section client
}

@test "netlink, debugfs and the API tell the same figures of a quiet pool, native" {
	section equal
}

@test "each refusal says why, native" {
	section refusals
}

@test "sets of buffers: each whole, in however many messages, as debugfs has it, native" {
	section sets
}

@test "the family is not there in another network namespace, native" {
	section netns
}

@test "events come in order; who is too slow is told, native" {
	section events
	section slow
}

@test "each limit can be set, alone and with others, and an event tells of it, native" {
	section set
}

@test "limits that cannot be are refused, all of a request, and it says why, native" {
	section set_refusals
}

@test "limits are set by who has CAP_NET_ADMIN alone, native" {
	section set_privilege
}

@test "CPUs' shares are for who has CAP_NET_ADMIN alone, totals for all, native" {
	section percpu_privilege
}

@test "holders of objects are in dumps, for who has CAP_NET_ADMIN alone, native" {
	section tasks
}

@test "a larger max serves who waits, native" {
	section set_waiters
}

@test "a request does not wait for destructors that hang, nor does a family that registers, native" {
	section set_stuck
}

@test "limits set at once do not undo each other, and pools may go meanwhile, native" {
	section set_races
}

@test "requests do not take the lock that kpool_create() and kpool_destroy() take, native" {
	section unlocked
}

@test "a dump that is not read to its end keeps no pool, and lets go when closed, native" {
	section unfinished
}

# Kernels differ in module/compat, and in how they send a dump.

# A dump fails if a pool is not there exactly once, or if ids do not ascend.
@test "10,000 pools are dumped, each once, while others come and go, 6.1" {
	local folder made out=$LOGS/netlink-many.out
	folder=$(built 6.1)
	made=$(programs)
	guest many -t "$(by_scale 120 600)" -- crowd "$folder" "$made" many
	[ "$(grep -c '^dump ' "$out")" = 6 ]
	# The test is valid: pools came and went, and some pools were described in two messages.
	[ "$(sed -n 's/ pools came and went//p' "$out")" -gt 100 ]
	[ "$(awk '/^dump .* others/ { others += $(NF - 3) } END { print others }' "$out")" -gt 100 ]
	[ "$(awk '/^dump percpu/ { continued += $(NF - 1) } END { print continued }' "$out")" -gt 0 ]
}

# A call that sleeps waits for somebody. Creation waits for no lock that dumps or ageing hold. A call
# takes, on average, less than a tenth of the shortest dump. A single call may take long, because a
# busy machine does not run the guest's CPU meanwhile.
@test "unprivileged dumps do not keep pools from coming and going, 6.1" {
	local folder made out=$LOGS/netlink-busy.out
	folder=$(built 6.1)
	made=$(programs)
	guest busy -t "$(by_scale 180 900)" -- crowd "$folder" "$made" busy
	awk '
		/^dump stats/		{ us = $4 * $8 / 1000; if (!dump || us < dump) dump = us }
		/^(create|destroy):/	{ print; sleeps[$1] = $2; calls = $4; mean[$1] = $(NF - 1) / $4 }
		END {
			print "the shortest dump took " dump " us"
			exit !("create:" in mean) || !("destroy:" in mean) ||
			     calls < 500 || sleeps["create:"] > calls / 1000 + 1 ||
			     !(mean["create:"] < dump / 10) || !(mean["destroy:"] < dump / 10)
		}
	' "$out"
}

# Exact instructions, as the benchmark counts them. A dump may cost at most 20,000 a pool. With ten
# times as many pools, neither creation nor a dump nor a table of rates nor destruction may cost more
# a pool.
@test "pools cost the same each, 1,000 or 10,000: create, dump, table of rates, destroy, 6.1" {
	local folder made
	folder=$(built 6.1)
	made=$(programs)
	logged tools make -C "$TOP" tools
	guest price --icount -t 120 -- crowd "$folder" "$made" price "$TOP/build/tools/kpool"
	awk '
		/^dump/			{ cost[$1 " " $2, $4] = $8 }
		/^rates/		{ cost[$1, $3] = $5 }
		/^(created|destroyed)/	{ cost[$1, $2] = $4 }
		END {
			n = split("created,dump pool,dump stats,rates,destroyed", what, ",")
			for (i = 1; i <= n; i++) {
				few = cost[what[i], 1000]; many = cost[what[i], 10000]
				print what[i] ": " few " of 1,000, " many " of 10,000, instructions a pool"
				# Measured: 1.26 to 1.31 for destroyed. The reason is not known.
				most = what[i] == "destroyed" ? 1.4 : 1.3
				bad = bad || !few || !many || many > most * few
				bad = bad || what[i] ~ /dump/ && many > 20000
			}
			exit bad
		}' "$LOGS/netlink-price.out" | tee "$LOGS/netlink-price.log"
	[ "${PIPESTATUS[0]}" = 0 ]
}

# Both users share a guest.
fuzz_guest() {
	local folder made
	folder=$(built native)
	made=$(programs)
	guest fuzz -k native -a panic_on_warn=1 -t "$(by_scale 240 1800)" -- \
		fuzz "$folder" "$made" "$(by_scale 2000 100000)" "$(by_scale 1 "$(date +%s)")"
}

@test "damaged messages are answered by the rules, root's and nobody's, native" {
	fuzz_guest
	[ "$(grep -cE '^seed [0-9]+, user (0|65534)$' "$LOGS/netlink-fuzz.out")" = 2 ]
	for outcome in reply dump ack ENOENT EINVAL ERANGE EOPNOTSUPP dropped; do
		[ "$(grep -cE "^$outcome: [1-9]" "$LOGS/netlink-fuzz.out")" = 2 ]
	done
	# Only nobody is denied anything.
	[ "$(grep -cE '^EPERM: [1-9]' "$LOGS/netlink-fuzz.out")" = 1 ]
}

@test "damaged messages leak nothing, native" {
	fuzz_guest
	grep -qx 'leaks: 0' "$LOGS/netlink-fuzz.out"
}
