#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# All CPUs at once on pools, sets of buffers and rings. kpool_stress.ko checks all of it while it is
# loaded, and does not load if a check fails.
#   kpool_stress.sh [PARAMETER=VALUE of kpool_stress.ko]...

# shellcheck source-path=SCRIPTDIR source=common.sh
. "$(dirname "$0")/common.sh"

start kpool_stress
echo 1..4
try_all kpool_stress 'all CPUs on pools, sets of buffers and rings' "$@"
try 'the modules unload' unload_all
try 'the kernel has no complaint' quiet
exit "$failed"
