/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Trace events, for perf, ftrace and bpftrace: what a pool does out of line. Hits have none.
 *
 * Each event begins with the id and the name of the pool. Times are nanoseconds.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kpool

#if !defined(_KPOOL_BASE_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KPOOL_BASE_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>

#include "pool.h"

#define KPOOL_TRACE_CAUSE_LEN	20

extern const char * const kp_cause_names[KP_CAUSES];

#ifndef KPOOL_TRACE_POOL
#define KPOOL_TRACE_POOL	__field(u32, id) __array(char, name, KPOOL_NAME_LEN)
#define KPOOL_TRACE_ASSIGN(pool) do {					\
	__entry->id = (pool)->id;					\
	memcpy(__entry->name, (pool)->name, KPOOL_NAME_LEN);		\
} while (0)
#endif

/* An event of so many objects. */
DECLARE_EVENT_CLASS(kpool_objects,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects),
	TP_ARGS(pool, objects),
	TP_STRUCT__entry(
		KPOOL_TRACE_POOL
		__field(unsigned long, objects)
	),
	TP_fast_assign(
		KPOOL_TRACE_ASSIGN(pool);
		__entry->objects = objects;
	),
	TP_printk("pool=%s id=%u objects=%lu", __entry->name, __entry->id, __entry->objects)
);

/* A get found too few objects in the cache of its CPU, and looks elsewhere for so many. */
DEFINE_EVENT(kpool_objects, kpool_get_miss,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects),
	TP_ARGS(pool, objects));

/* A cache loaded a magazine with so many objects from a depot. */
DEFINE_EVENT(kpool_objects, kpool_refill,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects),
	TP_ARGS(pool, objects));

/* A cache gave a magazine with so many objects to a depot. */
DEFINE_EVENT(kpool_objects, kpool_flush,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects),
	TP_ARGS(pool, objects));

/* A get that wants so many objects found max objects, and none idle. */
DEFINE_EVENT(kpool_objects, kpool_exhausted,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects),
	TP_ARGS(pool, objects));

/* A get of so many objects begins to wait. */
DEFINE_EVENT(kpool_objects, kpool_wait_begin,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects),
	TP_ARGS(pool, objects));

/* All caches of a pool are closed. The depots have so many idle objects afterwards. */
DEFINE_EVENT(kpool_objects, kpool_sweep,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects),
	TP_ARGS(pool, objects));

/* Objects were built, or were not: err. */
TRACE_EVENT(kpool_build,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects, int err),
	TP_ARGS(pool, objects, err),
	TP_STRUCT__entry(
		KPOOL_TRACE_POOL
		__field(unsigned long, objects)
		__field(int, err)
	),
	TP_fast_assign(
		KPOOL_TRACE_ASSIGN(pool);
		__entry->objects = objects;
		__entry->err = err;
	),
	TP_printk("pool=%s id=%u objects=%lu err=%d", __entry->name, __entry->id,
		  __entry->objects, __entry->err)
);

/* A wait has ended. With err 0 the get has its objects. */
TRACE_EVENT(kpool_wait_end,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects, u64 ns, int err),
	TP_ARGS(pool, objects, ns, err),
	TP_STRUCT__entry(
		KPOOL_TRACE_POOL
		__field(unsigned long, objects)
		__field(u64, ns)
		__field(int, err)
	),
	TP_fast_assign(
		KPOOL_TRACE_ASSIGN(pool);
		__entry->objects = objects;
		__entry->ns = ns;
		__entry->err = err;
	),
	TP_printk("pool=%s id=%u objects=%lu ns=%llu err=%d", __entry->name, __entry->id,
		  __entry->objects, __entry->ns, __entry->err)
);

/* Objects are torn down, now or soon. The cause has the name of its figure. */
TRACE_EVENT(kpool_teardown,
	TP_PROTO(const struct kp_pool *pool, unsigned long objects, enum kp_cause cause),
	TP_ARGS(pool, objects, cause),
	TP_STRUCT__entry(
		KPOOL_TRACE_POOL
		__field(unsigned long, objects)
		__array(char, cause, KPOOL_TRACE_CAUSE_LEN)
	),
	TP_fast_assign(
		KPOOL_TRACE_ASSIGN(pool);
		__entry->objects = objects;
		strscpy(__entry->cause, kp_cause_names[cause], KPOOL_TRACE_CAUSE_LEN);
	),
	TP_printk("pool=%s id=%u objects=%lu cause=%s", __entry->name, __entry->id,
		  __entry->objects, __entry->cause)
);

/* The system is short of memory, and wants so many objects of a pool. */
TRACE_EVENT(kpool_shrink,
	TP_PROTO(const struct kp_pool *pool, unsigned long wanted, unsigned long taken),
	TP_ARGS(pool, wanted, taken),
	TP_STRUCT__entry(
		KPOOL_TRACE_POOL
		__field(unsigned long, wanted)
		__field(unsigned long, taken)
	),
	TP_fast_assign(
		KPOOL_TRACE_ASSIGN(pool);
		__entry->wanted = wanted;
		__entry->taken = taken;
	),
	TP_printk("pool=%s id=%u wanted=%lu taken=%lu", __entry->name, __entry->id,
		  __entry->wanted, __entry->taken)
);

/* Somebody changed the limits of a pool. The event has the new limits. */
TRACE_EVENT(kpool_retune,
	TP_PROTO(const struct kp_pool *pool, const struct kpool_limits *limits),
	TP_ARGS(pool, limits),
	TP_STRUCT__entry(
		KPOOL_TRACE_POOL
		__field(unsigned int, max)
		__field(unsigned int, reserve)
		__field(unsigned int, min_idle)
		__field(unsigned int, max_idle)
		__field(unsigned int, idle_ms)
		__field(unsigned int, lifetime_ms)
		__field(unsigned int, magazine)
	),
	TP_fast_assign(
		KPOOL_TRACE_ASSIGN(pool);
		__entry->max = limits->max;
		__entry->reserve = limits->reserve;
		__entry->min_idle = limits->min_idle;
		__entry->max_idle = limits->max_idle;
		__entry->idle_ms = limits->idle_ms;
		__entry->lifetime_ms = limits->lifetime_ms;
		__entry->magazine = limits->magazine;
	),
	TP_printk("pool=%s id=%u max=%u reserve=%u min_idle=%u max_idle=%u idle_ms=%u lifetime_ms=%u magazine=%u",
		  __entry->name, __entry->id, __entry->max, __entry->reserve, __entry->min_idle,
		  __entry->max_idle, __entry->idle_ms, __entry->lifetime_ms, __entry->magazine)
);

#endif /* _KPOOL_BASE_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH base
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
