/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the kernel says of its pools, as plain structs. The half of the program
 * that knows netlink; commands print what they get from here.
 */
#ifndef KP_H
#define KP_H

#include <stdbool.h>
#include <stddef.h>
#include <linux/kpool_netlink.h>
#include <linux/types.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define __printf(a, b)		__attribute__((format(printf, a, b)))

/* Room for a pool's name, a set's, and a module's, the final NUL included. */
#define KP_NAME_LEN	32
#define KP_SET_NAME_LEN	24
#define KP_OWNER_LEN	64
/* Likewise of a task's name, and of a function's with its module. */
#define KP_COMM_LEN	16
#define KP_FUNCTION_LEN	128

/* Of max_idle: nothing at all. Of other limits: none yet, which is no limit, as 0 is. */
#define KP_NONE		0xffffffffU

/* A pool as pool-get describes it. Fields have the names of the netlink attributes. */
struct kp_pool {
	__u64 id;
	char name[KP_NAME_LEN];
	char owner[KP_OWNER_LEN];	/* "" if built into the kernel */
	__u64 state;			/* of enum kpool_state */
	__u64 bypassed;		/* 0 or 1 */
	__u64 create_time;		/* milliseconds of CLOCK_BOOTTIME */
	__u64 detach_time;		/* likewise; 0 if it is not detached */
	__u64 existing;
	__u64 in_use;
	__u64 idle;
	__u64 closing;
	__u64 memory;
	__u64 overhead;
	__u64 size;
	__u64 align;
	__u64 footprint;
	__u64 backing;		/* of enum kpool_backing */
	__u64 zone;			/* of enum kpool_zone */
	__u64 node;			/* KP_NONE if any */
	__u64 useroffset;
	__u64 usersize;
	__u64 wipe_offset;
	__u64 wipe_size;
	__u64 flags;			/* of enum kpool_pool_flag */
	__u64 magazine;
	__u64 min_idle;
	__u64 max_idle;
	__u64 max;
	__u64 reserve;
	__u64 idle_ms;
	__u64 lifetime_ms;
	__u64 workers;
	__u64 debugged;
	__u64 held_ms;
	__u64 fail_get;			/* each how many-th fails on purpose; 0: none */
	__u64 fail_build;
	__u64 fail_ctor;
	__u64 fail_magazine;
	__u64 fail_message;
	__u64 track;			/* one get in so many is tracked; 0: none */
	__u64 leak_ms;
	/* Figures, which events have besides. No fields of kp_pool_fields: kp_stats has them. */
	__u64 waiting;
	__u64 timeouts;
	__u64 magazine_asked;		/* what somebody asked for; 0: automatic */
	__u64 set_id;			/* of the set that it is a class of; 0: of none */
};

/* A CPU's share in a pool's figures. */
struct kp_cpu {
	__u64 cpu;
	__u64 capacity;
	__u64 idle;
	__u64 gets;
	__u64 puts;
	__u64 get_misses;
	__u64 put_misses;
};

/* The share of a node's depot. */
struct kp_node {
	__u64 node;
	__u64 idle;
	__u64 gets;
	__u64 puts;
	__u64 contended;
	__u64 sent_home;
};

/* How many gets waited for less than some time, and for at least half of it. */
struct kp_wait_class {
	__u64 below_ns;			/* all ones: any time */
	__u64 waits;
};

/* A pool's figures as stats-get gives them. */
struct kp_stats {
	__u64 id;
	char name[KP_NAME_LEN];
	__u64 existing;
	__u64 idle;
	__u64 in_use;
	__u64 closing;
	__u64 building;
	__u64 mapped_only;
	__u64 memory;
	__u64 overhead;
	__u64 created;
	__u64 destroyed;
	__u64 gets;
	__u64 puts;
	__u64 get_misses;
	__u64 put_misses;
	__u64 depot_gets;
	__u64 depot_puts;
	__u64 contended;
	__u64 sent_home;
	__u64 build_failures;
	__u64 ctor_failures;
	__u64 built_nolock;
	__u64 trimmed;
	__u64 over_max_idle;
	__u64 reclaimed;
	__u64 idle_expired;
	__u64 lifetime_expired;
	__u64 unhealthy;
	__u64 discarded;
	__u64 shut_down;
	__u64 over_max;
	__u64 overflow_ended;
	__u64 no_magazine;
	__u64 bypass_ended;
	__u64 undone;
	__u64 sampled;
	__u64 deferred;
	__u64 close_retries;
	__u64 misused;
	__u64 faults;
	__u64 tracked;
	__u64 held_max_ms;
	__u64 leaks;
	__u64 huge_pages;
	__u64 carved;
	/* Of pools with max or reserve; else 0. */
	__u64 waiting;
	__u64 waits;
	__u64 wait_ns;
	__u64 wait_max_ns;
	__u64 waiting_ns;
	__u64 wait_oldest_ns;
	__u64 timeouts;
	__u64 interrupted;
	__u64 exhausted;
	__u64 overflow;
	__u64 sweeps;
	__u64 existing_peak;
	__u64 waiting_peak;
	__u64 reserve_used;
	bool sent[KPOOL_A_STATS_MAX + 1];	/* by attribute: whether the kernel gave it */
	struct kp_cpu *cpus;		/* those that used the pool, if they were asked for */
	size_t n_cpus;
	struct kp_node *nodes;		/* if CPUs were asked for */
	size_t n_nodes;
	struct kp_wait_class *wait_classes;	/* those that have any */
	size_t n_wait_classes;
};

