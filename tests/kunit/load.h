/* SPDX-License-Identifier: GPL-2.0-only */
/* Pools of each kind, and threads that get and put while a test changes the pool. */
#ifndef _KPOOL_LOAD_H
#define _KPOOL_LOAD_H

#include "fixture.h"

/* ctx of a team with load_duty. */
struct load {
	struct kpool *pool;
};

extern const struct duty load_duty;

#define LOADED_POOLS	10
extern const struct kpool_params loaded_pools[LOADED_POOLS];

#endif /* _KPOOL_LOAD_H */
