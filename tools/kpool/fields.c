// SPDX-License-Identifier: GPL-2.0-only
/* The fields of what the kernel says: one line each, which parsers and printers follow. */
#include "kp.h"

#define FIELD(type, name, kind, attr, what)	\
	{ #name, kind, attr, offsetof(struct type, name), sizeof(((struct type *)0)->name), what }
#define POOL(NAME, name, kind, what)	\
	FIELD(kp_pool, name, kind, KPOOL_A_POOL_ ## NAME, what)
#define STATS(NAME, name, kind, what)	\
	FIELD(kp_stats, name, kind, KPOOL_A_STATS_ ## NAME, what)
#define CPU(NAME, name, kind, what)	\
	FIELD(kp_cpu, name, kind, KPOOL_A_CPU_STATS_ ## NAME, what)
#define NODE(NAME, name, kind, what)	\
	FIELD(kp_node, name, kind, KPOOL_A_NODE_STATS_ ## NAME, what)
#define SET(NAME, name, kind, what)	\
	FIELD(kp_set, name, kind, KPOOL_A_SET_ ## NAME, what)
#define CLASS(NAME, name, kind, what)	\
	FIELD(kp_class, name, kind, KPOOL_A_CLASS_ ## NAME, what)
#define HOLDER(NAME, name, kind, what)	\
	FIELD(kp_holder, name, kind, KPOOL_A_HOLDER_ ## NAME, what)
#define WAITER(NAME, name, kind, what)	\
	FIELD(kp_waiter, name, kind, KPOOL_A_WAITER_ ## NAME, what)
#define BUCKET(NAME, name, kind, what)	\
	FIELD(kp_bucket, name, kind, KPOOL_A_BUCKET_ ## NAME, what)

const struct kp_field kp_pool_fields[] = {
	POOL(ID, id, KP_LEVEL, "number of the pool"),
	POOL(NAME, name, KP_TEXT, "name of the pool"),
	POOL(OWNER, owner, KP_TEXT, "module that created it"),
	POOL(STATE, state, KP_STATE, "live, dying, or detached: destroyed with objects in use"),
	POOL(BYPASSED, bypassed, KP_YES, "keeps nothing just now"),
	POOL(CREATE_TIME, create_time, KP_SINCE, "when it was created"),
	POOL(DETACH_TIME, detach_time, KP_SINCE, "when it was detached"),
	POOL(EXISTING, existing, KP_LEVEL, "objects that exist"),
	POOL(IN_USE, in_use, KP_LEVEL, "objects that somebody has"),
	POOL(IDLE, idle, KP_LEVEL, "objects that wait for a get"),
	POOL(CLOSING, closing, KP_LEVEL, "objects that are being torn down"),
	POOL(MEMORY, memory, KP_BYTES, "bytes that objects hold, with what they allocated"),
	POOL(OVERHEAD, overhead, KP_BYTES, "bytes that the pool holds besides"),
	POOL(SIZE, size, KP_BYTES, "bytes an object, as asked for"),
	POOL(ALIGN, align, KP_BYTES, "alignment of an object"),
	POOL(FOOTPRINT, footprint, KP_BYTES, "bytes that are taken for an object"),
	POOL(BACKING, backing, KP_BACKING,
	     "slab, pages, vmalloc, kvmalloc: pages or vmalloc, or provider"),
	POOL(ZONE, zone, KP_ZONE, "any, dma or dma32"),
	POOL(NODE, node, KP_NODE, "NUMA node that objects are built on"),
	POOL(USEROFFSET, useroffset, KP_RANGE, "where what may be copied to user space begins"),
	POOL(USERSIZE, usersize, KP_RANGE, "bytes of it"),
	POOL(WIPE_OFFSET, wipe_offset, KP_RANGE, "where what is wiped on each put begins"),
	POOL(WIPE_SIZE, wipe_size, KP_RANGE, "bytes of it"),
	POOL(FLAGS, flags, KP_FLAGS, "what it was created to do beyond the ordinary"),
	POOL(MAGAZINE, magazine, KP_MAGAZINE, "objects in a CPU's magazine, 0: CPUs keep none"),
	POOL(MIN_IDLE, min_idle, KP_FLOOR, "objects that are kept idle"),
	POOL(MAX_IDLE, max_idle, KP_MAX_IDLE, "idle objects never exceed this"),
	POOL(MAX, max, KP_LIMIT, "objects that exist never exceed this"),
	POOL(RESERVE, reserve, KP_FLOOR, "objects that exist are never fewer"),
	POOL(IDLE_MS, idle_ms, KP_LIMIT, "milliseconds that an object may be idle for"),
	POOL(LIFETIME_MS, lifetime_ms, KP_LIMIT, "milliseconds that an object may exist for"),
	POOL(WORKERS, workers, KP_LEVEL, "workers that build and tear down its objects"),
	POOL(DEBUGGED, debugged, KP_YES, "gets and puts are checked now"),
	POOL(HELD_MS, held_ms, KP_NUMBER, "milliseconds of use after which an object is reported"),
	POOL(FAIL_GET, fail_get, KP_FAULT, "gets that fail on purpose"),
	POOL(FAIL_BUILD, fail_build, KP_FAULT, "objects that find no memory on purpose"),
	POOL(FAIL_CTOR, fail_ctor, KP_FAULT, "constructors that fail on purpose"),
	POOL(FAIL_MAGAZINE, fail_magazine, KP_FAULT, "magazines that find no memory on purpose"),
	POOL(FAIL_MESSAGE, fail_message, KP_FAULT, "messages that find no memory on purpose"),
	POOL(TRACK, track, KP_ONE_IN, "gets whose holders are tracked"),
	POOL(LEAK_MS, leak_ms, KP_NUMBER, "milliseconds of use after which it is a leak"),
	POOL(MAGAZINE_ASKED, magazine_asked, KP_LEVEL,
	     "objects in a magazine that somebody asked for, 0: automatic"),
	POOL(SET_ID, set_id, KP_SET, "set of buffers that it is a class of"),
	{ NULL }
};

const struct kp_field kp_stats_fields[] = {
	STATS(ID, id, KP_LEVEL, "number of the pool"),
	STATS(NAME, name, KP_TEXT, "name of the pool"),
	STATS(EXISTING, existing, KP_LEVEL, "objects that exist"),
	STATS(IDLE, idle, KP_LEVEL, "objects that wait for a get"),
	STATS(IN_USE, in_use, KP_LEVEL, "objects that somebody has"),
	STATS(CLOSING, closing, KP_LEVEL, "objects that are being torn down"),
	STATS(BUILDING, building, KP_LEVEL, "objects that are being built"),
	STATS(MAPPED_ONLY, mapped_only, KP_LEVEL, "objects that only mappings in processes keep"),
	STATS(MEMORY, memory, KP_BYTES, "bytes that objects hold, with what they allocated"),
	STATS(OVERHEAD, overhead, KP_BYTES, "bytes that the pool holds besides"),
	STATS(CREATED, created, KP_COUNTER, "objects built"),
	STATS(DESTROYED, destroyed, KP_COUNTER, "objects torn down"),
	STATS(GETS, gets, KP_COUNTER, "objects that gets returned"),
	STATS(PUTS, puts, KP_COUNTER, "objects that puts took"),
	STATS(GET_MISSES, get_misses, KP_COUNTER, "gets that the CPU's magazine could not serve"),
	STATS(PUT_MISSES, put_misses, KP_COUNTER, "puts that the CPU's magazine had no room for"),
	STATS(DEPOT_GETS, depot_gets, KP_COUNTER, "times that a depot gave something"),
	STATS(DEPOT_PUTS, depot_puts, KP_COUNTER, "times that a depot took something"),
	STATS(CONTENDED, contended, KP_COUNTER, "times that a CPU waited for a depot's lock"),
	STATS(SENT_HOME, sent_home, KP_COUNTER, "objects that went to the depot of their node"),
	STATS(BUILD_FAILURES, build_failures, KP_COUNTER, "builds that failed"),
	STATS(CTOR_FAILURES, ctor_failures, KP_COUNTER, "builds that failed in ctor"),
	STATS(BUILT_NOLOCK, built_nolock, KP_COUNTER, "objects built without taking a lock"),
	STATS(TRIMMED, trimmed, KP_COUNTER, "idle objects that ageing and trims tore down"),
	STATS(OVER_MAX_IDLE, over_max_idle, KP_COUNTER, "objects torn down for max_idle"),
	STATS(RECLAIMED, reclaimed, KP_COUNTER, "idle objects torn down for want of memory"),
	STATS(IDLE_EXPIRED, idle_expired, KP_COUNTER, "objects torn down at idle_ms"),
	STATS(LIFETIME_EXPIRED, lifetime_expired, KP_COUNTER, "objects torn down at lifetime_ms"),
	STATS(UNHEALTHY, unhealthy, KP_COUNTER, "objects that check found unhealthy"),
	STATS(DISCARDED, discarded, KP_COUNTER, "objects that their consumer discarded"),
	STATS(SHUT_DOWN, shut_down, KP_COUNTER, "objects torn down at the pool's end"),
	STATS(OVER_MAX, over_max, KP_COUNTER, "objects torn down for a smaller max"),
	STATS(OVERFLOW_ENDED, overflow_ended, KP_COUNTER, "objects torn down beyond max"),
	STATS(NO_MAGAZINE, no_magazine, KP_COUNTER, "objects torn down for want of a magazine"),
	STATS(BYPASS_ENDED, bypass_ended, KP_COUNTER, "objects torn down for bypass"),
	STATS(UNDONE, undone, KP_COUNTER, "objects torn down as others of their get failed"),
	STATS(SAMPLED, sampled, KP_COUNTER, "objects torn down for memory debuggers"),
	STATS(DEFERRED, deferred, KP_COUNTER, "puts and teardowns left to a worker"),
	STATS(CLOSE_RETRIES, close_retries, KP_COUNTER, "CPU caches busy when to be closed"),
	STATS(MISUSED, misused, KP_COUNTER, "wrong uses, where they are checked"),
	STATS(FAULTS, faults, KP_COUNTER, "calls that failed on purpose"),
	STATS(TRACKED, tracked, KP_LEVEL, "objects in use whose holder is known"),
	STATS(HELD_MAX_MS, held_max_ms, KP_LEVEL, "milliseconds since the oldest get of these"),
	STATS(LEAKS, leaks, KP_COUNTER, "objects held for longer than leak_ms"),
	STATS(HUGE_PAGES, huge_pages, KP_LEVEL, "pages of 2 MiB that objects are carved out of"),
	STATS(CARVED, carved, KP_LEVEL, "objects that are carved out of them"),
	STATS(WAITING, waiting, KP_LEVEL, "gets that wait now"),
	STATS(WAITS, waits, KP_COUNTER, "gets that waited"),
	STATS(WAIT_NS, wait_ns, KP_COUNTER, "nanoseconds that gets waited, all together"),
	STATS(WAIT_MAX_NS, wait_max_ns, KP_LEVEL, "nanoseconds of the longest wait"),
	STATS(WAITING_NS, waiting_ns, KP_LEVEL, "nanoseconds that those that wait now have waited"),
	STATS(WAIT_OLDEST_NS, wait_oldest_ns, KP_LEVEL, "nanoseconds that the first of these has"),
	STATS(TIMEOUTS, timeouts, KP_COUNTER, "waits whose time was up"),
	STATS(INTERRUPTED, interrupted, KP_COUNTER, "waits that a signal ended"),
	STATS(EXHAUSTED, exhausted, KP_COUNTER, "times that a get found max objects, none idle"),
	STATS(OVERFLOW, overflow, KP_COUNTER, "objects built beyond max"),
	STATS(SWEEPS, sweeps, KP_COUNTER, "times that CPU caches were closed for gets"),
	STATS(EXISTING_PEAK, existing_peak, KP_LEVEL, "most objects that existed at a time"),
	STATS(WAITING_PEAK, waiting_peak, KP_LEVEL, "most gets that waited at a time"),
	STATS(RESERVE_USED, reserve_used, KP_COUNTER, "gets with an object in spite of no memory"),
	{ NULL }
};

const struct kp_field kp_wait_class_fields[] = {
	FIELD(kp_wait_class, below_ns, KP_BELOW_NS, KPOOL_A_WAIT_CLASS_BELOW_NS, "time"),
	FIELD(kp_wait_class, waits, KP_COUNTER, KPOOL_A_WAIT_CLASS_WAITS, "gets that waited"),
	{ NULL }
};

/* Of oversize the last ones. */
const struct kp_field kp_set_fields[] = {
	SET(ID, id, KP_SET, "number of the set of buffers"),
	SET(NAME, name, KP_TEXT, "name of the set"),
	SET(OWNER, owner, KP_TEXT, "module that created it"),
	SET(STATE, state, KP_STATE, "live, or detached: destroyed with buffers in use"),
	SET(CHECKED, checked, KP_YES, "puts are looked at"),
	FIELD(kp_set, existing, KP_LEVEL, 0, "buffers that exist, in all classes"),
	FIELD(kp_set, in_use, KP_LEVEL, 0, "buffers that somebody has"),
	FIELD(kp_set, idle, KP_LEVEL, 0, "buffers that wait for a get"),
	SET(MEMORY, memory, KP_BYTES, "bytes that buffers hold, with oversize"),
	SET(OVERHEAD, overhead, KP_BYTES, "bytes that the set and its pools hold besides"),
	FIELD(kp_set, gets, KP_COUNTER, 0, "buffers that gets returned"),
	FIELD(kp_set, misses, KP_COUNTER, 0, "gets that the CPU's magazine could not serve"),
	SET(ASKED_BYTES, asked_bytes, KP_BYTES_COUNTER, "bytes that gets asked for, with oversize"),
	SET(GIVEN_BYTES, given_bytes, KP_BYTES_COUNTER, "bytes that gets were given"),
	FIELD(kp_set, waste, KP_SHARE, 0, "of the given bytes nobody asked for"),
	SET(MAX_IDLE_BYTES, max_idle_bytes, KP_BYTES_LIMIT, "idle bytes never exceed this"),
	SET(IDLE_BYTES, idle_bytes, KP_BYTES, "bytes of idle buffers"),
	SET(IN_USE_BYTES, in_use_bytes, KP_BYTES, "bytes of buffers that somebody has"),
	SET(MISUSED, misused, KP_COUNTER, "wrong uses, where they are checked"),
	SET(SAMPLE_INTERVAL, sample_interval, KP_LEVEL, "one get of so many is sampled"),
	SET(OVERSIZE_GETS, oversize_gets, KP_COUNTER, "gets of more than the largest class"),
	SET(OVERSIZE_PUTS, oversize_puts, KP_COUNTER, "puts of oversize buffers"),
	SET(OVERSIZE_BYTES, oversize_bytes, KP_BYTES_COUNTER, "bytes that oversize gets asked for"),
	SET(OVERSIZE_FAILURES, oversize_failures, KP_COUNTER, "oversize gets that failed"),
	SET(OVERSIZE_MEMORY, oversize_memory, KP_BYTES, "bytes that oversize buffers hold"),
	{ NULL }
};

const struct kp_field kp_class_fields[] = {
	CLASS(POOL_ID, pool_id, KP_NUMBER, "number of its pool"),
	CLASS(SIZE, size, KP_CAPACITY, "capacity of a buffer"),
	CLASS(BACKING, backing, KP_BACKING, "where memory comes from"),
	CLASS(FOOTPRINT, footprint, KP_BYTES, "bytes that are taken for a buffer"),
	CLASS(EXISTING, existing, KP_LEVEL, "buffers that exist"),
	CLASS(IN_USE, in_use, KP_LEVEL, "buffers that somebody has"),
	CLASS(IDLE, idle, KP_LEVEL, "buffers that wait for a get"),
	CLASS(VMALLOCED, vmalloced, KP_LEVEL, "buffers of vmalloc() memory"),
	CLASS(GETS, gets, KP_COUNTER, "buffers that gets returned"),
	CLASS(MISSES, misses, KP_COUNTER, "gets that the CPU's magazine could not serve"),
	CLASS(ASKED_BYTES, asked_bytes, KP_BYTES_COUNTER, "bytes that gets asked for"),
	CLASS(GIVEN_BYTES, given_bytes, KP_BYTES_COUNTER, "bytes that gets were given"),
	CLASS(MEMORY, memory, KP_BYTES, "bytes that buffers hold"),
	FIELD(kp_class, waste, KP_SHARE, 0, "of the given bytes nobody asked for"),
	{ NULL }
};

const struct kp_field kp_bucket_fields[] = {
	BUCKET(UP_TO, up_to, KP_UP_TO, "bytes that were asked for"),
	BUCKET(SAMPLES, samples, KP_COUNTER, "sampled gets"),
	{ NULL }
};

const struct kp_field kp_cpu_fields[] = {
	CPU(CPU, cpu, KP_LEVEL, "number of the CPU"),
	CPU(CAPACITY, capacity, KP_LEVEL, "objects in its magazine at most, 0: closed"),
	CPU(IDLE, idle, KP_LEVEL, "objects in its two magazines"),
	CPU(GETS, gets, KP_COUNTER, "objects that gets returned"),
	CPU(PUTS, puts, KP_COUNTER, "objects that puts took"),
	CPU(GET_MISSES, get_misses, KP_COUNTER, "gets that its magazine could not serve"),
	CPU(PUT_MISSES, put_misses, KP_COUNTER, "puts that it had no room for"),
	{ NULL }
};

const struct kp_field kp_node_fields[] = {
	NODE(NODE, node, KP_LEVEL, "number of the node"),
	NODE(IDLE, idle, KP_LEVEL, "objects in its depot"),
	NODE(GETS, gets, KP_COUNTER, "times that its depot gave something"),
	NODE(PUTS, puts, KP_COUNTER, "times that its depot took something"),
	NODE(CONTENDED, contended, KP_COUNTER, "times that a CPU waited for its depot's lock"),
	NODE(SENT_HOME, sent_home, KP_COUNTER, "objects that it gave to the depot of their node"),
	{ NULL }
};

const struct kp_field kp_holder_fields[] = {
	HOLDER(ID, id, KP_LEVEL, "number of the pool"),
	HOLDER(NAME, name, KP_TEXT, "name of the pool"),
	HOLDER(NUMBER, number, KP_LEVEL, "number of the object"),
	HOLDER(HELD_MS, held_ms, KP_LEVEL, "milliseconds since the get"),
	HOLDER(PID, pid, KP_LEVEL, "task that got the object, 0: an interrupt"),
	HOLDER(COMM, comm, KP_TEXT, "name of that task"),
	HOLDER(CALLER, caller, KP_TEXT, "function that called kpool"),
	{ NULL }
};

const struct kp_field kp_waiter_fields[] = {
	WAITER(ID, id, KP_LEVEL, "number of the pool"),
	WAITER(NAME, name, KP_TEXT, "name of the pool"),
	WAITER(WAIT_NS, wait_ns, KP_LEVEL, "nanoseconds since the wait began"),
	WAITER(PID, pid, KP_LEVEL, "task that waits"),
	WAITER(COMM, comm, KP_TEXT, "name of that task"),
	WAITER(WANTED, wanted, KP_LEVEL, "objects that the get wants"),
	WAITER(GOT, got, KP_LEVEL, "objects that it has so far"),
	{ NULL }
};
