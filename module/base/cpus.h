/* SPDX-License-Identifier: GPL-2.0-only */
/* How many CPUs share what the limits of a pool leave for caches. */
#ifndef _KPOOL_BASE_CPUS_H
#define _KPOOL_BASE_CPUS_H

/*
 * The CPUs that are online, and one that is about to come online. Written by policy/hotplug.c under
 * the hotplug lock. Read with READ_ONCE().
 */
extern unsigned int kp_cpus;

#endif /* _KPOOL_BASE_CPUS_H */
