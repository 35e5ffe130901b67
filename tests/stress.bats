# SPDX-License-Identifier: GPL-2.0-only
#
# All CPUs at once on pools, sets and rings, on kernels as Debian ships them, and with detectors.

load helpers

@test "stress of all CPUs, on 6.1" {
	stress 6.1 4
}

@test "stress of all CPUs, on 6.1 for 32 bits" {
	stress i386 4
}

@test "stress of all CPUs, on 6.12" {
	stress 6.12 4 rcu_nocbs=all
}

@test "stress of all CPUs, on 6.12 with PREEMPT_RT" {
	stress 6.12-rt 4
}

# A pool leaves no room for CPUs that never come.
@test "stress of all CPUs, on 7.3, with room for 128" {
	stress 7.3 4 possible_cpus=128
}

@test "stress of all CPUs, native" {
	stress native 2
}

@test "stress of all CPUs, KCSAN" {
	stress kcsan 2 kcsan.skip_watch=400
}

# consumers OWNER KERNEL: builds the stress and a sample for KERNEL against the kpool.ko of OWNER, as
# a consumer does against an installed kpool. Prints the folder with all of them.
consumers() {
	local owner kdir arguments folder=$LOGS/consumers-$2
	owner=$(built "$1")
	kdir=$(kernel "$2")
	read -ra arguments <"$kdir/make"
	mkdir -p "$folder/tests/stress" "$folder/samples/hello"
	ln -s "$owner/kpool.ko" "$TOP/module" "$folder"
	ln -s "$TOP"/tests/stress/* "$folder/tests/stress"
	ln -s "$TOP"/samples/hello/* "$folder/samples/hello"
	echo 'obj-m := tests/stress/ samples/hello/' >"$folder/Kbuild"
	logged "consumers-$2" make -C "$(realpath "$kdir/build")" M="$folder" \
		KPOOL="$owner/stage/usr/local" KBUILD_EXTRA_SYMBOLS="$owner/Module.symvers" \
		"${arguments[@]}" modules
	echo "$folder"
}

@test "kpool.ko from gcc with consumers from clang, and the other way round, on 6.12" {
	local clang gcc log=$LOGS/stress-mixed.console
	clang=$(consumers 6.12 6.12-clang)
	gcc=$(consumers 6.12-clang 6.12)
	vm -k 6.12 -c 4 -l "$log" -t "$(by_scale 180 7200)" bash -ec "
		for folder in $clang $gcc; do
			insmod \$folder/kpool.ko
			insmod \$folder/samples/hello/hello.ko
			rmmod hello kpool
			$TOP/tests/vm/guest/stress \$folder ops=$(by_scale 2000 100000)
		done"
	kernel-log "$log"
}
