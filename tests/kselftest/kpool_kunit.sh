#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# The KUnit suites, one line each. They run while kpool_kunit.ko is loaded.
#   kpool_kunit.sh [PARAMETER=VALUE of kpool_kunit.ko]...

# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

# The results of the suites in the log. Those of their cases are indented.
suites() {
	log | sed -E 's/^\[[^]]*\] ?//' | sed -nE 's/^((not )?ok) [0-9]+ (- )?(kpool_.*)/\1 \4/p'
}

# ran VERDICT: a suite, with its failed cases.
# shellcheck disable=SC2317 # try calls it
ran() {
	[ "$1" = ok ] || log | grep -E 'EXPECTATION|ASSERTION|   not ok'
	[ "$1" = ok ]
}

start kpool_kunit
if [ -n "${KPOOL_MODULES:-}" ]; then
	modprobe -q kunit || [ -e /sys/module/kunit ] || skip 'the kernel has no KUnit'
fi
try_all kpool_kunit 'the suites end' "$@"
results=$(suites)
while read -r verdict name; do
	case $verdict in
	not) try "${name#ok }" ran 'not ok' ;;
	ok) try "$name" ran ok ;;
	esac
done <<END
$results
END
try 'suites ran' [ -n "$results" ]
try 'the modules unload' unload_all
try 'the kernel has no complaint' quiet
echo "1..$number"
exit "$failed"
