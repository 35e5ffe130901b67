// SPDX-License-Identifier: GPL-2.0-only
/*
 * Sends messages to the family that nobody should send, and checks every answer:
 *
 *	fuzz POOLS MESSAGES SEED [UID]
 *
 * Each message is a valid request that was damaged; a few are not damaged. A message that netlink
 * accepts as a request must be answered by netlink's rules, within the time limits. If netlink
 * drops a message without an answer, a valid request after it must be answered. At the end the
 * kernel must describe each pool of the crowd as at the beginning. A program that may set limits
 * removes all limits first, and does not compare the numbers of objects. Prints how often each
 * outcome came.
 *
 * The same seed sends the same messages.
 */
#include <err.h>
#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "nl.h"

#define ROOM		70000
#define COPIES		8
#define RECEIVE		(4 << 20)	/* room for several dumps, so that no ENOBUFS comes */
#define LIMIT		60	/* seconds that 256 messages may take */

static int fd;
static __u16 family;
static unsigned int pools;

static __u64 state;

/* xorshift64* */
static __u32 random32(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return (state * 0x2545f4914f6cdd1dULL) >> 32;
}

static unsigned int below(unsigned int n)
{
	return random32() % n;
}

static bool one_in(unsigned int n)
{
	return !below(n);
}

static struct {
	unsigned char data[ROOM];
	size_t size;
} message;

static struct nlmsghdr *header(void)
{
	return (struct nlmsghdr *)message.data;
}

static struct genlmsghdr *genl_header(void)
{
	return NLMSG_DATA(header());
}

/* An attribute of any contents, if there is room. */
static void put(__u16 type, const void *data, size_t size)
{
	if (header()->nlmsg_len + NLA_HDRLEN + NLA_ALIGN(size) < ROOM - NLMSG_HDRLEN)
		nl_put(message.data, type, data, size);
}

static void put_id(void)
{
	const __u32 some[] = { 1 + below(pools), 0, 1, ~0U, 1U << 31, random32() };
	__u32 id = some[one_in(2) ? 0 : below(6)];

	put(KPOOL_A_POOL_ID, &id, sizeof(id));
}

static void put_name(void)
{
	char name[64];
	size_t i, size;

	if (one_in(2)) {
		size = one_in(4) ? snprintf(name, sizeof(name), "crowd-wide") + 1 :
		       snprintf(name, sizeof(name), "crowd-%u", below(pools + 2)) + 1;
		put(KPOOL_A_POOL_NAME, name, size - one_in(4));
		return;
	}
	size = below(sizeof(name));
	for (i = 0; i < size; i++)
		name[i] = random32();
	if (size && one_in(2))
		name[size - 1] = 0;
	put(KPOOL_A_POOL_NAME, name, size);
}

static void put_limits(void)
{
	const __u32 some[] = { 0, 1, 5, 64, 4096, 4097, ~0U, random32() };
	unsigned int n = below(5);
	__u32 value;

	while (n--) {
		value = some[below(8)];
		put(KPOOL_A_POOL_MAGAZINE + below(KPOOL_A_POOL_LIFETIME_MS + 1 -
						  KPOOL_A_POOL_MAGAZINE), &value, sizeof(value));
	}
}

static void put_set_limits(void)
{
	const __u64 some[] = { 0, 1, 4096, 1 << 20, ~0ULL, random32() };
	__u64 value = some[below(6)];

	put(KPOOL_A_SET_MAX_IDLE_BYTES, &value, sizeof(value));
}

static void put_debug(void)
{
	const __u32 some[] = { 0, 1, 2, 7, ~0U, random32() };
	unsigned int n = below(4);
	__u32 value;
	__u16 attr;

	while (n--) {
		value = some[below(6)];
		attr = KPOOL_A_POOL_HELD_MS + below(KPOOL_A_POOL_FAIL_MESSAGE + 1 -
						    KPOOL_A_POOL_HELD_MS);
		put(attr, &value, attr == KPOOL_A_POOL_DEBUG ? 1 : sizeof(value));
	}
}

