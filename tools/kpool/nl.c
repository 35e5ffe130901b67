// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asking the kernel: connection, requests, answers, and what it says when it
 * refuses.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/genetlink.h>
#include <netlink/genl/ctrl.h>
#include <netlink/genl/genl.h>
#include <netlink/netlink.h>

#include "kp.h"
#include "nl.h"

/* The last attribute of any nest, of which that of a class has most. */
#define NESTED_LAST	KPOOL_A_CLASS_MAX

/**
 * kp_fail() - note why something cannot be had
 * @kp: the connection
 * @err: negative errno
 * @fmt: the reason
 *
 * Return: @err.
 */
int kp_fail(struct kp *kp, int err, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(kp->message, sizeof(kp->message), fmt, args);
	va_end(args);
	return err;
}

/* As kp_fail(), for what libnl says. */
static int nl_fail(struct kp *kp, int err)
{
	return kp_fail(kp, -EIO, "netlink: %s", nl_geterror(err));
}

/**
 * kp_message() - why the last call failed, for a person
 * @kp: the connection
 */
const char *kp_message(const struct kp *kp)
{
	return kp->message;
}

static int no_family(struct kp *kp)
{
	if (access("/sys/module/kpool", F_OK) == 0)
		return kp_fail(kp, -ENOENT,
			       "the kernel does not offer it here: only in the initial network namespace");
	return kp_fail(kp, -ENOENT, "the module is not loaded, and could not be (modprobe kpool)");
}

/**
 * kp_open() - connect to the kernel
 * @kp: where the connection goes; there is one for kp_message() on failure too,
 *	unless it is NULL then
 *
 * The kernel loads the module if it has to and can.
 *
 * Return: 0, or a negative errno: -ENOENT if the kernel does not have kpool.
 */
