// SPDX-License-Identifier: GPL-2.0-only
/*
 * A consumer that keeps pointers to objects that it has put, and writes to the objects. To memory
 * debuggers an idle object looks alive, so they see it only if puts tear some objects down.
 */
#include <linux/jiffies.h>
#include <linux/kfence.h>
#include <linux/kpool.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "wrong_put.h"

#define OBJS		200	/* more than the two magazines of a CPU hold */
#define SECONDS		4	/* without samples */
#define SECONDS_MOST	100

/* KFENCE takes one allocation in a while. Of so many gets of its objects, some puts are samples. */
#define FENCED		100

/* A byte that is in no link of kpool or of SLUB. Only this pool uses the slab cache. */
#define BYTE		16

static noinline void write_after_put(void **objs, unsigned int n)
{
	while (n--)
		WRITE_ONCE(((u8 *)objs[n])[BYTE], 0x5a);
}

static bool is_done(const struct kpool_stats *st, unsigned int fenced, unsigned long start)
{
	if (!st->sampled)
		return time_after(jiffies, start + SECONDS * HZ);
	return fenced >= FENCED || time_after(jiffies, start + SECONDS_MOST * HZ);
}

int use_after_put(void)
{
	static const struct kpool_params params = {
		.name = "abuse-stale", .size = 256, .flags = KPOOL_OWN_CACHE,
	};
	struct kpool *pool = kpool_create(&params);
	unsigned long start = jiffies;
	unsigned int i, fenced = 0;
	static void *objs[OBJS];
	struct kpool_stats st;
	int err = 0;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	do {
		for (i = 0; i < OBJS && !err; i++) {
			objs[i] = kpool_get(pool, GFP_KERNEL);
			err = PTR_ERR_OR_ZERO(objs[i]);
			fenced += is_kfence_address(objs[i]);
		}
		while (i--)
			kpool_put(pool, objs[i]);
		if (!err)
			write_after_put(objs, OBJS);
		cond_resched();
		kpool_stats(pool, &st);
	} while (!err && !is_done(&st, fenced, start));
	pr_info("stale: %llu puts, %llu sampled, %u gets of KFENCE's objects\n", st.puts,
		st.sampled, fenced);
	kpool_destroy(pool);
	return err;
}