/* A class of a set of buffers. */
struct kp_class {
	__u64 pool_id;			/* 0: its pool has ended */
	__u64 backing;			/* of enum kpool_backing */
	__u64 size;
	__u64 footprint;
	__u64 existing;
	__u64 in_use;
	__u64 idle;
	__u64 vmalloced;
	__u64 gets;
	__u64 misses;
	__u64 asked_bytes;
	__u64 given_bytes;
	__u64 memory;
	__u64 waste;			/* thousandths of what was given */
};

/* How many of the sampled requests of a set were of about a size. */
struct kp_bucket {
	__u64 up_to;			/* the largest; 0: any */
	__u64 samples;
};

/* A set of buffers as set-get describes it, and what its classes have together. */
struct kp_set {
	__u64 id;
	char name[KP_SET_NAME_LEN];
	char owner[KP_OWNER_LEN];	/* "" if built into the kernel */
	__u64 state;			/* of enum kpool_state */
	__u64 checked;			/* 0 or 1 */
	__u64 existing;
	__u64 in_use;
	__u64 idle;
	__u64 memory;			/* with oversize */
	__u64 overhead;
	__u64 gets;
	__u64 misses;
	__u64 asked_bytes;
	__u64 given_bytes;
	__u64 waste;			/* thousandths of what was given */
	__u64 max_idle_bytes;
	__u64 idle_bytes;
	__u64 in_use_bytes;
	__u64 misused;
	__u64 sample_interval;
	__u64 oversize_gets;
	__u64 oversize_puts;
	__u64 oversize_bytes;
	__u64 oversize_failures;
	__u64 oversize_memory;
	struct kp_class *classes;	/* the smallest first */
	size_t n_classes;
	struct kp_bucket *buckets;	/* those that have any, the smallest first */
	size_t n_buckets;
};

/* An object in use, as holders-get describes it. */
struct kp_holder {
	__u64 id;			/* of the pool */
	char name[KP_NAME_LEN];		/* of the pool */
	__u64 number;			/* of the object */
	__u64 held_ms;
	__u64 pid;			/* 0: an interrupt */
	char comm[KP_COMM_LEN];
	char caller[KP_FUNCTION_LEN];	/* "" if unknown */
	char **stack;			/* the function that was called last comes first */
	size_t n_stack;
};

/* A get that waits, as waiters-get describes it. */
struct kp_waiter {
	__u64 id;			/* of the pool */
	char name[KP_NAME_LEN];		/* of the pool */
	__u64 wait_ns;
	__u64 pid;
	char comm[KP_COMM_LEN];
	__u64 wanted;
	__u64 got;
};

/* What a field's value is, which decides how it is shown. */
enum kp_kind {
	KP_TEXT,
	KP_LEVEL,		/* goes up and down */
	KP_COUNTER,		/* only goes up */
	KP_BELOW_NS,		/* nanoseconds; all ones: any time */
	KP_BYTES,
	KP_BYTES_COUNTER,	/* bytes; only goes up */
	KP_BYTES_LIMIT,		/* 0: no limit */
	KP_CAPACITY,		/* bytes, which a person wants to know exactly */
	KP_UP_TO,		/* the same; 0: any number of them */
	KP_SHARE,		/* thousandths, shown as per cent */
	KP_NUMBER,		/* of a pool; 0: there is none */
	KP_SET,			/* number of a set of buffers; 0: of none */
	KP_RANGE,		/* bytes of a part of an object; 0: there is none */
	KP_FAULT,		/* each how many-th fails; 0: none */
	KP_ONE_IN,		/* one in so many; 0: none */
	/* Those from here on to KP_MAGAZINE are limits, which can be changed. */
	KP_LIMIT,		/* 0 and KP_NONE: no limit */
	KP_MAX_IDLE,		/* 0: no limit, KP_NONE: nothing */
	KP_FLOOR,		/* objects that are kept */
	KP_MAGAZINE,		/* objects; asked for, 0: as many as fit */
	KP_NODE,		/* KP_NONE: any */
	KP_YES,			/* 0 or 1 */
	KP_SINCE,		/* milliseconds of CLOCK_BOOTTIME; 0: never */
	KP_STATE,
	KP_BACKING,
	KP_ZONE,
	KP_FLAGS,
};

/* Describes a field of one of the structs above; tables of them end with a NULL name. */
struct kp_field {
	const char *name;
	enum kp_kind kind;
	__u16 attr;		/* the netlink attribute; 0: it is computed */
	__u16 offset;
	__u16 size;
	const char *what;	/* for a person */
};

