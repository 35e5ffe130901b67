# SPDX-License-Identifier: GPL-2.0-only
#
# What a person does first, and tests that need a whole machine.

load helpers

@test "make demo" {
	logged demo "$TOP/tests/demo" "$LOGS"
}

@test "rmmod is refused while a consumer is loaded, on 6.1" {
	local folder
	folder=$(built 6.1)
	vm -l "$LOGS/rmmod.console" -o "$folder/kpool.ko" -o "$folder/samples/hello/hello.ko" \
		bash -c 'if rmmod kpool; then exit 1; fi; rmmod hello && rmmod kpool'
	kernel-log "$LOGS/rmmod.console"
}

@test "objects grow old while the machine sleeps, on 6.1" {
	local folder
	folder=$(built 6.1)
	logged suspend vm -t 90 -a no_console_suspend -l "$LOGS/suspend.console" \
		"$TOP/tests/vm/guest/suspend" "$folder"
	kernel-log "$LOGS/suspend.console"
}

@test "idle memory comes back, from loaded magazines too, before a process is killed, on 6.1" {
	local folder
	folder=$(built 6.1)
	logged pressure vm -c 4 -m 512 -t 180 -l "$LOGS/pressure.console" \
		"$TOP/tests/vm/guest/pressure" "$folder"
	kernel-log "$LOGS/pressure.console"
}

@test "idle memory is available, and the log names the largest pools when a process is killed, on 6.1" {
	local folder
	folder=$(built 6.1)
	logged oom vm -c 2 -m 512 -t 180 -l "$LOGS/oom.console" "$TOP/tests/vm/guest/oom" "$folder"
	kernel-log "$LOGS/oom.console"
}

@test "the memory cgroup of a pool's creator pays for objects, or that of the getter, on 6.1" {
	local folder
	folder=$(built 6.1)
	logged memcg vm -c 2 -t 180 -l "$LOGS/memcg.console" "$TOP/tests/vm/guest/memcg" "$folder"
	kernel-log "$LOGS/memcg.console"
}

@test "the kernel's allocation profile counts objects for the line that creates the pool, KCSAN" {
	local folder
	folder=$(built kcsan)
	logged allocinfo vm -k kcsan -c 2 -t 180 -a sysctl.vm.mem_profiling=1 \
		-l "$LOGS/allocinfo.console" "$TOP/tests/vm/guest/allocinfo" "$folder"
	race-log "$LOGS/allocinfo.console"
}
