/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_STRESS_H
#define _KPOOL_STRESS_H

int stress_sets(unsigned int ops);
int stress_rings(unsigned int ops);

#endif /* _KPOOL_STRESS_H */
