// SPDX-License-Identifier: GPL-2.0-only
/* Puts a set of sized buffers into netlink attributes; netlink.c sends the messages. */
#include <net/netlink.h>

#include "pool.h"
#include "sized/set.h"
#include "sized/stats.h"
#include "view/set_attrs.h"

/* The policy of requests has this number for the room of a name. */
static_assert(KPOOL_SIZED_NAME_LEN == 24);

/*
 * A set comes in parts: the totals, then one part for each class, then one for each bucket. A
 * message gets as many parts as it has room for.
 */
enum { PART_TOTALS, PART_FIRST_CLASS };

#define PUT(ATTR, value)	\
	nla_put_u64_64bit(skb, KPOOL_A_SET_ ## ATTR, value, KPOOL_A_SET_PAD)

static int put_figures(struct sk_buff *skb, struct kp_sized *s)
{
	struct kpool_sized_stats st;

	kpool_sized_stats(&s->set, &st);
	return PUT(MAX_IDLE_BYTES, READ_ONCE(s->max_idle_bytes)) ||
	       PUT(IDLE_BYTES, st.idle_bytes) ||
	       PUT(IN_USE_BYTES, st.in_use_bytes) ||
	       PUT(ASKED_BYTES, st.asked_bytes) ||
	       PUT(GIVEN_BYTES, st.given_bytes) ||
	       PUT(OVERSIZE_GETS, st.oversize_gets) ||
	       PUT(OVERSIZE_PUTS, st.oversize_puts) ||
	       PUT(OVERSIZE_BYTES, st.oversize_bytes) ||
	       PUT(OVERSIZE_FAILURES, st.oversize_failures) ||
	       PUT(MISUSED, st.misused) ||
	       PUT(MEMORY, st.memory) ||
	       PUT(OVERHEAD, st.overhead) ||
	       PUT(OVERSIZE_MEMORY, st.oversize_memory);
}

#undef PUT

static int put_totals(struct sk_buff *skb, struct kp_sized *s)
{
	enum kpool_state state = READ_ONCE(s->dying) ? KPOOL_STATE_DETACHED : KPOOL_STATE_LIVE;

	return (*s->owner_name && nla_put_string(skb, KPOOL_A_SET_OWNER, s->owner_name)) ||
	       nla_put_u32(skb, KPOOL_A_SET_STATE, state) ||
	       (kp_sized_checks(s) && nla_put_flag(skb, KPOOL_A_SET_CHECKED)) ||
	       nla_put_u32(skb, KPOOL_A_SET_SAMPLE_INTERVAL, KPOOL_SIZED_SAMPLE) ||
	       put_figures(skb, s);
}

#define PUT(ATTR, value)	\
	nla_put_u64_64bit(skb, KPOOL_A_CLASS_ ## ATTR, value, KPOOL_A_CLASS_PAD)

/* pool: the class's pool, or NULL. */
static int put_class_figures(struct sk_buff *skb, const struct kp_pool *pool,
			     const struct kpool_sized_class_stats *st)
{
	return (pool && (nla_put_u32(skb, KPOOL_A_CLASS_POOL_ID, pool->id) ||
			 nla_put_u32(skb, KPOOL_A_CLASS_BACKING, pool->backing))) ||
	       PUT(SIZE, st->size) ||
	       PUT(FOOTPRINT, pool ? pool->footprint : 0) ||
	       PUT(EXISTING, st->pool.existing) ||
	       PUT(IN_USE, st->pool.in_use) ||
	       PUT(IDLE, st->pool.idle) ||
	       PUT(VMALLOCED, st->vmalloced) ||
	       PUT(GETS, st->pool.gets) ||
	       PUT(MISSES, st->pool.get_misses) ||
	       PUT(ASKED_BYTES, st->asked_bytes) ||
	       PUT(GIVEN_BYTES, st->given_bytes) ||
	       PUT(MEMORY, st->pool.memory);
}

#undef PUT

/* The most bytes that put_class() puts. */
static size_t class_size(void)
{
	return nla_total_size(2 * nla_total_size(sizeof(u32)) +
			      11 * nla_total_size_64bit(sizeof(u64)));
}

static int put_class(struct sk_buff *skb, struct kp_sized *s, unsigned int class)
{
	struct nlattr *nest = nla_nest_start(skb, KPOOL_A_SET_CLASS);
	struct kpool_sized_class_stats st;
	struct kp_pool *pool;
	int err;

	if (!nest)
		return -EMSGSIZE;
	pool = kp_class_stats(s, class, &st);
	err = put_class_figures(skb, pool, &st);
	if (err) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* The most bytes that put_bucket() puts. */
static size_t bucket_size(void)
{
	return nla_total_size(2 * nla_total_size_64bit(sizeof(u64)));
}

static int put_bucket(struct sk_buff *skb, struct kp_sized *s, unsigned int bucket)
{
	struct nlattr *nest;
	size_t up_to;
	u64 samples;

	up_to = kpool_sized_bucket(&s->set, bucket, &samples);
	if (!samples)
		return 0;
	nest = nla_nest_start(skb, KPOOL_A_SET_BUCKET);
	if (!nest)
		return -EMSGSIZE;
	if ((up_to != SIZE_MAX &&
	     nla_put_u64_64bit(skb, KPOOL_A_BUCKET_UP_TO, up_to, KPOOL_A_BUCKET_PAD)) ||
	    nla_put_u64_64bit(skb, KPOOL_A_BUCKET_SAMPLES, samples, KPOOL_A_BUCKET_PAD)) {
		nla_nest_cancel(skb, nest);
		return -EMSGSIZE;
	}
	nla_nest_end(skb, nest);
	return 0;
}

/* The most bytes that all classes and buckets of a set take in a message. */
size_t kp_set_nests_size(void)
{
	return KPOOL_SIZED_CLASSES * class_size() + KPOOL_SIZED_BUCKETS * bucket_size();
}

/**
 * kp_put_set() - put everything about a set, except its id and its name
 * @skb: receives the attributes
 * @s: the set
 * @part: 0 at the first call. If not all parts have room, set to the part to go on with.
 *
 * Context: any; the caller is an RCU reader.
 * Return: 0, or -EMSGSIZE.
 */
int kp_put_set(struct sk_buff *skb, struct kp_sized *s, unsigned int *part)
{
	const unsigned int first_bucket = PART_FIRST_CLASS + s->nr_classes;
	int err;

	for (; *part < first_bucket + KPOOL_SIZED_BUCKETS; ++*part) {
		if (*part == PART_TOTALS)
			err = put_totals(skb, s);
		else if (*part < first_bucket)
			err = put_class(skb, s, *part - PART_FIRST_CLASS);
		else
			err = put_bucket(skb, s, *part - first_bucket);
		if (err)
			return -EMSGSIZE;
	}
	return 0;
}
