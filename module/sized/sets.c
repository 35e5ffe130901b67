// SPDX-License-Identifier: GPL-2.0-only
/*
 * All sets, by id and by name. base/registry.c has the same for pools; its lock protects both, and
 * its rule for look-ups holds here, too.
 */
#include <linux/string.h>
#include <linux/xarray.h>

#include "base/export.h"
#include "base/registry.h"
#include "base/work.h"
#include "sized/set.h"
#include "sized/sets.h"

/* The registry's lock protects changes. A set's memory is freed a grace period after its end. */
static DEFINE_XARRAY_ALLOC1(sets);
static u32 next_set_id;

void kp_sets_exit(void)
{
	WARN_ON(!xa_empty(&sets));
	xa_destroy(&sets);
}

/**
 * kp_registry_reserve_set() - reserve a set's name and an id
 * @s: the set
 *
 * Others can find the set from now on, although its classes are not there yet.
 *
 * Context: process context, sleeps.
 * Return: 0, -EEXIST, or -ENOMEM.
 */
int kp_registry_reserve_set(struct kp_sized *s)
{
	int err = -EEXIST;

	kp_registry_lock();
	/* xa_alloc_cyclic() sets the id before a reader can find the set. */
	if (!kp_registry_find_set_name(s->name))
		err = xa_alloc_cyclic(&sets, &s->id, s, xa_limit_31b, &next_set_id, GFP_KERNEL);
	/* A failed xa_alloc_cyclic() may have written an id, which belongs to another set now. */
	if (err < 0)
		s->id = 0;
	kp_registry_unlock();
	if (err == -EEXIST)
		pr_err_ratelimited("cannot create set %s: name: a set of that name exists\n",
				   s->name);
	return min(err, 0);
}

/* From now on nobody finds the set by its name. Returns false if that was so before. */
bool kp_registry_free_set_name(struct kp_sized *s)
{
	bool first;

	kp_registry_lock();
	first = !s->dying;
	WRITE_ONCE(s->dying, true);
	kp_registry_unlock();
	return first;
}

/* Like kp_registry_has(), for sets. */
bool kp_registry_has_set(const struct kp_sized *s)
{
	return kp_registry_holds(&sets, s, &s->id);
}

void kp_registry_remove_set(struct kp_sized *s)
{
	kp_registry_lock();
	if (s->id)
		xa_erase(&sets, s->id);
	kp_registry_unlock();
}

/* Like kp_registry_after(), for sets. */
struct kp_sized *kp_registry_set_after(u32 *id)
{
	unsigned long index = *id;
	struct kp_sized *s;

	kp_registry_assert_readable();
	s = xa_find_after(&sets, &index, ULONG_MAX, XA_PRESENT);
	*id = index;
	return s;
}
EXPORT_SYMBOL_FOR_TESTS(kp_registry_set_after);

/* The set with this id, or NULL. Context as kp_registry_set_after(). */
struct kp_sized *kp_registry_find_set(u32 id)
{
	kp_registry_assert_readable();
	return xa_load(&sets, id);
}

/* The set with this name, or NULL. Context as kp_registry_set_after(). */
struct kp_sized *kp_registry_find_set_name(const char *name)
{
	unsigned long id;
	struct kp_sized *s;

	kp_registry_assert_readable();
	xa_for_each(&sets, id, s)
		if (!READ_ONCE(s->dying) && !strcmp(s->name, name))
			return s;
	return NULL;
}

/* Drops n references; the set may be gone afterwards. Context: any but NMI. */
void kp_sized_unref(struct kp_sized *s, int n)
{
	if (refcount_sub_and_test(n, &s->refs))
		queue_work(kpool_wq, &s->end);
}