static void put_track(void)
{
	const __u32 some[] = { 0, 1, 2, 64, ~0U, random32() };
	unsigned int n = below(3);
	__u32 value;

	while (n--) {
		value = some[below(6)];
		put(one_in(2) ? KPOOL_A_POOL_TRACK : KPOOL_A_POOL_LEAK_MS, &value, sizeof(value));
	}
}

static void begin_valid(void)
{
	static const __u8 gets[] = {
		KPOOL_CMD_POOL_GET, KPOOL_CMD_STATS_GET, KPOOL_CMD_SET_GET,
		KPOOL_CMD_HOLDERS_GET, KPOOL_CMD_WAITERS_GET,
	};
	static const __u8 changes[] = {
		KPOOL_CMD_POOL_SET, KPOOL_CMD_POOL_DEBUG, KPOOL_CMD_POOL_TRACK,
		KPOOL_CMD_POOL_TRIM, KPOOL_CMD_POOL_RESET_PEAKS, KPOOL_CMD_SET_SET,
	};
	const bool set = one_in(3);
	const bool dump = one_in(set ? 32 : 4);
	const __u8 cmd = set ? changes[below(6)] : gets[below(5)];

	memset(message.data, 0, 4096);
	nl_begin(message.data, family, (dump ? NLM_F_DUMP : 0) | (one_in(2) ? NLM_F_ACK : 0), cmd);
	if (dump ? one_in(8) : !one_in(8)) {
		if (one_in(2))
			put_id();
		else
			put_name();
		if (one_in(8))
			put_name();
	}
	if (cmd == KPOOL_CMD_STATS_GET && one_in(2))
		put(KPOOL_A_STATS_PERCPU, NULL, 0);
	if (cmd == KPOOL_CMD_POOL_SET)
		put_limits();
	if (cmd == KPOOL_CMD_SET_SET)
		put_set_limits();
	if (cmd == KPOOL_CMD_POOL_DEBUG)
		put_debug();
	if (cmd == KPOOL_CMD_POOL_TRACK)
		put_track();
}

/* One of the attributes, or NULL. Their lengths may be damaged already. */
static struct nlattr *some_attr(void)
{
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
	struct nlattr *nla, *found = NULL;
	unsigned int n = 0;

	while (at + NLA_HDRLEN <= message.size) {
		nla = (void *)(message.data + at);
		if (one_in(++n))
			found = nla;
		if (nla->nla_len < NLA_HDRLEN)
			break;
		at += NLA_ALIGN(nla->nla_len);
	}
	return found;
}

/* Flips a bit of any byte, except the message type: other families are not tested here. */
static void flip_byte(void)
{
	size_t at = below(message.size);

	if (at < offsetof(struct nlmsghdr, nlmsg_type) ||
	    at >= offsetof(struct nlmsghdr, nlmsg_flags))
		message.data[at] ^= 1 << below(8);
}

static void set_byte(void)
{
	size_t at = below(message.size);

	if (at >= offsetof(struct nlmsghdr, nlmsg_flags))
		message.data[at] = random32();
}

static void set_length(void)
{
	const __u32 some[] = { 0, NLMSG_HDRLEN - 1, NLMSG_HDRLEN, NLMSG_HDRLEN + 1,
			       NLMSG_HDRLEN + GENL_HDRLEN, message.size + 1, ~0U, random32() };

	header()->nlmsg_len = one_in(2) ? below(2 * message.size) : some[below(8)];
}

static void set_flags(void)
{
	header()->nlmsg_flags = random32();
}

static void set_type(void)
{
	/* control messages, the controller of generic netlink, no family */
	header()->nlmsg_type = one_in(2) ? below(NLMSG_MIN_TYPE + 1) : 0xffff;
}

static void set_cmd(void)
{
	genl_header()->cmd = one_in(2) ? below(KPOOL_CMD_MAX + 3) : random32();
}

static void set_version(void)
{
	genl_header()->version = random32();
	genl_header()->reserved = one_in(2) ? random32() : 0;
}

static void set_attr_length(void)
{
	struct nlattr *nla = some_attr();

	if (nla)
		nla->nla_len = one_in(2) ? below(64) : random32();
}

