/* SPDX-License-Identifier: GPL-2.0-only */
/* Symbols that only the tests need. */
#ifndef _KPOOL_BASE_EXPORT_H
#define _KPOOL_BASE_EXPORT_H

#include <linux/export.h>

/* In a build for the tests only. */
#ifdef KPOOL_FOR_TESTS
#define EXPORT_SYMBOL_FOR_TESTS(sym)	EXPORT_SYMBOL_GPL(sym)
#else
#define EXPORT_SYMBOL_FOR_TESTS(sym)
#endif

#endif /* _KPOOL_BASE_EXPORT_H */