int kp_open(struct kp **kpp)
{
	const int on = 1;
	struct kp *kp;
	int err;

	kp = *kpp = calloc(1, sizeof(*kp));
	if (!kp)
		return -ENOMEM;
	kp->sk = nl_socket_alloc();
	if (!kp->sk)
		return kp_fail(kp, -ENOMEM, "out of memory");
	err = genl_connect(kp->sk);
	if (err)
		return nl_fail(kp, err);
	/* Reasons come with refusals; older kernels have none. Messages may be of any size. */
	setsockopt(nl_socket_get_fd(kp->sk), SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	nl_socket_enable_msg_peek(kp->sk);

	kp->family = genl_ctrl_resolve(kp->sk, KPOOL_FAMILY_NAME);
	if (kp->family == -NLE_OBJ_NOTFOUND)
		return no_family(kp);
	return kp->family < 0 ? nl_fail(kp, kp->family) : 0;
}

/**
 * kp_close() - end a connection
 * @kp: the connection, as kp_open() left it; or NULL
 */
void kp_close(struct kp *kp)
{
	if (!kp)
		return;
	if (kp->sk)
		nl_socket_free(kp->sk);
	free(kp);
}

/* The reason that comes with a refusal: attributes that begin at data. */
static void note_reason(struct kp *kp, int err, void *data, int len)
{
	struct nlattr *tb[NLMSGERR_ATTR_MAX + 1];

	if (len > 0 && !nla_parse(tb, NLMSGERR_ATTR_MAX, data, len, NULL) &&
	    tb[NLMSGERR_ATTR_MSG])
		kp_fail(kp, err, "%.*s", nla_len(tb[NLMSGERR_ATTR_MSG]),
			(char *)nla_data(tb[NLMSGERR_ATTR_MSG]));
	else
		kp_fail(kp, err, "%s", strerror(-err));
}

struct request {
	struct kp *kp;
	int (*on_answer)(struct nlmsghdr *nlh, void *arg);
	void *arg;
	bool done;
	int err;
};

static int on_error(struct sockaddr_nl *from, struct nlmsgerr *e, void *arg)
{
	struct request *r = arg;
	/* The header of what was asked stands in the answer, and all of it unless capped. */
	struct nlmsghdr *nlh = (struct nlmsghdr *)((char *)e - NLMSG_HDRLEN);
	size_t skip = sizeof(*e);

	(void)from;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += e->msg.nlmsg_len - sizeof(e->msg);
	skip = NLMSG_ALIGN(skip);
	r->err = e->error;
	r->done = true;
	note_reason(r->kp, e->error, (char *)e + skip, (int)(nlmsg_datalen(nlh) - skip));
	return NL_STOP;
}

static int on_ack(struct nl_msg *msg, void *arg)
{
	struct request *r = arg;

	(void)msg;
	r->done = true;
	return NL_STOP;
}

/* The end of a dump carries its error, if there was one. */
static int on_finish(struct nl_msg *msg, void *arg)
{
	struct nlmsghdr *nlh = nlmsg_hdr(msg);
	struct request *r = arg;
	int err = 0;

	r->done = true;
	if (nlmsg_datalen(nlh) >= (int)sizeof(err))
		memcpy(&err, nlmsg_data(nlh), sizeof(err));
	if (err < 0) {
		r->err = err;
		note_reason(r->kp, err, (char *)nlmsg_data(nlh) + NLMSG_ALIGN(sizeof(err)),
			    nlmsg_datalen(nlh) - (int)NLMSG_ALIGN(sizeof(err)));
	}
	return NL_STOP;
}

static int on_valid(struct nl_msg *msg, void *arg)
{
	struct request *r = arg;

	r->err = r->on_answer(nlmsg_hdr(msg), r->arg);
	if (!r->err)
		return NL_OK;
	kp_fail(r->kp, r->err, "%s", strerror(-r->err));
	return NL_STOP;
}

/* Receives what answers a request, up to its end. */
static int receive(struct request *r)
{
	struct nl_cb *cb = nl_cb_alloc(NL_CB_DEFAULT);
	int err = 0;

	if (!cb)
		return kp_fail(r->kp, -ENOMEM, "out of memory");
	nl_cb_err(cb, NL_CB_CUSTOM, on_error, r);
	nl_cb_set(cb, NL_CB_ACK, NL_CB_CUSTOM, on_ack, r);
	nl_cb_set(cb, NL_CB_FINISH, NL_CB_CUSTOM, on_finish, r);
	nl_cb_set(cb, NL_CB_VALID, NL_CB_CUSTOM, on_valid, r);
	while (!r->done && !r->err && err >= 0)
		err = nl_recvmsgs(r->kp->sk, cb);
	nl_cb_put(cb);
	if (r->err)
		return r->err;
	return r->done ? 0 : nl_fail(r->kp, err);
}

static struct nl_msg *new_request(struct kp *kp, __u8 cmd, const struct kp_which *which,
				  bool percpu)
{
	struct nl_msg *msg = nlmsg_alloc();

	if (!msg || !genlmsg_put(msg, NL_AUTO_PORT, NL_AUTO_SEQ, kp->family, 0,
				 which ? 0 : NLM_F_DUMP, cmd, KPOOL_FAMILY_VERSION) ||
	    /* All commands name a pool or set by the same attributes. */
	    (which && which->name && nla_put_string(msg, KPOOL_A_POOL_NAME, which->name)) ||
	    (which && !which->name && nla_put_u32(msg, KPOOL_A_POOL_ID, which->id)) ||
	    (percpu && nla_put_flag(msg, KPOOL_A_STATS_PERCPU))) {
		nlmsg_free(msg);
		return NULL;
	}
	return msg;
}

/* Sends a request, which is freed; NULL: there was no memory for it. */
static int send_request(struct request *r, struct nl_msg *msg)
{
	int err;

	if (!msg)
		return kp_fail(r->kp, -ENOMEM, "out of memory");
	err = nl_send_auto(r->kp->sk, msg);
	nlmsg_free(msg);
	return err < 0 ? nl_fail(r->kp, err) : receive(r);
}

static int no_answer(struct nlmsghdr *nlh, void *arg)
{
	(void)nlh;
	(void)arg;
	return -EBADMSG;
}

/**
 * kp_dump() - ask for a dump
 * @kp: the connection
 * @cmd: the command
 * @which: the pool that is meant; NULL: all
 * @on_answer: is called for each message
 * @arg: its argument
 *
 * Return: 0, or a negative errno.
 */
int kp_dump(struct kp *kp, __u8 cmd, const struct kp_which *which,
	    int (*on_answer)(struct nlmsghdr *nlh, void *arg), void *arg)
{
	struct request r = { .kp = kp, .on_answer = on_answer, .arg = arg };
	struct nl_msg *msg = new_request(kp, cmd, which, false);

	if (msg)
		nlmsg_hdr(msg)->nlmsg_flags |= NLM_F_DUMP;
	return send_request(&r, msg);
}

/**
 * kp_request() - make a request that is about one pool
 * @kp: the connection
 * @cmd: the command
 * @which: the pool
 * @numbers: attributes of the request
 * @n: how many
 * @on_answer: is called for the answer; NULL: the kernel only acknowledges
 * @arg: its argument
 *
 * Return: 0, or a negative errno.
 */
int kp_request(struct kp *kp, __u8 cmd, const struct kp_which *which,
	       const struct kp_number_attr *numbers, size_t n,
	       int (*on_answer)(struct nlmsghdr *nlh, void *arg), void *arg)
{
	struct request r = { .kp = kp, .on_answer = on_answer ?: no_answer, .arg = arg };
	struct nl_msg *msg = new_request(kp, cmd, which, false);
	int err = 0;

	for (size_t i = 0; msg && i < n && !err; i++)
		err = nla_put_u32(msg, numbers[i].attr, numbers[i].value);
	if (err) {
		nlmsg_free(msg);
		msg = NULL;
	}
	return send_request(&r, msg);
}

/**
 * kp_explain() - give a reason to refusals that have none
 * @kp: the connection
 * @err: what a request returned
 * @what: what may not or cannot be done, as a person says it
 *
 * Return: @err.
 */
int kp_explain(struct kp *kp, int err, const char *what)
{
	if (err == -EPERM)
		kp_fail(kp, err, "only who has CAP_NET_ADMIN, as root has, may %s", what);
	else if (err == -EOPNOTSUPP && !strcmp(kp->message, strerror(EOPNOTSUPP)))
		kp_fail(kp, err, "the module that is loaded is too old to %s", what);
	return err;
}

static int ask(struct kp *kp, __u8 cmd, const struct kp_which *which, bool percpu,
	       int (*on_answer)(struct nlmsghdr *nlh, void *arg), void *arg)
{
	struct request r = { .kp = kp, .on_answer = on_answer, .arg = arg };

	return send_request(&r, new_request(kp, cmd, which, percpu));
}

/**
 * kp_read_fields() - read the attributes of a message or a nest
 * @field: the fields, up to one without a name
 * @tb: the attributes by number. Those that are no field are a newer kernel's.
 * @item: receives the values
 */
void kp_read_fields(const struct kp_field *field, struct nlattr **tb, void *item)
{
	struct nlattr *attr;
	__u64 *number;

	for (; field->name; field++) {
		attr = field->attr ? tb[field->attr] : NULL;
		if (!attr)
			continue;
		if (field->kind == KP_TEXT) {
			nla_strlcpy((char *)item + field->offset, attr, field->size);
			continue;
		}
		number = (__u64 *)((char *)item + field->offset);
		if (nla_len(attr) >= (int)sizeof(__u64))
			*number = nla_get_u64(attr);
		else if (nla_len(attr) >= (int)sizeof(__u32))
			*number = nla_get_u32(attr);
		else
			*number = 1;	/* a flag */
	}
}

/**
 * kp_read_pool() - what a message of pool-get or of an event says
 * @nlh: the message
 * @pool: where it goes
 *
 * Return: 0, or a negative errno.
 */
int kp_read_pool(struct nlmsghdr *nlh, struct kp_pool *pool)
{
	struct nlattr *tb[KPOOL_A_POOL_LAST + 1];

	if (genlmsg_parse(nlh, 0, tb, KPOOL_A_POOL_LAST, NULL))
		return -EBADMSG;
	*pool = (struct kp_pool){ .node = KP_NONE };
	kp_read_fields(kp_pool_fields, tb, pool);
	if (tb[KPOOL_A_POOL_WAITING])
		pool->waiting = nla_get_u64(tb[KPOOL_A_POOL_WAITING]);
	if (tb[KPOOL_A_POOL_TIMEOUTS])
		pool->timeouts = nla_get_u64(tb[KPOOL_A_POOL_TIMEOUTS]);
	return 0;
}

/**
 * kp_one_more() - make room for one more item in an array
 * @items: the array
 * @n: how many items it has
 * @size: of an item
 *
 * Return: the new item, zeroed, or NULL without memory.
 */
void *kp_one_more(void **items, size_t *n, size_t size)
{
	char *more;

	/* Doubles at each power of two. */
	if ((*n & (*n - 1)) == 0) {
		more = reallocarray(*items, *n ? *n * 2 : 1, size);
		if (!more)
			return NULL;
		*items = more;
	}
	more = (char *)*items + (*n)++ * size;
	return memset(more, 0, size);
}

struct pools {
	void *at;
	size_t n;
};

/*
 * A pool with many CPUs, or a set with many classes, comes in several messages, one after the
 * other. So a message is about the last item, or about a new one. Items begin with their id.
 */
static void *last_or_new(struct pools *found, __u64 id, size_t size)
{
	char *last = found->n ? (char *)found->at + (found->n - 1) * size : NULL;

	if (last && *(__u64 *)last == id)
		return last;
	return kp_one_more(&found->at, &found->n, size);
}

static int add_pool(struct nlmsghdr *nlh, void *arg)
{
	struct pools *pools = arg;
	struct kp_pool *pool = kp_one_more(&pools->at, &pools->n, sizeof(*pool));

	return pool ? kp_read_pool(nlh, pool) : -ENOMEM;
}

/**
 * kp_pools() - ask what pools there are
 * @kp: the connection
 * @which: the one that is meant; NULL: all
 * @pools: where they go, ordered by id; the caller frees them with free()
 * @n: how many
 *
 * Return: 0, or a negative errno: -ENOENT if there is no such pool.
 */
int kp_pools(struct kp *kp, const struct kp_which *which, struct kp_pool **pools, size_t *n)
{
	struct pools found = { NULL, 0 };
	int err = ask(kp, KPOOL_CMD_POOL_GET, which, false, add_pool, &found);

	if (err)
		free(found.at);
	*pools = err ? NULL : found.at;
	*n = err ? 0 : found.n;
	return err;
}

/* An item of a list that comes as nests. */
static int add_nested(void **items, size_t *n, size_t size, const struct kp_field *fields,
		      struct nlattr *nest)
{
	struct nlattr *tb[NESTED_LAST + 1];
	void *item;

	if (nla_parse_nested(tb, NESTED_LAST, nest, NULL))
		return -EBADMSG;
	item = kp_one_more(items, n, size);
	if (!item)
		return -ENOMEM;
	kp_read_fields(fields, tb, item);
	return 0;
}

static int add_list_item(struct kp_stats *stats, struct nlattr *attr)
{
	switch (nla_type(attr)) {
	case KPOOL_A_STATS_CPU:
		return add_nested((void **)&stats->cpus, &stats->n_cpus, sizeof(*stats->cpus),
				  kp_cpu_fields, attr);
	case KPOOL_A_STATS_NODE:
		return add_nested((void **)&stats->nodes, &stats->n_nodes, sizeof(*stats->nodes),
				  kp_node_fields, attr);
	case KPOOL_A_STATS_WAIT_CLASS:
		return add_nested((void **)&stats->wait_classes, &stats->n_wait_classes,
				  sizeof(*stats->wait_classes), kp_wait_class_fields, attr);
	default:
		return 0;
	}
}

static int add_stats(struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[KPOOL_A_STATS_MAX + 1], *attr;
	struct kp_stats *stats;
	int left, err;

	if (genlmsg_parse(nlh, 0, tb, KPOOL_A_STATS_MAX, NULL) || !tb[KPOOL_A_STATS_ID])
		return -EBADMSG;
	stats = last_or_new(arg, nla_get_u32(tb[KPOOL_A_STATS_ID]), sizeof(*stats));
	if (!stats)
		return -ENOMEM;
	kp_read_fields(kp_stats_fields, tb, stats);
	for (size_t i = 0; i < ARRAY_SIZE(stats->sent); i++)
		stats->sent[i] |= !!tb[i];
	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, left) {
		err = add_list_item(stats, attr);
		if (err)
			return err;
	}
	return 0;
}

