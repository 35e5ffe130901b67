// SPDX-License-Identifier: GPL-2.0-only
/* Looking for pools and sets among all that the kernel said. */
#include <stdlib.h>

#include "kp.h"

static int by_id(const void *a, const void *b)
{
	__u64 one = *(const __u64 *)a, other = *(const __u64 *)b;

	return (one > other) - (one < other);
}

/**
 * kp_find() - find an item by its id
 * @id: the id
 * @items: the items, which begin with their id and are ordered by it
 * @n: how many
 * @size: bytes of one
 *
 * Return: the item, or NULL.
 */
void *kp_find(__u64 id, const void *items, size_t n, size_t size)
{
	return n ? bsearch(&id, items, n, size, by_id) : NULL;
}

/* The pool with this id, or NULL. */
const struct kp_pool *kp_all_pool(const struct kp_all *all, __u64 id)
{
	return kp_find(id, all->pools, all->n_pools, sizeof(*all->pools));
}

/* The figures of the pool with this id, or NULL. */
const struct kp_stats *kp_all_stats(const struct kp_all *all, __u64 id)
{
	return kp_find(id, all->stats, all->n_stats, sizeof(*all->stats));
}

/* The set with this id, or NULL. */
const struct kp_set *kp_all_set(const struct kp_all *all, __u64 id)
{
	return kp_find(id, all->sets, all->n_sets, sizeof(*all->sets));
}
