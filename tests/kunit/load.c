// SPDX-License-Identifier: GPL-2.0-only
/* Pools of each kind, and threads that get and put while a test changes the pool. */
#include "fixture.h"
#include "load.h"

#define SIZE	64

static void load_step(struct member *m)
{
	struct load *load = m->ctx;
	void *objs[4];
	unsigned int i, n = 1 + prandom_u32_state(&m->rnd) % 4;

	if (m->steps % 3 == 0) {
		if (kpool_get_bulk(load->pool, GFP_KERNEL, objs, n))
			return;
		kpool_put_bulk(load->pool, objs, n);
		return;
	}
	for (i = 0; i < n; i++) {
		objs[i] = m->steps % 3 == 1 ? kpool_get(load->pool, GFP_KERNEL) :
			  kpool_get_timeout(load->pool, GFP_KERNEL, HZ);
		if (IS_ERR(objs[i]))
			break;
	}
	while (i--)
		kpool_put(load->pool, objs[i]);
}

const struct duty load_duty = { .step = load_step };

const struct kpool_params loaded_pools[LOADED_POOLS] = {
	{ .name = "plain", .size = SIZE },
	{ .name = "built", .size = SIZE, .ops = &consumer_ops },
	{ .name = "bounded", .size = SIZE, .max = 64 },
	{ .name = "tight", .size = SIZE, .max = 5 },
	{ .name = "expiring", .size = SIZE, .idle_ms = 20, .lifetime_ms = 50 },
	{ .name = "wiped", .size = SIZE, .flags = KPOOL_ZERO_ON_PUT },
	{ .name = "pages", .size = 5000 },
	{ .name = "overflow", .size = SIZE, .max = 8, .flags = KPOOL_OVERFLOW },
	{ .name = "sleeping", .size = SIZE, .flags = KPOOL_SLEEPING, .ops = &consumer_ops },
	{ .name = "reserve", .size = SIZE, .reserve = 8 },
};
