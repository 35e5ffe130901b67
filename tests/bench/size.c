// SPDX-License-Identifier: GPL-2.0-only
/*
 * The cost of a buffer by its size. A pair is a get and a put with one store between them.
 * kpool_sized is a set of buffers, whose user knows the size at run time only.
 */
#include <linux/kernel.h>
#include <linux/sizes.h>

#include "peers.h"

/*
 * In real code the size differs from get to get, and the put does not know which class the get
 * chose. So the compiler may not know that the size stays the same.
 */
#define RUN(peer)									\
static noinline void size_##peer(struct bench *b, unsigned int n)			\
{											\
	void *handle = b->handle;							\
	size_t size = b->size;								\
	unsigned int i;									\
	u64 *buf;									\
											\
	for (i = 0; i < n; i++) {							\
		buf = get_##peer(handle, size);						\
		if (!buf) {								\
			b->failed = true;						\
			break;								\
		}									\
		WRITE_ONCE(*buf, i);							\
		OPTIMIZER_HIDE_VAR(size);						\
		put_##peer(handle, size, buf);						\
		OPTIMIZER_HIDE_VAR(size);						\
	}										\
}

RUN(kpool)
RUN(sized)
RUN(cache)
RUN(kmalloc)
RUN(kvmalloc)
RUN(vmalloc)
RUN(pages)

#ifdef HAVE_PAGE_POOL
RUN(page_pool)

static void poll_page_pool(struct bench *b, unsigned int n)
{
	local_bh_disable();
	size_page_pool(b, n);
	local_bh_enable();
}
#endif

static const struct bench_peer size_peers[] = {
	{ "kpool_sized", bench_setup_sized, bench_cleanup_sized, size_sized },
	{ "kpool", bench_setup_kpool, bench_cleanup_kpool, size_kpool },
	{ "kmem_cache", bench_setup_cache, bench_cleanup_cache, size_cache, .most = SZ_64K },
	{ "kmalloc", NULL, NULL, size_kmalloc },
	{ "kvmalloc", NULL, NULL, size_kvmalloc },
	{ "vmalloc", NULL, NULL, size_vmalloc, .least = PAGE_SIZE },
	{ "alloc_pages", NULL, NULL, size_pages, .least = PAGE_SIZE },
#ifdef HAVE_PAGE_POOL
	{ "page_pool", bench_setup_page_pool, bench_cleanup_page_pool, poll_page_pool,
	  .least = PAGE_SIZE, .most = PAGE_SIZE },
#endif
	BENCH_END
};

const struct bench_case bench_size_cases[] = {
	{ .name = "size", .peers = size_peers, .capacity = 1, .step = 1, .rounds = 7,
	  .points = BENCH_POINTS(64, 128, 256, 512, SZ_1K, SZ_2K, SZ_4K, SZ_8K, SZ_16K, SZ_32K,
				 SZ_64K, SZ_128K, SZ_256K, SZ_512K, SZ_1M) },
	BENCH_END
};
