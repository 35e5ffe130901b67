# SPDX-License-Identifier: GPL-2.0-only
#
# Consumers about which the kernel complains. Exactly this complaint must come.

load helpers

# abuse WHAT [KERNEL]: loads the module, which does WHAT, and unloads everything.
abuse() {
	local folder what=$1 kernel=${2:-6.1}
	folder=$(built "$kernel")
	vm -k "$kernel" -l "$LOGS/abuse-$what.console" -o "$folder/kpool.ko" \
		-o "$folder/tests/abuse/kpool_abuse.ko what=$what" rmmod kpool_abuse kpool
}

# These do not disturb each other, so one guest does all of them, one after the other.
together=(inside pages sized timeout wrong-puts)

# abuse_together WHAT: WHAT is one of them. The first call boots the guest.
abuse_together() {
	local folder log=$LOGS/abuse-together.console
	folder=$(built 6.1)
	if [ ! -e "$log" ]; then
		# shellcheck disable=SC2016 # for the guest
		vm -l "$log" sh -ec 'folder=$0
			for what; do
				echo "kpool_abuse: begin $what" >/dev/kmsg
				insmod "$folder/kpool.ko"
				insmod "$folder/tests/abuse/kpool_abuse.ko" "what=$what"
				rmmod kpool_abuse kpool
				echo "kpool_abuse: end $what" >/dev/kmsg
			done' "$folder" "${together[@]}" || :
	fi
	sed -n "/kpool_abuse: begin $1\r*$/,/kpool_abuse: end $1\r*$/p" "$log" >"$LOGS/abuse-$1.console"
	grep -a "kpool_abuse: end $1" "$LOGS/abuse-$1.console" || { tail -n 30 "$log" && return 1; }
}

@test "usercopy of the whitelisted bytes of a small object works" {
	abuse_together inside
	kernel-log "$LOGS/abuse-inside.console"
}

@test "usercopy of other bytes of a small object is stopped by the kernel" {
	run abuse outside
	[ "$status" -ne 0 ]
	grep -a "usercopy: Kernel memory exposure attempt detected from SLUB object 'kpool-256" \
		"$LOGS/abuse-outside.console"
	! grep -a 'kpool_abuse: outside: copied' "$LOGS/abuse-outside.console"
}

@test "usercopy of a whole object of several pages works" {
	abuse_together pages
	kernel-log "$LOGS/abuse-pages.console"
}

@test "usercopy of all of a sized buffer works, of each class and larger" {
	abuse_together sized
	[ "$(grep -ac 'kpool_abuse: sized: copied' "$LOGS/abuse-sized.console")" = 18 ]
	kernel-log "$LOGS/abuse-sized.console"
}

@test "destroy_sync says how many objects did not come back, and a late put calls nothing" {
	local log=$LOGS/abuse-timeout.console
	abuse_together timeout
	[ "$(grep -ac 'WARNING: CPU' "$log")" = 1 ]
	grep -a 'kpool: abuse-timeout (id 1): 1 objects were not put within 50 ms' "$log"
	grep -a 'kpool_abuse: timeout: gone 1 times' "$log"
	grep -a 'kpool_abuse: timeout: destroy_sync -110, callbacks after it 0' "$log"
}

# No code of kpool takes these two locks together. So lockdep knows their order only because
# kpool_create() tells it.
@test "lockdep reports locks that are taken in another order than pool.h has, native" {
	local log=$LOGS/abuse-order.console
	abuse order native
	[ "$(grep -ac 'WARNING: possible circular locking dependency detected' "$log")" = 1 ]
	grep -aA 6 'is trying to acquire lock' "$log" | grep -a 'gate_lock'
	grep -aA 8 'but task is already holding lock' "$log" | grep -a 'registry_lock'
}

# No get waits here, and nothing deadlocks. Lockdep sees the two orders one after the other.
@test "lockdep reports a get that waits with a lock held which a put needs, native" {
	local log=$LOGS/abuse-wait.console
	abuse wait native
	[ "$(grep -ac 'WARNING: possible circular locking dependency detected' "$log")" = 1 ]
	grep -aA 6 'is trying to acquire lock' "$log" | grep -a '(&h->lock)'
	grep -aA 8 'but task is already holding lock' "$log" | grep -a '(kpool abuse-wait)'
	grep -a 'put_with_lock' "$log"
}

@test "lockdep reports nothing if each task puts with the lock that it had at its get, native" {
	abuse order-of-waits native
	kernel-log "$LOGS/abuse-order-of-waits.console"
}