static void set_attr_type(void)
{
	struct nlattr *nla = some_attr();

	if (!nla)
		return;
	if (one_in(2))
		nla->nla_type ^= one_in(2) ? NLA_F_NESTED : NLA_F_NET_BYTEORDER;
	else
		nla->nla_type = one_in(2) ? below(48) : random32();
}

static void set_size(size_t size)
{
	if (size > ROOM)
		size = ROOM;
	if (size > message.size)
		memset(message.data + message.size, 0, size - message.size);
	message.size = size;
	header()->nlmsg_len = size;
}

static void cut(void)
{
	size_t size = below(message.size + 1);

	if (one_in(2))
		message.size = size;
	else if (size >= NLMSG_HDRLEN)
		set_size(size);
}

static void fill_random(size_t from)
{
	size_t i;

	for (i = from; i < message.size; i++)
		message.data[i] = random32();
}

static void lengthen(void)
{
	size_t from = message.size;

	set_size(from + 1 + below(one_in(64) ? 65000 : 200));
	if (one_in(2))
		fill_random(from);
	if (one_in(4))
		header()->nlmsg_len = from;
}

static void only_header(void)
{
	set_size(NLMSG_HDRLEN + below(one_in(64) ? 65000 : 200));
	fill_random(NLMSG_HDRLEN + (one_in(2) ? 0 : GENL_HDRLEN));
}

/* Puts all attributes into one, which goes into another one, and so on. */
static void nest(void)
{
	const size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
	unsigned int depth = 1 + below(one_in(8) ? 2000 : 4);
	struct nlattr *nla;
	size_t inside;

	while (depth-- && message.size >= at && message.size + NLA_HDRLEN <= ROOM) {
		inside = message.size - at;
		memmove(message.data + at + NLA_HDRLEN, message.data + at, inside);
		nla = (void *)(message.data + at);
		nla->nla_len = NLA_HDRLEN + inside;
		nla->nla_type = 1 + below(6);
		nla->nla_type |= one_in(4) ? 0 : NLA_F_NESTED;
		set_size(message.size + NLA_HDRLEN);
	}
}

static void add_attrs(void)
{
	unsigned int n = 1 + below(one_in(8) ? 500 : 4);
	unsigned char data[64];
	size_t i, size;

	if (message.size < NLMSG_HDRLEN + GENL_HDRLEN)
		return;
	set_size(NLMSG_ALIGN(message.size));
	while (n--) {
		size = below(one_in(4) ? sizeof(data) : 9);
		for (i = 0; i < size; i++)
			data[i] = random32();
		put(one_in(2) ? below(8) : random32(), data, size);
		message.size = header()->nlmsg_len;
	}
}

/* Several messages in one send. */
static void repeat(void)
{
	unsigned int n = 1 + below(COPIES - 1);
	size_t step = NLMSG_ALIGN(message.size), i;

	if (step * (n + 1) > 4096)
		return;
	for (i = 1; i <= n; i++)
		memcpy(message.data + i * step, message.data, message.size);
	message.size = step * n + message.size;
}

static void (*const damages[])(void) = {
	flip_byte, flip_byte, set_byte, set_byte, set_length, set_flags, set_type, set_cmd,
	set_version, set_attr_length, set_attr_length, set_attr_type, set_attr_type, cut,
	lengthen, only_header, nest, add_attrs, repeat,
};

static void make_message(void)
{
	unsigned int n = below(5);

	begin_valid();
	message.size = header()->nlmsg_len;
	/* Most damages look into the header. */
	while (n-- && message.size >= NLMSG_HDRLEN + GENL_HDRLEN)
		damages[below(sizeof(damages) / sizeof(*damages))]();
}

/* The messages that netlink will accept as messages, and what became of each. */
static struct expected {
	__u32 seq;
	__u16 type;
	__u16 flags;
	__u8 cmd;
	bool ended;
} expected[ROOM / NLMSG_HDRLEN + 1];

static __u32 last_seq;

/* Changes a pool, and has no answer but an ACK. */
static bool is_change(__u8 cmd)
{
	return cmd == KPOOL_CMD_POOL_SET || cmd == KPOOL_CMD_POOL_DEBUG ||
	       cmd == KPOOL_CMD_POOL_TRACK || cmd == KPOOL_CMD_POOL_RESET_PEAKS ||
	       cmd == KPOOL_CMD_SET_SET;
}

