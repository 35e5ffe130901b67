/* SPDX-License-Identifier: GPL-2.0-only */
/* When ageing looks at a pool. policy/age.h has the look itself. */
#ifndef _KPOOL_OBJECT_DUE_H
#define _KPOOL_OBJECT_DUE_H

#include <linux/compiler.h>
#include <linux/jiffies.h>
#include <linux/workqueue.h>

struct kp_look;
struct kp_pool;

/*
 * Objects expire one by one. While objects expire, ageing looks for them this many times per idle
 * time or lifetime. Objects that were built together expire over a part of their lifetime, and
 * that part is many looks long. So one look does not find all of them.
 */
#define IDLE_LOOKS	8
#define LIFE_LOOKS	32
#define LIFE_SPREAD	4

/* No look at births is later than this part of a lifetime, as objects in use may be older. */
#define LIFE_LATEST	8

/* With samples ageing looks at a pool that has objects once in so many ticks. */
#define SAMPLE_PERIOD	(HZ / 10 + 1)

/* Module parameters, see policy/age.c. */
extern unsigned int kp_age_interval_ms;
extern unsigned int kp_sample_every;

/* Are some objects torn down for memory debuggers? See path/sample.c. */
static inline bool kp_samples(void)
{
	return READ_ONCE(kp_sample_every);
}

unsigned long kp_age_interval(void);
void kp_due_init(work_func_t pass);
void kp_due_might_lock(void);
void kp_due_begin(void);
void kp_due_at_once(void);
bool kp_due_now(struct kp_pool *pool, unsigned long now);
unsigned long kp_due_next(struct kp_pool *pool, unsigned long now, unsigned long trimmed_at,
			  unsigned long births_at, const struct kp_look *look);
void kp_due_look(struct kp_pool *pool, unsigned long now, struct kp_look *look);
unsigned long kp_due_births(struct kp_pool *pool, unsigned long now, const struct kp_look *look);
void kp_age_expect(struct kp_pool *pool, unsigned long due);
void kp_age_publish(struct kp_pool *pool);
void kp_age_built(struct kp_pool *pool);
void kp_age_soon(struct kp_pool *pool);
void kp_age_start(void);
void kp_age_stop(void);

#endif /* _KPOOL_OBJECT_DUE_H */
