/* SPDX-License-Identifier: GPL-2.0-only */
/* NMIs on demand, where the machine can raise one. */
#ifndef _KPOOL_NMI_H
#define _KPOOL_NMI_H

#include <linux/types.h>

#ifdef CONFIG_X86_LOCAL_APIC
int nmi_take(void);
void nmi_release(void);
bool nmi_works(void);
void nmi_catch(int cpu, void (*call)(void *arg), void *arg);
void nmi_to(int cpu);
#else
static inline int nmi_take(void) { return 0; }
static inline void nmi_release(void) { }
static inline bool nmi_works(void) { return false; }
static inline void nmi_catch(int cpu, void (*call)(void *arg), void *arg) { }
static inline void nmi_to(int cpu) { }
#endif

#endif /* _KPOOL_NMI_H */
