/* SPDX-License-Identifier: GPL-2.0-only */
/* What lockdep knows of waits for objects. <linux/kpool/hit.h> has what consumers call. */
#ifndef _KPOOL_STORE_LOCKDEP_H
#define _KPOOL_STORE_LOCKDEP_H

#include <linux/kpool.h>
#include <linux/lockdep.h>

/* A pool with a wait list is a lock to lockdep, of a class of its own. */
struct kp_lockdep {
#ifdef CONFIG_PROVE_LOCKING
	struct lockdep_map map;
	struct lock_class_key key;
	char name[KPOOL_NAME_LEN + sizeof("kpool ")];
	bool silent;		/* tell nothing of puts: see kpool_lockdep_put() */
#endif
};

#ifdef CONFIG_PROVE_LOCKING
void kp_lockdep_init(struct kp_lockdep *l, const char *name);
void kp_lockdep_exit(struct kp_lockdep *l);
#else
static inline void kp_lockdep_init(struct kp_lockdep *l, const char *name) {}
static inline void kp_lockdep_exit(struct kp_lockdep *l) {}
#endif

#endif /* _KPOOL_STORE_LOCKDEP_H */
