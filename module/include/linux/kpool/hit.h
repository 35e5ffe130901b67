/* SPDX-License-Identifier: GPL-2.0-only */
/* kpool: the hit path, private to <linux/kpool.h>, which includes this. */
#ifndef _LINUX_KPOOL_HIT_H
#define _LINUX_KPOOL_HIT_H

#include <linux/cache.h>
#include <linux/compiler.h>
#include <linux/err.h>
#include <linux/gfp.h>
#include <linux/percpu.h>
#include <linux/sched/mm.h>
#include <linux/types.h>

/*
 * If the compiler can do it, hits address their CPU's cache through %gs. So a hit does not have to
 * add this CPU's offset to the per-CPU pointer. raw_cpu_read() uses such addresses, too, but names
 * the instruction. Here the compiler chooses the instruction.
 *
 * Sanitizers, sparse and genksyms do not know such addresses. clang sets __GNUC__ to 4, so the
 * test below excludes clang. Do not use READ_ONCE() on these fields: it may drop %gs.
 */
#if defined(CONFIG_X86_64) && defined(CONFIG_SMP) && !defined(CONFIG_UML)
#define KPOOL_GS_ADDRESSES
#endif
#if defined(KPOOL_GS_ADDRESSES) && defined(__SEG_GS) && __GNUC__ >= 12 &&		\
	!defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) &&		\
	!defined(__CHECKER__) && !defined(__GENKSYMS__)
#define KPOOL_HITS_USE_GS	true
#define __kpool_cpu		struct kpool_cpu __seg_gs
#define __kpool_cpu_here(cpu)	((__kpool_cpu *)(unsigned long)(cpu))
#define __kpool_get_slow	kpool_get_slow_gs
#define __kpool_put_slow	kpool_put_slow_gs
#define __kpool_get_waiting_slow kpool_get_waiting_gs
#else
#define KPOOL_HITS_USE_GS	false
#define __kpool_cpu		struct kpool_cpu
#define __kpool_cpu_here(cpu)	this_cpu_ptr(cpu)
#define __kpool_get_slow	kpool_get_slow
#define __kpool_put_slow	kpool_put_slow
#define __kpool_get_waiting_slow kpool_get_waiting
#endif

/* Bits of kpool_cpu.state. A get or put can hit inline only if state is 0. */
#define KPOOL_CPU_BUSY		1	/* code of this CPU works in the cache */
#define KPOOL_CPU_SPECIAL	2	/* set for ever: all gets and puts go out of line */
#define KPOOL_CPU_VALIDATING	4	/* set for ever: the same, and hits check the objects */

/*
 * The cache of a CPU: one cache line. Only its own CPU writes the fields, under KPOOL_CPU_BUSY with
 * preemption off. The exceptions are seen and spare.
 *
 * top is the only pointer into the loaded magazine. Objects lie below top, and free slots begin
 * at top. NULL lies below the first object and behind the last free slot, and in no slot
 * between. So a get finds NULL below top if there is no object, and a put finds NULL at top if
 * there is no room.
 *
 * A cache is open or closed. A closed cache has a magazine without slots loaded: the two NULLs
 * and nothing between. So each get and each put misses, and the fast path needs no test for a
 * closed cache.
 */
struct kpool_cpu {
	u8 state;
	u16 sampled;			/* low bits of puts, at the last sample: path/sample.c */
	unsigned int seen;		/* gets + puts at ageing's last look; only ageing uses it */
	void **top;
	u64 gets;
	u64 puts;
	unsigned long get_misses;
	unsigned long put_misses;
	struct kpool_magazine *spare;	/* any CPU may take the spare, by xchg() */
	struct kpool_magazine *loaded;
} __aligned(64);

/**
 * struct kpool - a pool
 *
 * This struct has only the fields that the inline functions read. All other fields are private.
 */
struct kpool {
	/* private: */
	struct kpool_cpu __percpu *cpu;
};

/*
 * Kernels for finding errors look whether there is a pool at all. In other kernels a get or a put
 * that is given NULL or an ERR_PTR in place of a pool faults, in the caller's own function.
 */
#if defined(CONFIG_DEBUG_ATOMIC_SLEEP) || defined(CONFIG_PROVE_LOCKING) || defined(CONFIG_KASAN)
#define KPOOL_CHECKS_CALLS
#endif

void kpool_say_no_pool(const void *pool, const char *call);

/* Says so in the log, if it is true. */
static __always_inline bool __kpool_is_none(const void *pool, const char *call)
{
#ifdef KPOOL_CHECKS_CALLS
	if (IS_ERR_OR_NULL(pool)) {
		kpool_say_no_pool(pool, call);
		return true;
	}
#endif
	return false;
}

/*
 * A kernel with CONFIG_PROVE_LOCKING tells lockdep of each get and put, so that lockdep sees on the
 * first run what could wait for ever. In other kernels these are empty.
 */
#ifdef CONFIG_PROVE_LOCKING
void kpool_lockdep_wait(struct kpool *pool);
void kpool_lockdep_got(struct kpool *pool, void *obj);
void kpool_lockdep_put(struct kpool *pool, void *obj);
#else
static inline void kpool_lockdep_wait(struct kpool *pool) {}
static inline void kpool_lockdep_got(struct kpool *pool, void *obj) {}
static inline void kpool_lockdep_put(struct kpool *pool, void *obj) {}
#endif