# Nothing is torn down twice, and each pool ends with its last object: kpool can be unloaded.
@test "pools survive objects that are put twice, into other pools, or never were objects" {
	local log=$LOGS/abuse-wrong-puts.console
	abuse_together wrong-puts
	[ "$(grep -ac 'of kpool_abuse: object .*, put by .*\[kpool_abuse\], is refused' "$log")" = 24 ]
	[ "$(grep -ac 'puts, but only 0 gets' "$log")" = 12 ]
	[ "$(grep -ac 'kpool_abuse: abuse-.*: [12] out, then 1 exist, 1 in use' "$log")" = 12 ]
	[ "$(grep -ac 'kpool_abuse: elsewhere: 0 and 0 out' "$log")" = 6 ]
	[ "$(grep -ac 'kpool_abuse: stack: 0 out' "$log")" = 6 ]
	kernel-log "$log"
}

@test "a pool in doubt stays, and its consumer can go" {
	local log=$LOGS/abuse-doubt.console folder
	folder=$(built 6.1)
	vm -l "$log" -o "$folder/kpool.ko" -o "$folder/tests/abuse/kpool_abuse.ko what=doubt" \
		sh -c 'rmmod kpool_abuse && ! rmmod kpool && cat /sys/kernel/debug/kpool/pools'
	[ "$(grep -ac 'kpool: pool abuse-other (id 2) of kpool_abuse is in doubt' "$log")" = 1 ]
	grep -a 'after 1 gets and 1 puts: .* seen by leave_in_doubt' "$log"
	grep -a 'kpool_abuse: in doubt: -5' "$log"
	grep -a 'pool abuse-other .* put by leave_in_doubt.* all objects of the pool were put before' \
		"$log"
	grep -a 'kpool_abuse: in doubt: 1 out' "$log"
	kernel-log "$log"
}

# mistakes KERNEL TABLE PARAMETER...: makes the mistakes of a table in debug.rst, with these
# parameters of kpool.ko. The log has to say of each mistake what this table says.
mistakes() {
	local folder log=$LOGS/abuse-mistakes-$2.console
	folder=$(built "$1")
	vm -k "$1" -l "$log" -a kasan_multi_shot -o "$folder/kpool.ko age_interval_ms=100 ${*:3}" \
		-o "$folder/tests/abuse/kpool_abuse.ko what=mistakes" rmmod kpool_abuse
	says_what_the_table_says "$TOP/Documentation/debug.rst" "$2" <"$log"
}

# says_what_the_table_says PAGE TABLE [MISTAKE...]: compares the log on stdin with a table of a page. This
# kernel cannot say anything of these mistakes.
says_what_the_table_says() {
	/usr/bin/python3 -B -W ignore - "$@" 3<&0 <<-'END'
		import re, sys
		from docutils import nodes
		from docutils.core import publish_doctree

		page, number, left_out = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
		log = re.split(r"kpool_abuse: mistake: (.*?)\r?\n", open(3, errors="replace").read())
		said = dict(zip(log[1::2], log[2::2]))
		doc = publish_doctree(open(page).read(), settings_overrides={"report_level": 5})
		table = list(doc.findall(nodes.table))[number]
		rows = [[cell.astext() for cell in row.findall(nodes.entry)]
		        for row in table.findall(nodes.row)][1:]
		rows = [row for row in rows if row[0] not in left_out]
		for mistake in left_out:
		    said.pop(mistake)
		assert sorted(said) == sorted(mistake for mistake, says in rows), sorted(said)
		wrong = 0
		for mistake, says in rows:
		    found = said[mistake].partition("kpool_abuse: afterwards")[0]
		    # F, G and H stand for functions of the consumer, names and numbers for any.
		    pattern = re.sub(r"[0-9]+", "[0-9]+", re.escape(" ".join(says.split())))
		    pattern = re.sub(r"\b[FGH]\b", r"\\S+ \\[kpool_abuse\\]", pattern)
		    pattern = re.sub(r"\b(other|pool|name|pid)\b", ".+?", pattern)
		    if says == "nothing":
		        good = not re.search("kpool:|KASAN", found)
		    else:
		        good = all(re.search(part, found) for part in pattern.split(";\\ and\\ then\\ "))
		    if not good:
		        print(f"{mistake}: not {pattern}\n{found}")
		        wrong += 1
		sys.exit(wrong)
	END
}

@test "a debugged pool says of each mistake what the documentation says, on a stock kernel" {
	mistakes 6.1 0 debug=1 debug_held_ms=200
	[ "$(grep -ac 'kpool_abuse: afterwards: 0 and 0 out' "$LOGS/abuse-mistakes-0.console")" = 7 ]
	kernel-log "$LOGS/abuse-mistakes-0.console"
}