extern const struct kp_field kp_pool_fields[];
extern const struct kp_field kp_stats_fields[];
extern const struct kp_field kp_cpu_fields[];
extern const struct kp_field kp_node_fields[];
extern const struct kp_field kp_wait_class_fields[];
extern const struct kp_field kp_set_fields[];
extern const struct kp_field kp_class_fields[];
extern const struct kp_field kp_bucket_fields[];
extern const struct kp_field kp_holder_fields[];
extern const struct kp_field kp_waiter_fields[];

static inline __u64 kp_number(const struct kp_field *field, const void *item)
{
	return *(const __u64 *)((const char *)item + field->offset);
}

static inline const char *kp_text(const struct kp_field *field, const void *item)
{
	return (const char *)item + field->offset;
}

static inline bool kp_is_limit(const struct kp_field *field)
{
	return field->kind >= KP_LIMIT && field->kind <= KP_MAGAZINE;
}

/* The same for sets of buffers. */
static inline bool kp_is_set_limit(const struct kp_field *field)
{
	return field->kind == KP_BYTES_LIMIT;
}

/* A connection to the kernel. */
struct kp;

/* Names a pool or a set in a request: by its name, or, where that is NULL, by its id. */
struct kp_which {
	__u32 id;
	const char *name;
};

/* A limit that is to be changed. */
struct kp_limit {
	const struct kp_field *field;	/* of kp_pool_fields or of kp_set_fields */
	__u64 value;
};

enum kp_event {
	KP_PRESENT,		/* was there when the listening began */
	KP_CREATED,
	KP_CHANGED,		/* its limits */
	KP_LEAK,		/* objects are held for too long */
	KP_EXHAUSTED,		/* gets wait or fail */
	KP_RECOVERED,		/* and this is over */
	KP_TIMEOUT,		/* waits ended because their time was up */
	KP_PRESSURE,		/* idle objects went for want of memory */
	KP_DETACHED,
	KP_GONE,
	KP_LOST,		/* events were lost; there is no pool with this one */
};

int kp_open(struct kp **kp);
void kp_close(struct kp *kp);
const char *kp_message(const struct kp *kp);

int kp_pools(struct kp *kp, const struct kp_which *which, struct kp_pool **pools, size_t *n);
int kp_stats(struct kp *kp, const struct kp_which *which, bool percpu, struct kp_stats **stats,
	     size_t *n);
void kp_stats_free(struct kp_stats *stats, size_t n);
int kp_sets(struct kp *kp, const struct kp_which *which, struct kp_set **sets, size_t *n);
void kp_sets_free(struct kp_set *sets, size_t n);

/* All pools and sets; each array is ordered by id. */
struct kp_all {
	struct kp_pool *pools;
	struct kp_stats *stats;
	struct kp_set *sets;
	size_t n_pools, n_stats, n_sets;
};

int kp_all_get(struct kp *kp, bool percpu, struct kp_all *all);
void kp_all_free(struct kp_all *all);
void *kp_find(__u64 id, const void *items, size_t n, size_t size);
const struct kp_pool *kp_all_pool(const struct kp_all *all, __u64 id);
const struct kp_stats *kp_all_stats(const struct kp_all *all, __u64 id);
const struct kp_set *kp_all_set(const struct kp_all *all, __u64 id);

/* The most faults that a pool can have. */
#define KP_FAULTS_MOST	8

/* A call that fails on purpose. */
struct kp_fault {
	const struct kp_field *field;	/* of kp_pool_fields, a KP_FAULT */
	__u32 one_in;			/* 0: none fails */
};

/* Changes of the checks and faults of a pool. */
struct kp_debug {
	int on;			/* -1: as before */
	long long held_ms;	/* -1: as before */
	struct kp_fault faults[KP_FAULTS_MOST];	/* others stay as before */
	size_t n_faults;
};

int kp_debug(struct kp *kp, const struct kp_which *which, const struct kp_debug *change);
int kp_set(struct kp *kp, const struct kp_which *which, const struct kp_limit *limits, size_t n);

int kp_holders(struct kp *kp, const struct kp_which *which, struct kp_holder **holders, size_t *n);
void kp_holders_free(struct kp_holder *holders, size_t n);
int kp_waiters(struct kp *kp, const struct kp_which *which, struct kp_waiter **waiters, size_t *n);

/* Changes of tracking. */
struct kp_track {
	long long one_in;	/* one get in so many; 0: none; -1: as before */
	long long leak_ms;	/* -1: as before */
};

int kp_track(struct kp *kp, const struct kp_which *which, const struct kp_track *change);
int kp_trim(struct kp *kp, const struct kp_which *which, __u64 *trimmed);
int kp_reset_peaks(struct kp *kp, const struct kp_which *which);

int kp_listen(struct kp *kp, bool present,
	      bool (*on_event)(enum kp_event event, const struct kp_pool *pool, void *arg),
	      void *arg);

#endif /* KP_H */