/*
 * kpool builds as many objects as a valid request asks it to keep, so keep the number small. No
 * answer may fail on purpose. A request that succeeds asks for an answer.
 */
static void tame(struct nlmsghdr *nlh)
{
	struct genlmsghdr *genl = NLMSG_DATA(nlh);
	size_t at = NLMSG_HDRLEN + GENL_HDRLEN;
	unsigned int type;
	struct nlattr *nla;

	if (nlh->nlmsg_type != family || nlh->nlmsg_len < at || !is_change(genl->cmd))
		return;
	nlh->nlmsg_flags |= NLM_F_ACK;
	for (; at + NLA_HDRLEN <= nlh->nlmsg_len; at += NLA_ALIGN(nla->nla_len)) {
		nla = (void *)((char *)nlh + at);
		if (nla->nla_len < NLA_HDRLEN || nla->nla_len > nlh->nlmsg_len - at)
			return;
		type = nla->nla_type & NLA_TYPE_MASK;
		if ((type == KPOOL_A_POOL_MIN_IDLE || type == KPOOL_A_POOL_RESERVE) &&
		    nla->nla_len == NLA_HDRLEN + sizeof(__u32))
			*(__u32 *)(nla + 1) &= 0x800000ff;
		if (type == KPOOL_A_POOL_FAIL_MESSAGE &&
		    nla->nla_len >= NLA_HDRLEN + sizeof(__u32))
			*(__u32 *)(nla + 1) = 0;
	}
}

/* Walks through the messages as netlink_rcv_skb() does, and numbers them. */
static unsigned int expect(void)
{
	unsigned int n = 0;
	size_t at = 0, left, step;
	struct nlmsghdr *nlh;

	while ((left = message.size - at) >= NLMSG_HDRLEN) {
		nlh = (void *)(message.data + at);
		if (nlh->nlmsg_len < NLMSG_HDRLEN || nlh->nlmsg_len > left)
			break;
		nlh->nlmsg_seq = ++last_seq;
		tame(nlh);
		if (nlh->nlmsg_flags & NLM_F_ACK ||
		    (nlh->nlmsg_flags & NLM_F_REQUEST && nlh->nlmsg_type >= NLMSG_MIN_TYPE))
			expected[n++] = (struct expected){
				.seq = nlh->nlmsg_seq,
				.type = nlh->nlmsg_type,
				.flags = nlh->nlmsg_flags,
				.cmd = nlh->nlmsg_len > NLMSG_HDRLEN ? *(__u8 *)NLMSG_DATA(nlh) : 0,
			};
		step = NLMSG_ALIGN(nlh->nlmsg_len);
		at += step < left ? step : left;
	}
	return n;
}

static struct {
	unsigned long errors[4096];	/* by errno; 0: an ACK without an answer before it */
	unsigned long replies, dumps, dropped;
} outcomes;

static char buffer[NL_ROOM];

static struct expected *asked(const struct nlmsghdr *nlh, unsigned int n)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		if (expected[i].seq == nlh->nlmsg_seq && !expected[i].ended)
			return &expected[i];
	errx(1, "%s\nan answer, of type %u, to no request", nl_context,
	     nlh->nlmsg_type);
}

/* Returns whether that was the last message of an answer. */
static bool take(const struct nlmsghdr *nlh, struct expected *e)
{
	const bool dump = (e->flags & NLM_F_DUMP) == NLM_F_DUMP;
	int error;

	if (nlh->nlmsg_type == NLMSG_ERROR) {
		error = nl_check_error(nlh);
		if (error || !(e->flags & NLM_F_REQUEST) || e->type < NLMSG_MIN_TYPE)
			outcomes.errors[error]++;
		return true;
	}
	if (nlh->nlmsg_type == NLMSG_DONE) {
		error = nl_check_done(nlh);
		if (error)
			outcomes.errors[error]++;
		else
			outcomes.dumps++;
		return true;
	}
	if (nlh->nlmsg_type != e->type)
		errx(1, "%s\nan answer of another type, %u", nl_context, nlh->nlmsg_type);
	if (!dump != !(nlh->nlmsg_flags & NLM_F_MULTI))
		errx(1, "%s\nan answer with flags %#x", nl_context, nlh->nlmsg_flags);
	if (e->type == family)
		nl_check_reply(nlh, e->cmd);
	if (dump)
		return false;
	outcomes.replies++;
	return !(e->flags & NLM_F_ACK);
}