@test "a bypassed pool and KASAN say of each mistake what the documentation says, native" {
	mistakes native 1 bypass=1
}

# calls KERNEL [MISTAKE...]: makes the wrong calls of the last table in api.rst. This kernel does not
# notice these.
calls() {
	local folder log=$LOGS/abuse-calls-$1.console
	folder=$(built "$1")
	vm -k "$1" -l "$log" -a panic_on_warn=1 -o "$folder/kpool.ko" \
		-o "$folder/tests/abuse/kpool_abuse.ko what=calls" rmmod kpool_abuse kpool
	grep -a 'kpool_abuse: wrong calls: 0 out' "$log"
	says_what_the_table_says "$TOP/Documentation/api.rst" -1 "${@:2}" <"$log"
	kernel-log "$log"
}

@test "the log says of each wrong call what the documentation says, on a stock kernel" {
	calls 6.1 'a get from NULL or an ERR_PTR, a put into it'
}

@test "the log says of each wrong call what the documentation says, native" {
	calls native
}

# The lock is no mutex: the get hits, so only its flags tell that it might sleep.
@test "a kernel that looks for sleeps in atomic context reports a get that could sleep but hits, native" {
	local log=$LOGS/abuse-sleeps.console
	abuse sleeps native
	[ "$(grep -ac 'BUG: sleeping function called from invalid context' "$log")" = 1 ]
	grep -aA 30 'BUG: sleeping function' "$log" | grep -a 'get_under_a_spinlock'
}

# A stock kernel has no fault injection: kpool counts by itself.
@test "a get in ten fails, and no other, on a stock kernel" {
	local folder log=$LOGS/abuse-faults.console go=/sys/module/kpool_abuse/parameters/go
	folder=$(built 6.1)
	logged tools make -C "$TOP" tools
	# shellcheck disable=SC2016 # for the guest
	vm -l "$log" -o "$folder/kpool.ko" -o "$folder/tests/abuse/kpool_abuse.ko what=steps" \
		sh -ec '"$1" debug abuse-steps fail-get 1/10
			echo get >"$2"
			"$1" debug abuse-steps fail-get off
			echo get >"$2"
			rmmod kpool_abuse kpool' - "$TOP/build/tools/kpool" $go
	grep -a 'kpool_abuse: steps: 100 gets failed of 1000, each tenth' "$log"
	grep -a 'kpool_abuse: steps: 0 gets failed of 1000' "$log"
	kernel-log "$log"
}

# kpool keeps the module until gone has run, and not longer.
@test "a consumer can be unloaded right after gone was called, and not before" {
	local folder log=$LOGS/abuse-gone.console go=/sys/module/kpool_abuse/parameters/go
	folder=$(built 6.1)
	# shellcheck disable=SC2016 # for the guest
	vm -l "$log" -o "$folder/kpool.ko" -o "$folder/tests/abuse/kpool_abuse.ko what=steps" \
		sh -ec 'echo destroy >"$1"
			! rmmod kpool_abuse
			echo put >"$1"
			until rmmod kpool_abuse; do :; done
			until rmmod kpool; do :; done' - $go
	grep -a 'kpool_abuse: steps: 1 out' "$log"
	[ "$(grep -ac 'kpool_abuse: gone is called' "$log")" = 1 ]
	kernel-log "$log"
}

# stale EVERY: on Debian's newest kernel, which has KFENCE; about one put in EVERY is a sample. KFENCE
# has only 255 objects. They must not all be taken while the guest boots.
stale() {
	local folder
	folder=$(built 7.3)
	vm -k 7.3 -t 240 -l "$LOGS/abuse-stale-$1.console" -a kfence.sample_interval=1000 sh -e -c "
		echo 1 >/sys/module/kfence/parameters/sample_interval
		insmod $folder/kpool.ko sample_bypass=$1
		insmod $folder/tests/abuse/kpool_abuse.ko what=stale
		rmmod kpool_abuse kpool"
	grep -a 'kpool_abuse: stale: .* puts, .* sampled' "$LOGS/abuse-stale-$1.console"
}

@test "KFENCE sees a use after put on a stock kernel, if some puts are samples" {
	local log=$LOGS/abuse-stale-4.console
	stale 4
	grep -a 'BUG: KFENCE: use-after-free write in write_after_put' "$log"
	! grep -a 'BUG: KFENCE' "$log" | grep -av write_after_put
}

@test "KFENCE does not see it without samples" {
	stale 0
	! grep -a 'BUG: KFENCE' "$LOGS/abuse-stale-0.console"
}
