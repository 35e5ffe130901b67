// SPDX-License-Identifier: GPL-2.0-only
/*
 * Consumers that keep pointers to objects that they have put.
 *
 * One writes to the objects. To memory debuggers an idle object looks alive, so they see it only if
 * puts tear some objects down. Another reads what nobody has written since the put, which KMSAN
 * sees.
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

/* Bytes of the objects that are read. */
#define UNWRITTEN	256

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

static noinline void read_after_put(struct kpool *pool, u8 *obj)
{
	memset(obj, 0x5a, UNWRITTEN);
	kpool_put(pool, obj);
	if (READ_ONCE(obj[BYTE]) == 0x5a)
		pr_info("unwritten: an idle object still has its contents\n");
}

static noinline void read_before_write(struct kpool *pool, u8 *obj)
{
	if (READ_ONCE(obj[BYTE]) == 0x5a)
		pr_info("unwritten: an object still has its old contents\n");
	kpool_put(pool, obj);
}

static int nothing(void *obj, void *ctx, gfp_t gfp, int node)
{
	memset(obj, 0, UNWRITTEN);
	return 0;
}

/* Reads one object after its put, and one after its get. */
int rely_on_contents(void)
{
	static const struct kpool_ops ops = { .ctor = nothing };
	static const struct kpool_params params[] = {
		{ .name = "abuse-built", .size = UNWRITTEN, .ops = &ops },
		{ .name = "abuse-wiped", .size = UNWRITTEN, .flags = KPOOL_ZERO_ON_PUT },
		{ .name = "abuse-plain", .size = UNWRITTEN },
		{ .name = "abuse-pages", .size = UNWRITTEN, .align = PAGE_SIZE },
		{ .name = "abuse-ages", .size = UNWRITTEN, .idle_ms = 60000 },
	};
	struct kpool *pool;
	unsigned int i;
	void *obj;

	for (i = 0; i < ARRAY_SIZE(params); i++) {
		pool = kpool_create(&params[i]);
		if (IS_ERR(pool))
			return PTR_ERR(pool);
		pr_info("unwritten: %s\n", params[i].name);
		obj = kpool_get(pool, GFP_KERNEL);
		if (!IS_ERR(obj))
			read_after_put(pool, obj);
		obj = kpool_get(pool, GFP_KERNEL);
		if (!IS_ERR(obj))
			read_before_write(pool, obj);
		kpool_destroy(pool);
	}
	return 0;
}
