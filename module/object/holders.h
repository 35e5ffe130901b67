/* SPDX-License-Identifier: GPL-2.0-only */
/* The holders of objects, as far as an instrument of the pool knows them. */
#ifndef _KPOOL_OBJECT_HOLDERS_H
#define _KPOOL_OBJECT_HOLDERS_H

#include "base/records.h"
#include "pool.h"

struct kp_records *kp_holders(struct kp_pool *pool);
void kp_holders_name_longest(struct kp_pool *pool);

#endif /* _KPOOL_OBJECT_HOLDERS_H */