/**
 * kp_stats() - ask for figures
 * @kp: the connection
 * @which: the pool that is meant; NULL: all
 * @percpu: each CPU's share too
 * @stats: where they go, ordered by id; the caller frees them with kp_stats_free()
 * @n: of how many pools
 *
 * Return: 0, or a negative errno: -ENOENT if there is no such pool.
 */
int kp_stats(struct kp *kp, const struct kp_which *which, bool percpu, struct kp_stats **stats,
	     size_t *n)
{
	struct pools found = { NULL, 0 };
	int err = ask(kp, KPOOL_CMD_STATS_GET, which, percpu, add_stats, &found);

	if (err) {
		kp_stats_free(found.at, found.n);
		found = (struct pools){ NULL, 0 };
	}
	*stats = found.at;
	*n = found.n;
	return err;
}

/**
 * kp_stats_free() - free what kp_stats() gave
 * @stats: the figures
 * @n: of how many pools
 */
void kp_stats_free(struct kp_stats *stats, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(stats[i].cpus);
		free(stats[i].nodes);
		free(stats[i].wait_classes);
	}
	free(stats);
}

static int add_set_item(struct kp_set *set, struct nlattr *attr)
{
	switch (nla_type(attr)) {
	case KPOOL_A_SET_CLASS:
		return add_nested((void **)&set->classes, &set->n_classes, sizeof(*set->classes),
				  kp_class_fields, attr);
	case KPOOL_A_SET_BUCKET:
		return add_nested((void **)&set->buckets, &set->n_buckets, sizeof(*set->buckets),
				  kp_bucket_fields, attr);
	default:
		return 0;
	}
}

