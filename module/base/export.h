/* SPDX-License-Identifier: GPL-2.0-only */
/* Exports for the tests. */
#ifndef _KPOOL_BASE_EXPORT_H
#define _KPOOL_BASE_EXPORT_H

#include <linux/export.h>

/* Exports a symbol only in a build for the tests. */
#ifdef KPOOL_FOR_TESTS
#define EXPORT_SYMBOL_FOR_TESTS(sym)	EXPORT_SYMBOL_GPL(sym)
#else
#define EXPORT_SYMBOL_FOR_TESTS(sym)
#endif

#endif /* _KPOOL_BASE_EXPORT_H */
