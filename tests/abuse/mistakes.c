// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mistakes that Documentation/debug.rst has a table of, one pool for each. A line of the log
 * announces each mistake by its name in the table.
 */
#include <linux/delay.h>
#include <linux/kpool.h>
#include <linux/module.h>

#include "wrong_put.h"

#define SIZE	96	/* of no power of two: there is room behind the end */

static noinline void *get_one(struct kpool *pool)
{
	void *obj = kpool_get(pool, GFP_KERNEL);

	return IS_ERR(obj) ? NULL : obj;
}

/* No tail call: the log shall name this function. */
static noinline void put_one(struct kpool *pool, void *obj)
{
	kpool_put(pool, obj);
	barrier();
}

static noinline void put_again(struct kpool *pool, struct kpool *other, u8 *obj)
{
	put_one(pool, obj);
	kpool_put(pool, obj);
	barrier();
}

static noinline void put_into_another(struct kpool *pool, struct kpool *other, u8 *obj)
{
	kpool_put(other, obj);
	put_one(pool, obj);
}

static noinline void put_inside(struct kpool *pool, struct kpool *other, u8 *obj)
{
	kpool_put(pool, obj + 24);
	put_one(pool, obj);
}

static noinline void put_other_address(struct kpool *pool, struct kpool *other, u8 *obj)
{
	static u8 elsewhere[SIZE] __aligned(64);

	kpool_put(pool, elsewhere);
	put_one(pool, obj);
}

static noinline void write_after_put(struct kpool *pool, struct kpool *other, u8 *obj)
{
	put_one(pool, obj);
	WRITE_ONCE(obj[40], 0x5a);
	obj = get_one(pool);
	if (obj)
		put_one(pool, obj);
}

static noinline void write_behind_the_end(struct kpool *pool, struct kpool *other, u8 *obj)
{
	OPTIMIZER_HIDE_VAR(obj);
	WRITE_ONCE(obj[SIZE], 0x5a);
	put_one(pool, obj);
}

static noinline void hold_for_too_long(struct kpool *pool, struct kpool *other, u8 *obj)
{
	msleep(500);	/* ageing looks meanwhile: the test has set its interval */
	put_one(pool, obj);
}

static const struct {
	const char *name;
	void (*make)(struct kpool *pool, struct kpool *other, u8 *obj);
} mistakes[] = {
	{ "an object is put twice", put_again },
	{ "an object of another pool is put", put_into_another },
	{ "an address inside an object is put", put_inside },
	{ "any other address is put", put_other_address },
	{ "a write after the put", write_after_put },
	{ "a write behind the end", write_behind_the_end },
	{ "an object is held for too long", hold_for_too_long },
};

int make_mistakes(void)
{
	static const struct kpool_params p = { .name = "abuse-mistakes", .size = SIZE },
		q = { .name = "abuse-other", .size = SIZE };
	struct kpool *pool, *other;
	unsigned int i;
	void *obj;

	for (i = 0; i < ARRAY_SIZE(mistakes); i++) {
		pool = kpool_create(&p);
		if (IS_ERR(pool))
			return PTR_ERR(pool);
		other = kpool_create(&q);
		obj = get_one(pool);
		if (obj)	/* has a last put afterwards */
			put_one(pool, obj);
		obj = get_one(pool);
		if (IS_ERR(other) || !obj)
			return -ENOMEM;
		pr_info("mistake: %s\n", mistakes[i].name);
		mistakes[i].make(pool, other, obj);
		pr_info("afterwards: %lu and %lu out\n", kpool_destroy(pool), kpool_destroy(other));
	}
	return 0;
}
