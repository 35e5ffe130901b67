/* SPDX-License-Identifier: GPL-2.0-only */
/* The slow half of a put. */
#ifndef _KPOOL_PATH_PUT_H
#define _KPOOL_PATH_PUT_H

#include "pool.h"

void kp_put_objects(struct kp_pool *pool, void **objs, unsigned int n);
void kp_put_finish(struct kp_pool *pool, void *obj);

#endif /* _KPOOL_PATH_PUT_H */
