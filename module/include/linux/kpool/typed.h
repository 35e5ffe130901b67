/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: pools of one type of object, with typed calls. <linux/kpool.h> includes this header and
 * has the untyped calls.
 */
#ifndef _LINUX_KPOOL_TYPED_H
#define _LINUX_KPOOL_TYPED_H

#include <linux/kpool.h>
#include <linux/minmax.h>

/**
 * DEFINE_KPOOL_TYPE() - define typed functions for pools of one type of object
 * @_name: prefix of the names that are defined
 * @_type: type of the objects
 *
 * Defines ``struct _name_pool``, which is a &struct kpool but a type of its own, and typed calls:
 *
 * - _name_pool_create(), which sets size and alignment, _name_pool_destroy(),
 *   _name_pool_destroy_sync(), _name_pool_trim(), _name_pool_stats(), _name_pool_limits() and
 *   _name_pool_retune() and _name_pool_retune_some();
 * - _name_get(), _name_get_timeout(), _name_get_interruptible_timeout() and
 *   _name_get_killable_timeout();
 * - _name_get_bulk(), _name_get_bulk_timeout(), _name_get_bulk_interruptible_timeout() and
 *   _name_get_bulk_killable_timeout();
 * - _name_put(), _name_put_rcu(), _name_discard() and _name_put_bulk().
 *
 * These calls do not compile with an object or a pool of another type. _name_pool() returns the
 * &struct kpool for the untyped calls.
 */
#define DEFINE_KPOOL_TYPE(_name, _type)						\
struct _name##_pool {								\
	struct kpool kpool;							\
};										\
static inline struct kpool *_name##_pool(struct _name##_pool *pool)		\
{										\
	return &pool->kpool;							\
}										\
static inline __must_check struct _name##_pool *				\
_name##_pool_create(const struct kpool_params *params)				\
{										\
	struct kpool_params p = *params;					\
										\
	p.size = sizeof(_type);							\
	p.align = max_t(size_t, p.align, __alignof__(_type));			\
	return (struct _name##_pool *)kpool_create(&p);				\
}										\
static inline unsigned long _name##_pool_destroy(struct _name##_pool *pool)	\
{										\
	return kpool_destroy(&pool->kpool);					\
}										\
static inline int _name##_pool_destroy_sync(struct _name##_pool *pool,		\
					    unsigned int timeout_ms)		\
{										\
	return kpool_destroy_sync(&pool->kpool, timeout_ms);			\
}										\
static inline unsigned long _name##_pool_trim(struct _name##_pool *pool)	\
{										\
	return kpool_trim(&pool->kpool);					\
}										\
static inline void _name##_pool_stats(struct _name##_pool *pool,		\
				      struct kpool_stats *stats)		\
{										\
	kpool_stats(&pool->kpool, stats);					\
}										\
static inline void _name##_pool_limits(struct _name##_pool *pool,		\
				       struct kpool_limits *limits)		\
{										\
	kpool_limits(&pool->kpool, limits);					\
}										\
static inline __must_check int							\
_name##_pool_retune(struct _name##_pool *pool, const struct kpool_limits *limits)	\
{										\
	return kpool_retune(&pool->kpool, limits);				\
}										\
static inline __must_check int							\
_name##_pool_retune_some(struct _name##_pool *pool,				\
			 const struct kpool_limits *limits, unsigned int given)	\
{										\
	return kpool_retune_some(&pool->kpool, limits, given);			\
}										\
static __always_inline __must_check _type *					\
_name##_get(struct _name##_pool *pool, gfp_t gfp)				\
{										\
	return kpool_get(&pool->kpool, gfp);					\
}										\
static __always_inline __must_check _type *					\
_name##_get_timeout(struct _name##_pool *pool, gfp_t gfp, long timeout_jiffies)	\
{										\
	return kpool_get_timeout(&pool->kpool, gfp, timeout_jiffies);		\
}										\
static __always_inline __must_check _type *					\
_name##_get_interruptible_timeout(struct _name##_pool *pool, gfp_t gfp,		\
				  long timeout_jiffies)				\
{										\
	return kpool_get_interruptible_timeout(&pool->kpool, gfp,		\
					       timeout_jiffies);		\
}										\
static __always_inline __must_check _type *					\
_name##_get_killable_timeout(struct _name##_pool *pool, gfp_t gfp,		\
			     long timeout_jiffies)				\
{										\
	return kpool_get_killable_timeout(&pool->kpool, gfp, timeout_jiffies);	\
}										\
static __always_inline void _name##_put(struct _name##_pool *pool, _type *obj)	\
{										\
	kpool_put(&pool->kpool, obj);						\
}										\
static inline void _name##_put_rcu(struct _name##_pool *pool, _type *obj)	\
{										\
	kpool_put_rcu(&pool->kpool, obj);					\
}										\
static inline void _name##_discard(struct _name##_pool *pool, _type *obj)	\
{										\
	kpool_discard(&pool->kpool, obj);					\
}										\
static __always_inline __must_check int					\
_name##_get_bulk(struct _name##_pool *pool, gfp_t gfp, _type **objs,		\
		 unsigned int n)						\
{										\
	return kpool_get_bulk(&pool->kpool, gfp, (void **)objs, n);		\
}										\
static __always_inline __must_check int					\
_name##_get_bulk_timeout(struct _name##_pool *pool, gfp_t gfp, _type **objs,	\
			 unsigned int n, long timeout_jiffies)			\
{										\
	return kpool_get_bulk_timeout(&pool->kpool, gfp, (void **)objs, n,	\
				      timeout_jiffies);				\
}										\
static __always_inline __must_check int					\
_name##_get_bulk_interruptible_timeout(struct _name##_pool *pool, gfp_t gfp,	\
				       _type **objs, unsigned int n,		\
				       long timeout_jiffies)			\
{										\
	return kpool_get_bulk_interruptible_timeout(&pool->kpool, gfp,		\
						    (void **)objs, n,		\
						    timeout_jiffies);		\
}										\
static __always_inline __must_check int					\
_name##_get_bulk_killable_timeout(struct _name##_pool *pool, gfp_t gfp,		\
				  _type **objs, unsigned int n,			\
				  long timeout_jiffies)				\
{										\
	return kpool_get_bulk_killable_timeout(&pool->kpool, gfp, (void **)objs,\
					       n, timeout_jiffies);		\
}										\
static inline void _name##_put_bulk(struct _name##_pool *pool, _type **objs,	\
				    unsigned int n)				\
{										\
	kpool_put_bulk(&pool->kpool, (void **)objs, n);				\
}										\
struct _name##_pool

#endif /* _LINUX_KPOOL_TYPED_H */
