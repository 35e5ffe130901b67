/* SPDX-License-Identifier: GPL-2.0-only */
/* Random numbers that are no secret. */
#ifndef _KPOOL_BASE_CHANCE_H
#define _KPOOL_BASE_CHANCE_H

#include <linux/types.h>

void kp_chance_init(void);
u32 kp_chance(void);

#endif /* _KPOOL_BASE_CHANCE_H */
