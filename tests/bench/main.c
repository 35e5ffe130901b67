// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a pool costs, next to other allocators.
 *
 * Loading the module makes the device /dev/kpool_bench, and reading this device runs the cases, see
 * suite.c. Some measurements are of another kind. A parameter has one of them run when the module
 * is loaded, in place of the device. They print a line each to the log, "kpool_bench: WHAT FIGURE".
 * tests/bench/run makes the tables.
 */
#include <linux/kpool.h>
#include <linux/module.h>

#include "burst.h"
#include "cross.h"
#include "hold.h"
#include "suite.h"

static bool cross;
module_param(cross, bool, 0444);
MODULE_PARM_DESC(cross, "Lock holds of depots instead, of gets on one CPU and puts on another");

static bool burst;
module_param(burst, bool, 0444);
MODULE_PARM_DESC(burst, "Objects that are kept after a burst, by the second, instead");

static char *hold;
module_param(hold, charp, 0444);
MODULE_PARM_DESC(hold, "The longest time with interrupts off instead: a case, or all");

static bool device;

static int __init bench_init(void)
{
	int err;

	if (cross)
		return bench_cross();
	if (burst)
		return bench_burst();
	if (hold)
		return bench_hold(hold);
	err = bench_suite_start();
	device = !err;
	return err;
}
module_init(bench_init);

static void __exit bench_exit(void)
{
	if (device)
		bench_suite_end();
	bench_hold_end();
}
module_exit(bench_exit);

MODULE_DESCRIPTION("What a get and a put cost");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