static void drain(unsigned int n)
{
	const struct nlmsghdr *nlh;
	unsigned int left = n;
	struct expected *e;
	size_t size, at;

	while (left) {
		size = nl_receive(fd, buffer, sizeof(buffer));
		for (at = 0; (nlh = nl_next(buffer, size, &at));) {
			e = asked(nlh, n);
			e->ended = take(nlh, e);
			left -= e->ended;
		}
	}
}

static void nothing_more(void)
{
	if (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) >= 0 || errno != EAGAIN)
		errx(1, "%s\nan answer too many", nl_context);
}

/* The answer to a valid request for a pool of the crowd. It lies in the buffer. */
static const struct nlmsghdr *describe(unsigned int i, __u8 cmd)
{
	char request[128], name[32];
	const struct nlmsghdr *nlh;
	struct nl_reply reply;
	size_t size, at = 0;

	snprintf(name, sizeof(name), "crowd-%u", i);
	nl_begin(request, family, 0, cmd);
	((struct nlmsghdr *)request)->nlmsg_seq = ++last_seq;
	nl_put(request, KPOOL_A_POOL_NAME, name, strlen(name) + 1);
	/* Nobody may not see the CPUs. */
	if (cmd == KPOOL_CMD_STATS_GET && !getuid())
		nl_put(request, KPOOL_A_STATS_PERCPU, NULL, 0);
	nl_send(fd, request);
	size = nl_receive(fd, buffer, sizeof(buffer));
	nlh = nl_next(buffer, size, &at);
	if (!nlh || nlh->nlmsg_type != family || nlh->nlmsg_seq != last_seq)
		errx(1, "%s\n%s is not described", nl_context, name);
	reply = nl_check_reply(nlh, cmd);
	if (strcmp(reply.name, name))
		errx(1, "%s\n%s is described as %s", nl_context, name, reply.name);
	return nlh;
}

static const __u8 cmds[] = { KPOOL_CMD_POOL_GET, KPOOL_CMD_STATS_GET };

/* Sends a request that changes the pool, and expects success. */
static void change(char *request, const char *name)
{
	const struct nlmsghdr *nlh;
	size_t size, at = 0;

	((struct nlmsghdr *)request)->nlmsg_seq = ++last_seq;
	nl_put(request, KPOOL_A_POOL_NAME, name, strlen(name) + 1);
	nl_send(fd, request);
	size = nl_receive(fd, buffer, sizeof(buffer));
	nlh = nl_next(buffer, size, &at);
	if (!nlh || nlh->nlmsg_type != NLMSG_ERROR || nlh->nlmsg_seq != last_seq ||
	    nl_check_error(nlh))
		errx(1, "%s\n%s is not set back", nl_context, name);
}

/*
 * Removes all limits, checks and faults, and ends tracking. The numbered pools of the crowd were
 * created without any.
 */
static void set_back(unsigned int i)
{
	char request[256], name[32];
	const __u32 none = 0;
	__u16 attr;

	snprintf(name, sizeof(name), "crowd-%u", i);
	nl_begin(request, family, NLM_F_ACK, KPOOL_CMD_POOL_SET);
	for (attr = KPOOL_A_POOL_MAGAZINE; attr <= KPOOL_A_POOL_LIFETIME_MS; attr++)
		nl_put(request, attr, &none, sizeof(none));
	change(request, name);
	nl_begin(request, family, NLM_F_ACK, KPOOL_CMD_POOL_DEBUG);
	nl_put(request, KPOOL_A_POOL_DEBUG, &none, 1);
	for (attr = KPOOL_A_POOL_FAIL_GET; attr <= KPOOL_A_POOL_FAIL_MESSAGE; attr++)
		nl_put(request, attr, &none, sizeof(none));
	change(request, name);
	nl_begin(request, family, NLM_F_ACK, KPOOL_CMD_POOL_TRACK);
	nl_put(request, KPOOL_A_POOL_TRACK, &none, sizeof(none));
	change(request, name);
}

