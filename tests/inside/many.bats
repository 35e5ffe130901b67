# SPDX-License-Identifier: GPL-2.0-only
#
# The program with 10,000 pools: each command shows each pool, and its memory is bounded. Runs in a
# guest that has kpool.ko loaded and no pool; kpool is in PATH, BUILD has the modules.

bats_require_minimum_version 1.5.0
TOP=$(realpath "$BATS_TEST_DIRNAME/../..")
load ../tool
POOLS=10000

# The pools stay until the guest ends. When so many are gone, the user-mode kernel flushes its
# vmalloc space page by page, for minutes.
setup_file() {
	insmod "$BUILD/tests/crowd/kpool_crowd.ko" pools=$POOLS
}

# within BYTES COMMAND...: the command succeeds, and its memory is at most that many bytes a pool,
# and 8 MiB for the program itself. Its output is in $BATS_TEST_TMPDIR/out.
within() {
	local most=$1
	shift
	/usr/bin/python3 - "$most" $POOLS "$BATS_TEST_TMPDIR/out" "$@" <<-'END'
		import resource, subprocess, sys
		most, pools, name, *command = sys.argv[1:]
		with open(name, "w") as out:
		    status = subprocess.run(command, stdout=out).returncode
		used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss << 10
		print(command, f"exit status {status}, {used} bytes")
		sys.exit(status or used > int(most) * int(pools) + (8 << 20))
	END
}

@test "list: a line for each pool, within 4 KiB of memory a pool" {
	within 4096 kpool list --no-headings --output name
	[ "$(sort -u "$BATS_TEST_TMPDIR/out" | grep -c '^crowd-')" = $POOLS ]
	within 4096 kpool list --sort memory --total
	tail -n 1 "$BATS_TEST_TMPDIR/out" | grep -w total
	within 4096 kpool list --exhausted
}

@test "JSON: all figures of each pool, within 16 KiB of memory a pool" {
	within 16384 kpool list --json
	[ "$(jq 'map(select(.name | startswith("crowd-"))) | unique_by(.id) | length' \
		"$BATS_TEST_TMPDIR/out")" = $POOLS ]
}

@test "stats, top and export: within 8 KiB of memory a pool" {
	within 8192 kpool stats --delay 0.1 --count 2
	within 8192 kpool top --batch --delay 0.1 --count 2
	within 8192 kpool export
	[ "$(grep -c '^kpool_existing{pool="crowd-' "$BATS_TEST_TMPDIR/out")" = $POOLS ]
}

@test "monitor begins with each pool, within 1 KiB of memory a pool" {
	within 1024 kpool monitor --all --count $POOLS
	[ "$(grep -c ' present ' "$BATS_TEST_TMPDIR/out")" = $POOLS ]
}
