/* SPDX-License-Identifier: GPL-2.0-only */
/* What pools do before the OOM killer ends a process. */
#ifndef _KPOOL_POLICY_OOM_H
#define _KPOOL_POLICY_OOM_H

int kp_oom_init(void);
void kp_oom_exit(void);
void kp_name_largest(void);
unsigned long kp_oom(void);

#endif /* _KPOOL_POLICY_OOM_H */