static int add_set(struct nlmsghdr *nlh, void *arg)
{
	struct nlattr *tb[KPOOL_A_SET_MAX + 1], *attr;
	struct kp_set *set;
	int left, err;

	if (genlmsg_parse(nlh, 0, tb, KPOOL_A_SET_MAX, NULL) || !tb[KPOOL_A_SET_ID])
		return -EBADMSG;
	set = last_or_new(arg, nla_get_u32(tb[KPOOL_A_SET_ID]), sizeof(*set));
	if (!set)
		return -ENOMEM;
	kp_read_fields(kp_set_fields, tb, set);
	nlmsg_for_each_attr(attr, nlh, GENL_HDRLEN, left) {
		err = add_set_item(set, attr);
		if (err)
			return err;
	}
	return 0;
}

static __u64 waste_of(__u64 asked, __u64 given)
{
	return given > asked ? (__u64)((double)(given - asked) / (double)given * 1000 + 0.5) : 0;
}

/* What the kernel does not say, as it follows from the rest. */
static void sum_up(struct kp_set *set)
{
	struct kp_class *class;

	for (class = set->classes; class < set->classes + set->n_classes; class++) {
		class->waste = waste_of(class->asked_bytes, class->given_bytes);
		set->existing += class->existing;
		set->in_use += class->in_use;
		set->idle += class->idle;
		set->gets += class->gets;
		set->misses += class->misses;
	}
	set->waste = waste_of(set->asked_bytes, set->given_bytes);
}

