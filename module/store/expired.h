/* SPDX-License-Identifier: GPL-2.0-only */
/* Objects that are of no use. */
#ifndef _KPOOL_STORE_EXPIRED_H
#define _KPOOL_STORE_EXPIRED_H

#include "pool.h"

void kp_teardown_later(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause);
void kp_let_go(struct pool *pool, unsigned int n);
void kp_doom_useless(struct pool *pool, void **objs, unsigned int n, enum kp_cause cause);

#endif /* _KPOOL_STORE_EXPIRED_H */
