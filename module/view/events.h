/* SPDX-License-Identifier: GPL-2.0-only */
/* Events for programs that listen to the netlink family. */
#ifndef _KPOOL_VIEW_EVENTS_H
#define _KPOOL_VIEW_EVENTS_H

void kp_events_init(void);
void kp_events_exit(void);

#endif /* _KPOOL_VIEW_EVENTS_H */