/**
 * kp_sets() - ask what sets of buffers there are
 * @kp: the connection
 * @which: the one that is meant; NULL: all
 * @sets: where they go, ordered by id; the caller frees them with kp_sets_free()
 * @n: how many
 *
 * Return: 0, or a negative errno: -ENOENT if there is no such set, -EOPNOTSUPP if the module
 * that is loaded is too old to say.
 */
int kp_sets(struct kp *kp, const struct kp_which *which, struct kp_set **sets, size_t *n)
{
	struct pools found = { NULL, 0 };
	int err = ask(kp, KPOOL_CMD_SET_GET, which, false, add_set, &found);

	*sets = found.at;
	*n = found.n;
	if (err == -EOPNOTSUPP)
		kp_fail(kp, err, "the module that is loaded is too old to tell of sets of buffers");
	if (err) {
		kp_sets_free(*sets, *n);
		*sets = NULL;
		*n = 0;
	}
	for (size_t i = 0; i < *n; i++)
		sum_up(&(*sets)[i]);
	return err;
}

/**
 * kp_sets_free() - free what kp_sets() gave
 * @sets: the sets
 * @n: how many
 */
void kp_sets_free(struct kp_set *sets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(sets[i].classes);
		free(sets[i].buckets);
	}
	free(sets);
}