static bool is_count(const struct nlattr *nla)
{
	switch (nla->nla_type) {
	case KPOOL_A_POOL_EXISTING ... KPOOL_A_POOL_IDLE:
	case KPOOL_A_POOL_CLOSING:
	case KPOOL_A_POOL_MEMORY ... KPOOL_A_POOL_OVERHEAD:
		return true;
	default:
		return false;
	}
}

/* All answers about the crowd, one attribute after the other. Leaves out what pool-set changes. */
static void *describe_all(size_t *size)
{
	const size_t from = NLMSG_HDRLEN + GENL_HDRLEN;
	const bool sets = !getuid();
	const struct nlmsghdr *nlh;
	const struct nlattr *nla;
	char *all = NULL;
	unsigned int i;
	size_t at;

	*size = 0;
	for (i = 0; i < 2 * pools; i++) {
		if (sets && i % 2)
			continue;
		if (sets)
			set_back(i / 2);
		nlh = describe(i / 2, cmds[i % 2]);
		all = realloc(all, *size + nlh->nlmsg_len);
		if (!all)
			err(1, "realloc");
		at = 0;
		while ((nla = nl_next_attr((const char *)nlh + from, nlh->nlmsg_len - from, &at,
					   nlh))) {
			if (sets && is_count(nla))
				continue;
			memcpy(all + *size, nla, nla->nla_len);
			*size += nla->nla_len;
		}
	}
	return all;
}

static void send_one(void)
{
	unsigned int n;

	make_message();
	n = expect();
	if (send(fd, message.data, message.size, 0) < 0) {
		/* Some kernels refuse a message of no bytes, others drop it. */
		if (errno != ENODATA || message.size)
			err(1, "%s\nsend", nl_context);
	}
	drain(n);
	if (n)
		return;
	outcomes.dropped++;
	describe(below(pools), cmds[below(2)]);
}

static void print_outcomes(void)
{
	unsigned int i;

	printf("reply: %lu\ndump: %lu\nack: %lu\n", outcomes.replies, outcomes.dumps,
	       outcomes.errors[0]);
	for (i = 1; i < sizeof(outcomes.errors) / sizeof(*outcomes.errors); i++)
		if (outcomes.errors[i])
			printf("%s: %lu\n", strerrorname_np(i) ?: "unknown", outcomes.errors[i]);
	printf("dropped: %lu\n", outcomes.dropped);
}

static int open_roomy(void)
{
	const int size = RECEIVE;
	int socket = nl_open();

	/* net.core.rmem_max has to allow it. */
	if (setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)))
		err(1, "setsockopt");
	return socket;
}

static void become(uid_t uid)
{
	if (setgroups(0, NULL) || setgid(uid) || setuid(uid))
		err(1, "cannot be user %u", uid);
}

int main(int argc, char **argv)
{
	unsigned long messages, i;
	size_t before_size, after_size;
	void *before, *after;
	char *seed;

	if (argc < 4)
		errx(1, "usage: fuzz POOLS MESSAGES SEED [UID]");
	pools = strtoul(argv[1], NULL, 10);
	messages = strtoul(argv[2], NULL, 10);
	seed = argv[3];
	state = strtoull(seed, NULL, 10) * 0x9e3779b97f4a7c15ULL + 1;
	if (argc > 4)
		become(strtoul(argv[4], NULL, 10));
	printf("seed %s, user %u\n", seed, getuid());

	fd = open_roomy();
	family = nl_family(fd, KPOOL_FAMILY_NAME);
	before = describe_all(&before_size);
	for (i = 0; i < messages; i++) {
		snprintf(nl_context, sizeof(nl_context), "seed %s, message %lu:", seed, i);
		if (i % 256 == 0)
			alarm(LIMIT);
		send_one();
	}
	nothing_more();
	after = describe_all(&after_size);
	if (before_size != after_size || memcmp(before, after, before_size))
		errx(1, "the crowd is not described as it was before");
	print_outcomes();
	return 0;
}
