/* SPDX-License-Identifier: GPL-2.0-only */
/* CPUs that go offline. */
#ifndef _KPOOL_POLICY_HOTPLUG_H
#define _KPOOL_POLICY_HOTPLUG_H

int kp_hotplug_init(void);
void kp_hotplug_exit(void);

#endif /* _KPOOL_POLICY_HOTPLUG_H */
