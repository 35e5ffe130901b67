// SPDX-License-Identifier: GPL-2.0-only
/*
 * A consumer that keeps pointers to objects that it has put, and writes to the objects. To memory
 * debuggers an idle object looks alive, so they see it only if puts tear some objects down.
 */
#include <linux/jiffies.h>
#include <linux/kpool.h>
#include <linux/module.h>
#include <linux/sched.h>

#include "wrong_put.h"

#define OBJS		200	/* more than the two magazines of a CPU hold */
#define SECONDS		4

/* A byte that is in no link of kpool or of SLUB. Only this pool uses the slab cache. */
#define BYTE		16

static noinline void write_after_put(void **objs, unsigned int n)
{
	while (n--)
		WRITE_ONCE(((u8 *)objs[n])[BYTE], 0x5a);
}

int use_after_put(void)
{
	static const struct kpool_params params = {
		.name = "abuse-stale", .size = 256, .flags = KPOOL_OWN_CACHE,
	};
	unsigned long end = jiffies + SECONDS * HZ;
	struct kpool *pool = kpool_create(&params);
	struct kpool_stats st;
	static void *objs[OBJS];
	unsigned int i;
	int err = 0;

	if (IS_ERR(pool))
		return PTR_ERR(pool);
	while (time_before(jiffies, end) && !err) {
		for (i = 0; i < OBJS && !err; i++) {
			objs[i] = kpool_get(pool, GFP_KERNEL);
			err = PTR_ERR_OR_ZERO(objs[i]);
		}
		while (i--)
			kpool_put(pool, objs[i]);
		if (!err)
			write_after_put(objs, OBJS);
		cond_resched();
	}
	kpool_stats(pool, &st);
	pr_info("stale: %llu puts, %llu sampled\n", st.puts, st.sampled);
	kpool_destroy(pool);
	return err;
}
