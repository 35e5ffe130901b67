/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * kpool: scoped gets, whose objects are put at the end of a block. <linux/kpool.h> includes this
 * header and has the plain get and put.
 */
#ifndef _LINUX_KPOOL_SCOPED_H
#define _LINUX_KPOOL_SCOPED_H

#include <linux/cleanup.h>
#include <linux/kpool.h>

/**
 * DOC: scoped get
 *
 * A scoped get declares a variable. The object is put when control leaves the block,
 * in whatever way::
 *
 *	kpool_scoped(struct request, req, pool, GFP_KERNEL);
 *
 *	if (IS_ERR(req))
 *		return PTR_ERR(req);
 *	...
 *	return 0;
 */
struct kpool_scope {
	struct kpool *pool;
	void *obj;
};

static __always_inline void __kpool_scope_exit(struct kpool_scope *scope)
{
	kpool_put(scope->pool, scope->obj);
}

/**
 * kpool_scoped() - declare a pointer to an object that is put at the end of the block
 * @_type: type of the object
 * @_name: name of the pointer, a ``_type *const``; an ERR_PTR if the get failed
 * @_pool: the pool
 * @_gfp: as for kpool_get()
 */
#define kpool_scoped(_type, _name, _pool, _gfp)					\
	struct kpool_scope _name##_scope __cleanup(__kpool_scope_exit) =	\
		({ struct kpool *__pool = (_pool);				\
		   (struct kpool_scope){ __pool, kpool_get(__pool, _gfp) }; });	\
	_type * const _name = _name##_scope.obj

/**
 * kpool_scope_keep() - keep an object, do not put it at the end of the block
 * @_name: name that was given to kpool_scoped()
 *
 * Return: the object, which the caller now owns.
 */
#define kpool_scope_keep(_name)							\
	({ typeof(_name) __kept = (_name); _name##_scope.obj = NULL; __kept; })

#endif /* _LINUX_KPOOL_SCOPED_H */
