// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prints the metrics of a pool, of a set of buffers, and of the set's class. Each field has a
 * value, and names have characters that labels cannot have as they are. With --prometheus prints
 * the text format of Prometheus.
 */
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool.h"

#define CLASS_POOL	2

void *checked(void *allocated)
{
	if (!allocated)
		errx(1, "out of memory");
	return allocated;
}

/* All numbers are 1, except limits and bytes, so that a wrong unit shows. */
static void fill(const struct kp_field *field, void *item)
{
	for (; field->name; field++) {
		if (field->kind == KP_TEXT)
			snprintf((char *)item + field->offset, field->size, "a\"b\\c\nd");
		else
			*(__u64 *)((char *)item + field->offset) =
				kp_is_limit(field) || field->kind == KP_BYTES ? 4096 : 1;
	}
}

int main(int argc, char **argv)
{
	/* Two waits below 8 us, three below 16 ms. And one longer than all bounds. */
	struct kp_wait_class waits[] = { { 8192, 2 }, { 16777216, 3 }, { ~0ULL, 1 } };
	struct kp_class class = { 0 };
	struct kp_set set = { .classes = &class, .n_classes = 1 };
	struct kp_pool pools[2] = { 0 };
	struct kp_stats stats[2] = { 0 };
	struct kp_all all = { pools, stats, &set, 2, 2, 1 };

	for (size_t i = 0; i < 2; i++) {
		fill(kp_pool_fields, &pools[i]);
		fill(kp_stats_fields, &stats[i]);
		memset(stats[i].sent, 1, sizeof(stats[i].sent));
	}
	pools[0].set_id = 0;
	stats[0].wait_classes = waits;
	stats[0].n_wait_classes = ARRAY_SIZE(waits);
	stats[0].wait_ns = 1020000000;
	pools[1].id = CLASS_POOL;
	stats[1].id = CLASS_POOL;
	fill(kp_class_fields, &class);
	class.pool_id = CLASS_POOL;
	fill(kp_set_fields, &set);
	set.max_idle_bytes = 1;
	metrics_print(stdout, &all, argc > 1 && !strcmp(argv[1], "--prometheus") ?
		      FORM_PROMETHEUS : FORM_OPENMETRICS);
	return 0;
}
