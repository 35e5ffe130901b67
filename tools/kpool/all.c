// SPDX-License-Identifier: GPL-2.0-only
/* All that the kernel says of all pools and sets of buffers, asked for in one go. */
#include <errno.h>
#include <stdlib.h>

#include "kp.h"

/**
 * kp_all_get() - ask for all sets, all pools and the figures of all pools
 * @kp: the connection
 * @percpu: the figures have each CPU's share
 * @all: where they go, each array ordered by id; kp_all_free() in the end, also after an error
 *
 * A pool that comes or goes meanwhile may be in one of the arrays only. An older module has no
 * sets.
 *
 * Return: 0, or a negative errno.
 */
int kp_all_get(struct kp *kp, bool percpu, struct kp_all *all)
{
	int err;

	*all = (struct kp_all){ NULL };
	/* Sets come first, so that no class's pool comes without its set. */
	err = kp_sets(kp, NULL, &all->sets, &all->n_sets);
	if (!err || err == -EOPNOTSUPP)
		err = kp_pools(kp, NULL, &all->pools, &all->n_pools);
	if (!err)
		err = kp_stats(kp, NULL, percpu, &all->stats, &all->n_stats);
	return err;
}

/* Frees what kp_all_get() got. */
void kp_all_free(struct kp_all *all)
{
	free(all->pools);
	kp_stats_free(all->stats, all->n_stats);
	kp_sets_free(all->sets, all->n_sets);
	*all = (struct kp_all){ NULL };
}
