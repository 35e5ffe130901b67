/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef _KPOOL_COMPAT_ALLOC_TAG_H
#define _KPOOL_COMPAT_ALLOC_TAG_H

#include <linux/gfp.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

/*
 * A kernel with CONFIG_MEM_ALLOC_PROFILING counts the memory that each line of code allocates.
 * Since Linux 6.10 an allocation has two names for this. The usual name counts for the line of the
 * call. The name with _noprof counts for the line that current->alloc_tag stands for. Can go with
 * 6.1.
 */
#ifndef alloc_hooks
#define kmem_cache_alloc_node_noprof	kmem_cache_alloc_node
#define kmem_cache_alloc_bulk_noprof	kmem_cache_alloc_bulk
#define kmalloc_node_noprof		kmalloc_node
#define kvmalloc_node_noprof		kvmalloc_node
#define alloc_pages_node_noprof		alloc_pages_node
#define vmalloc_node_noprof		vmalloc_node
#define __vmalloc_noprof		__vmalloc
#endif

/* The line for which a pool's memory counts: that of the consumer's call that creates the pool. */
struct kp_alloc_line {
#ifdef CONFIG_MEM_ALLOC_PROFILING
	struct alloc_tag *tag;
#endif
};

/* kpool_create() is a macro in such a kernel, which sets current->alloc_tag. */
static inline void kp_alloc_line_record(struct kp_alloc_line *line)
{
#ifdef CONFIG_MEM_ALLOC_PROFILING
	line->tag = current->alloc_tag;
#endif
}

/*
 * Until kp_alloc_line_end(), calls with _noprof count for this line. Context: any, the same for
 * both calls. Returns what kp_alloc_line_end() takes.
 */
static inline struct alloc_tag *kp_alloc_line_begin(const struct kp_alloc_line *line)
{
#ifdef CONFIG_MEM_ALLOC_PROFILING
	return alloc_tag_save(line->tag);
#else
	return NULL;
#endif
}

static inline void kp_alloc_line_end(const struct kp_alloc_line *line, struct alloc_tag *before)
{
#ifdef CONFIG_MEM_ALLOC_PROFILING
	alloc_tag_restore(line->tag, before);
#endif
}

#endif /* _KPOOL_COMPAT_ALLOC_TAG_H */
