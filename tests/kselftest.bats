# SPDX-License-Identifier: GPL-2.0-only
#
# The folder for the kernel's selftests, with the lib.mk and the runner of 6.1's.

load helpers

setup() {
	local source
	source=$(kernel source-6.1)/tools/testing/selftests
	selftests=$TOP/build/selftests/$BATS_TEST_NUMBER
	rm -rf "$selftests"
	mkdir -p "$selftests"
	cp -r "$source/lib.mk" "$source/kselftest" "$selftests"
	cp -r "$TOP/tests/kselftest" "$selftests/kpool"
}

# selftests KERNEL [OPTION of vm]... -- ARGUMENT...: runs them in a guest, once for each argument of
# kpool_stress.ko. The output is in $output.
selftests() {
	local folder log=$LOGS/kselftest-$1.console options=(-k "$1")
	folder=$(built "$1")
	shift
	while [ "$1" != -- ]; do
		options+=("$1")
		shift
	done
	shift
	# shellcheck disable=SC2016 # for the guest
	run vm "${options[@]}" -t 600 -l "$log" env KPOOL_MODULES="$folder" bash -c 'for argument; do
		make -C "$0" run_tests KSELFTEST_KPOOL_STRESS_SH_ARGS="$argument"
	done' "$selftests/kpool" "$@"
	echo "$output"
	[ "$status" = 0 ]
	kernel-log "$log"
}

# says TEXT: a line of $output is this text.
says() { grep -xF -- "$1" <<<"$output"; }

@test "selftests of kpool: the stress, one that fails, and no KUnit, 6.1" {
	selftests 6.1 -- ops=1000 ops=many
	says '# 1..4'
	says '# ok 2 all CPUs on pools, sets of buffers and rings'
	says '# ok 4 the kernel has no complaint'
	says 'ok 1 selftests: kpool: kpool_stress.sh'
	says "# 1..0 # SKIP there is no $(built 6.1)/tests/kunit/kpool_kunit.ko"
	says 'ok 2 selftests: kpool: kpool_kunit.sh # SKIP'
	grep "^# # .*kpool_stress: \`many' invalid for parameter" <<<"$output"
	says '# Bail out! see above'
	says 'not ok 1 selftests: kpool: kpool_stress.sh # exit=1'
}

@test "selftests of kpool: KUnit suites, a line each, native" {
	selftests native -a 'kunit.filter_glob=kpool_b*' -- ops=100
	says '# ok 3 kpool_bulk'
	says '# ok 6 the kernel has no complaint'
	says '# 1..6'
	says 'ok 2 selftests: kpool: kpool_kunit.sh'
}

@test "selftests of kpool are skipped without root" {
	local test as=()
	[ "$(id -u)" != 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	for test in kpool_stress.sh kpool_kunit.sh; do
		run "${as[@]}" "$selftests/kpool/$test"
		[ "$status" = 4 ]
		[ "$output" = $'TAP version 13\n1..0 # SKIP only root can load modules' ]
	done
}

# In a guest, because on this machine nothing may load a module.
@test "selftests of kpool are skipped without modules, with another kernel's, beside kpool, native" {
	local test=$selftests/kpool/kpool_stress.sh native release
	native=$(cat "$(kernel native)/release")
	release=$(cat "$(kernel 6.1)/release")
	# shellcheck disable=SC2016 # for the guest
	run vm -k native bash -c '"$0"
		echo "status $?"
		for folder in "${@:2}"; do
			KPOOL_MODULES=$folder "$0"
			echo "status $?"
		done
		insmod "$1/kpool.ko"
		"$0"
		echo "status $?"' "$test" "$(built native)" /nowhere "$(built 6.1)" "$(built native)/tests"
	echo "$output"
	says "1..0 # SKIP modprobe finds no kpool for $native, and KPOOL_MODULES is not set"
	says '1..0 # SKIP there is no /nowhere/kpool.ko'
	says "1..0 # SKIP $(built 6.1)/kpool.ko is for kernel $release, this is $native"
	says "1..0 # SKIP there is no $(built native)/tests/kpool.ko"
	says '1..0 # SKIP kpool is loaded already: unload it, and the modules that use it'
	[ "$(grep -cxF 'status 4' <<<"$output")" = 5 ]
}