/* Passes on what a get returns. */
static __always_inline void *__kpool_got(struct kpool *pool, void *obj)
{
	kpool_lockdep_got(pool, obj);
	return obj;
}

/* What a get may do on a miss. A kernel for finding errors hears of it on a hit, too. */
static __always_inline void __kpool_might_alloc(gfp_t gfp)
{
#ifdef KPOOL_CHECKS_CALLS
	might_alloc(gfp);
#endif
}

/*
 * kpool.ko may be built by another compiler than the consumer. So each kind of address has
 * functions of its own.
 */
void *kpool_get_slow(struct kpool *pool, gfp_t gfp, unsigned long cache);
void *kpool_get_slow_gs(struct kpool *pool, gfp_t gfp, unsigned long cache);
void *kpool_get_zeroed(struct kpool *pool, gfp_t gfp);
void *kpool_get_zeroed_waiting(struct kpool *pool, gfp_t gfp, long timeout_jiffies,
			       unsigned int state);
void kpool_put_slow(struct kpool *pool, void *obj, unsigned long cache);
void kpool_put_slow_gs(struct kpool *pool, void *obj, unsigned long cache);
void *kpool_get_waiting(struct kpool *pool, gfp_t gfp, unsigned long cache, long timeout_jiffies,
			unsigned int state);
void *kpool_get_waiting_gs(struct kpool *pool, gfp_t gfp, unsigned long cache, long timeout_jiffies,
			   unsigned int state);

/*
 * Tells the compiler that an object is neither NULL nor an ERR_PTR. So the consumer's test for an
 * error costs nothing on a hit, and neither does the test in kpool_put().
 *
 * Every object in a pool was built or was put. A build returns memory. All puts ignore NULL and an
 * ERR_PTR.
 *
 * With CONFIG_UBSAN_UNREACHABLE the compiler would test the assumption.
 */
static __always_inline void *__kpool_object(void *obj)
{
#ifndef CONFIG_UBSAN_UNREACHABLE
	if (IS_ERR_OR_NULL(obj))
		__builtin_unreachable();
#endif
	return obj;
}

/* Tells the compiler that the result of an out-of-line get is not NULL: an object or an ERR_PTR. */
static __always_inline void *__kpool_object_or_err(void *obj)
{
#ifndef CONFIG_UBSAN_UNREACHABLE
	if (!obj)
		__builtin_unreachable();
#endif
	return obj;
}

/*
 * The hit path. idle_state is the value of state while no code works in the cache. Code that
 * interrupts the functions below sees KPOOL_CPU_BUSY and leaves this CPU's cache alone. So plain
 * accesses and compiler barriers are enough. No other CPU writes these fields.
 *
 * data_race(): only this CPU writes the field, and one instruction changes it. Other CPUs read
 * the field with READ_ONCE(), for a sum or a hint, which may be old.
 */
static __always_inline void __kpool_move_top(__kpool_cpu *c, void **top, int by)
{
	if (!IS_ENABLED(CONFIG_X86)) {
		WRITE_ONCE(c->top, top + by);
		return;
	}
	/* The barrier makes gcc change top in memory, with one instruction. */
	barrier();
	data_race(((void)(c->top += by), 0));	/* see above */
}

static __always_inline bool __kpool_hit_get_sum(__kpool_cpu *c, u8 idle_state,
						void **obj, u64 *sum, u64 more, u64 *count)
{
	void **top;

	WRITE_ONCE(c->state, idle_state | KPOOL_CPU_BUSY);
	barrier();
	top = c->top;
	*obj = top[-1];
	if (unlikely(!*obj)) {
		barrier();
		WRITE_ONCE(c->state, idle_state);
		return false;
	}
	__kpool_move_top(c, top, -1);
	data_race(c->gets++);		/* see above, here and below */
	data_race(*sum += more);	/* likewise */
	data_race(++*count);		/* likewise */
	barrier();
	WRITE_ONCE(c->state, idle_state);
	return true;
}

static __always_inline bool __kpool_hit_get(__kpool_cpu *c, u8 idle_state, void **obj)
{
	u64 nothing = 0;	/* the compiler removes this */

	return __kpool_hit_get_sum(c, idle_state, obj, &nothing, 0, &nothing);
}

static __always_inline bool __kpool_hit_put(__kpool_cpu *c, u8 idle_state, void *obj)
{
	void **top;

	WRITE_ONCE(c->state, idle_state | KPOOL_CPU_BUSY);
	barrier();
	top = c->top;
	if (unlikely(!*top)) {
		barrier();
		WRITE_ONCE(c->state, idle_state);
		return false;
	}
	*top = obj;
	__kpool_move_top(c, top, 1);
	data_race(c->puts++);	/* see above */
	barrier();
	WRITE_ONCE(c->state, idle_state);
	return true;
}

/*
 * May a get or put hit inline in this CPU's cache? The read of state needs no READ_ONCE(): a byte
 * cannot tear, and the barriers of preempt_disable() and of the functions above keep the read in
 * its place. So the compiler can compare the byte in memory.
 *
 * Callers wrap this in likely(), because clang forgets a likely() inside an inline function.
 */
static __always_inline bool __kpool_may_hit(const __kpool_cpu *c)
{
	return !data_race(c->state);	/* see above */
}

#endif /* _LINUX_KPOOL_HIT_H */