static struct nl_msg *new_set_request(struct kp *kp, const struct kp_which *which,
				      const struct kp_limit *limits, size_t n)
{
	__u8 cmd = kp_is_set_limit(limits[0].field) ? KPOOL_CMD_SET_SET : KPOOL_CMD_POOL_SET;
	struct nl_msg *msg = new_request(kp, cmd, which, false);
	int err = 0;

	for (size_t i = 0; msg && i < n && !err; i++)
		err = kp_is_set_limit(limits[i].field) ?
		      nla_put_u64(msg, limits[i].field->attr, limits[i].value) :
		      nla_put_u32(msg, limits[i].field->attr, (__u32)limits[i].value);
	if (!err)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/**
 * kp_set() - change limits of a pool or of a set
 * @kp: the connection
 * @which: the pool or the set
 * @limits: which ones, and what they are to be; all of pools, or all of sets
 * @n: how many, at least one
 *
 * All are changed, or none.
 *
 * Return: 0, or a negative errno: -EPERM without CAP_NET_ADMIN.
 */
int kp_set(struct kp *kp, const struct kp_which *which, const struct kp_limit *limits, size_t n)
{
	struct request r = { .kp = kp, .on_answer = no_answer };
	int err = send_request(&r, new_set_request(kp, which, limits, n));

	return kp_explain(kp, err, "change limits");
}

static struct nl_msg *new_debug_request(struct kp *kp, const struct kp_which *which,
					const struct kp_debug *change)
{
	struct nl_msg *msg = new_request(kp, KPOOL_CMD_POOL_DEBUG, which, false);
	int err = 0;

	if (msg && change->on >= 0)
		err = nla_put_u8(msg, KPOOL_A_POOL_DEBUG, change->on);
	if (msg && change->held_ms >= 0 && !err)
		err = nla_put_u32(msg, KPOOL_A_POOL_HELD_MS, (__u32)change->held_ms);
	for (size_t i = 0; msg && i < change->n_faults && !err; i++)
		err = nla_put_u32(msg, change->faults[i].field->attr, change->faults[i].one_in);
	if (!err)
		return msg;
	nlmsg_free(msg);
	return NULL;
}

/**
 * kp_debug() - begin or end the checks of a pool, and faults
 * @kp: the connection
 * @which: the pool
 * @change: what changes
 *
 * Return: 0, or a negative errno: -EPERM without CAP_NET_ADMIN.
 */
int kp_debug(struct kp *kp, const struct kp_which *which, const struct kp_debug *change)
{
	struct request r = { .kp = kp, .on_answer = no_answer };
	int err = send_request(&r, new_debug_request(kp, which, change));

	return kp_explain(kp, err, "debug a pool");
}
