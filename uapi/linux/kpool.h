/* SPDX-License-Identifier: ((GPL-2.0 WITH Linux-syscall-note) OR BSD-3-Clause) */
/* Do not edit directly, auto-generated from: */
/*	Documentation/netlink/specs/kpool.yaml */
/* YNL-GEN uapi header */

#ifndef _UAPI_LINUX_KPOOL_H
#define _UAPI_LINUX_KPOOL_H

#define KPOOL_FAMILY_NAME	"kpool"
#define KPOOL_FAMILY_VERSION	1

/**
 * enum kpool_state
 * @KPOOL_STATE_LIVE: gets and puts work
 * @KPOOL_STATE_DYING: is being destroyed; gets are refused, the name is free
 *   again
 * @KPOOL_STATE_DETACHED: was destroyed, and is there until the last object is
 *   put
 */
enum kpool_state {
	KPOOL_STATE_LIVE,
	KPOOL_STATE_DYING,
	KPOOL_STATE_DETACHED,
};

/**
 * enum kpool_backing - where the memory of objects comes from
 * @KPOOL_BACKING_SLAB: a slab cache, shared by pools of equal geometry
 * @KPOOL_BACKING_PAGES: compound pages
 * @KPOOL_BACKING_VMALLOC: vmalloc()
 */
enum kpool_backing {
	KPOOL_BACKING_SLAB,
	KPOOL_BACKING_PAGES,
	KPOOL_BACKING_VMALLOC,
};

/**
 * enum kpool_zone
 * @KPOOL_ZONE_ANY: whatever the kernel has
 * @KPOOL_ZONE_DMA: GFP_DMA
 * @KPOOL_ZONE_DMA32: GFP_DMA32
 */
enum kpool_zone {
	KPOOL_ZONE_ANY,
	KPOOL_ZONE_DMA,
	KPOOL_ZONE_DMA32,
};

/**
 * enum kpool_pool_flag - what a pool was created to do beyond the ordinary
 * @KPOOL_FLAG_ZERO_ON_PUT: each object is wiped when it is put
 * @KPOOL_FLAG_BYPASS: nothing is kept, each get builds and each put tears down
 * @KPOOL_FLAG_OWN_CACHE: the slab cache is not shared
 * @KPOOL_FLAG_VMALLOC: objects come from vmalloc()
 * @KPOOL_FLAG_SLEEPING: constructor and destructor may sleep
 * @KPOOL_FLAG_ANYCTX: used under scheduler locks
 * @KPOOL_FLAG_ON_NODE: objects are built on one node
 * @KPOOL_FLAG_BUILD_IN_WORKER: the constructor runs in a worker
 */
enum kpool_pool_flag {
	KPOOL_FLAG_ZERO_ON_PUT = 1,
	KPOOL_FLAG_BYPASS = 2,
	KPOOL_FLAG_OWN_CACHE = 4,
	KPOOL_FLAG_VMALLOC = 8,
	KPOOL_FLAG_SLEEPING = 16,
	KPOOL_FLAG_ANYCTX = 32,
	KPOOL_FLAG_ON_NODE = 64,
	KPOOL_FLAG_BUILD_IN_WORKER = 128,
};

enum {
	KPOOL_A_POOL_ID = 1,
	KPOOL_A_POOL_NAME,
	KPOOL_A_POOL_PAD,
	KPOOL_A_POOL_OWNER,
	KPOOL_A_POOL_STATE,
	KPOOL_A_POOL_BYPASSED,
	KPOOL_A_POOL_CREATE_TIME,
	KPOOL_A_POOL_DETACH_TIME,
	KPOOL_A_POOL_EXISTING,
	KPOOL_A_POOL_IN_USE,
	KPOOL_A_POOL_IDLE,
	KPOOL_A_POOL_SIZE = 16,
	KPOOL_A_POOL_ALIGN,
	KPOOL_A_POOL_FOOTPRINT,
	KPOOL_A_POOL_BACKING,
	KPOOL_A_POOL_ZONE,
	KPOOL_A_POOL_NODE,
	KPOOL_A_POOL_USEROFFSET,
	KPOOL_A_POOL_USERSIZE,
	KPOOL_A_POOL_WIPE_OFFSET,
	KPOOL_A_POOL_WIPE_SIZE,
	KPOOL_A_POOL_FLAGS = 32,
	KPOOL_A_POOL_MAGAZINE,
	KPOOL_A_POOL_MIN_IDLE,
	KPOOL_A_POOL_MAX_IDLE,

	__KPOOL_A_POOL_MAX,
	KPOOL_A_POOL_MAX = (__KPOOL_A_POOL_MAX - 1)
};

enum {
	KPOOL_A_STATS_ID = 1,
	KPOOL_A_STATS_NAME,
	KPOOL_A_STATS_PAD,
	KPOOL_A_STATS_PERCPU,
	KPOOL_A_STATS_CPU,
	KPOOL_A_STATS_EXISTING = 16,
	KPOOL_A_STATS_IDLE,
	KPOOL_A_STATS_IN_USE,
	KPOOL_A_STATS_CREATED,
	KPOOL_A_STATS_DESTROYED,
	KPOOL_A_STATS_GETS,
	KPOOL_A_STATS_PUTS,
	KPOOL_A_STATS_GET_MISSES,
	KPOOL_A_STATS_PUT_MISSES,
	KPOOL_A_STATS_DEPOT_GETS,
	KPOOL_A_STATS_DEPOT_PUTS,
	KPOOL_A_STATS_BUILD_FAILURES,
	KPOOL_A_STATS_TRIMMED,
	KPOOL_A_STATS_DEFERRED,
	KPOOL_A_STATS_CLOSE_RETRIES,

	__KPOOL_A_STATS_MAX,
	KPOOL_A_STATS_MAX = (__KPOOL_A_STATS_MAX - 1)
};

enum {
	KPOOL_A_CPU_STATS_CPU = 1,
	KPOOL_A_CPU_STATS_PAD,
	KPOOL_A_CPU_STATS_CAPACITY,
	KPOOL_A_CPU_STATS_IDLE,
	KPOOL_A_CPU_STATS_GETS,
	KPOOL_A_CPU_STATS_PUTS,
	KPOOL_A_CPU_STATS_GET_MISSES,
	KPOOL_A_CPU_STATS_PUT_MISSES,

	__KPOOL_A_CPU_STATS_MAX,
	KPOOL_A_CPU_STATS_MAX = (__KPOOL_A_CPU_STATS_MAX - 1)
};

enum {
	KPOOL_CMD_POOL_GET = 1,
	KPOOL_CMD_POOL_ADD_NTF,
	KPOOL_CMD_POOL_DEL_NTF,
	KPOOL_CMD_POOL_CHANGE_NTF,
	KPOOL_CMD_STATS_GET,

	__KPOOL_CMD_MAX,
	KPOOL_CMD_MAX = (__KPOOL_CMD_MAX - 1)
};

#define KPOOL_MCGRP_EVENTS	"events"

#endif /* _UAPI_LINUX_KPOOL_H */
