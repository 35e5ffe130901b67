// SPDX-License-Identifier: GPL-2.0-only
/*
 * Requests that another HTTP server answers, over pooled connections to it.
 *
 * All in here may wait for the backend, and runs in a work item that does nothing else.
 * The first piece of an answer lies in a buffer. It is not sent before the buffer is
 * full or the answer whole, so what is small is passed on whole or not at all: until
 * then, whatever goes wrong is said in a proper answer. The rest, if there is any, goes
 * through a stream, and is sent while more of it comes in. The connection is back in
 * its pool when the last byte is in the buffer or stream, before the client has it.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/inet.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/kpool.h>
#include <linux/string.h>
#include <net/net_namespace.h>

#include "connpool.h"
#include "exchange.h"
#include "httpd.h"

static const char prefix[] = "/backend";

static long timeout_of(unsigned int ms)
{
	return ms ? msecs_to_jiffies(ms) : MAX_SCHEDULE_TIMEOUT;
}

/* Text that is put together piece by piece. What does not fit is lost, and @full says so. */
struct text {
	char *buf;
	unsigned int size, len;
	bool full;
};

static void add(struct text *text, const char *what, unsigned int len)
{
	if (len > text->size - text->len) {
		text->full = true;
		return;
	}
	memcpy(text->buf + text->len, what, len);
	text->len += len;
}

static __printf(2, 3) void addf(struct text *text, const char *format, ...)
{
	unsigned int room = text->size - text->len;
	unsigned int len;
	va_list args;

	va_start(args, format);
	len = vsnprintf(text->buf + text->len, room, format, args);
	va_end(args);
	if (len >= room)
		text->full = true;
	else
		text->len += len;
}

static bool is_one_of(const char *buf, const struct http_field *field, const char * const *names)
{
	for (; *names; names++)
		if (http_is_field(buf, field, *names))
			return true;
	return false;
}

/*
 * These fields are for the far end (RFC 9110, section 7.6.1). A client that names one of them in
 * Connection would have the proxy take out a field that another side added and needs.
 */
static bool is_for_far_end(const char *buf, const struct http_field *field)
{
	static const char * const names[] = {
		"host", "authorization", "cookie", "set-cookie", "cache-control", "pragma", "date",
		"expires", "age", "vary", "location", "origin", "referer", "from", "user-agent",
		"server", "range", "etag", "last-modified", "forwarded", "via", "allow",
		"retry-after", "warning", "www-authenticate", "authentication-info",
		"strict-transport-security", NULL
	};
	static const char * const families[] = {
		"accept", "access-control-", "content-", "if-", "sec-", "x-forwarded-", "x-real-",
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(families); i++)
		if (field->name_len >= strlen(families[i]) &&
		    !strncasecmp(buf + field->name, families[i], strlen(families[i])))
			return true;
	return is_one_of(buf, field, names);
}

/* Is a field for the next one along the way alone? Those that say how long a body is are. */
static bool is_for_next_hop(const struct http_head *head, const char *buf,
			    const struct http_field *field)
{
	static const char * const names[] = {
		"connection", "keep-alive", "proxy-connection", "te", "trailer",
		"transfer-encoding", "upgrade", "content-length", NULL
	};
	unsigned int i;

	if (is_one_of(buf, field, names))
		return true;
	if (is_for_far_end(buf, field))
		return false;
	for (i = 0; i < head->nr_fields; i++)
		if (http_is_field(buf, &head->fields[i], "connection") &&
		    http_field_names(buf, &head->fields[i], buf + field->name, field->name_len))
			return true;
	return false;
}

static void add_fields(struct text *text, const struct http_head *head, const char *buf)
{
	unsigned int i;

	for (i = 0; i < head->nr_fields; i++) {
		const struct http_field *field = &head->fields[i];

		if (is_for_next_hop(head, buf, field) || http_is_field(buf, field, "expect"))
			continue;
		/* as it came: so it cannot become longer */
		add(text, buf + field->name, field->value + field->value_len - field->name);
		add(text, "\r\n", 2);
	}
}

/* The head to send to the backend. Returns its length, or 0 if it is too long. */
static unsigned int write_request(struct exchange *ex, const struct request *req)
{
	const struct http_head *head = &req->head;
	struct text text = { .buf = ex->out, .size = ex->out_size };
	const char *path = req->buf + head->path + strlen(prefix);
	unsigned int path_len = head->path_len + head->query_len - strlen(prefix);

	addf(&text, "%s ", head->method == HTTP_GET ? "GET" :
			   head->method == HTTP_HEAD ? "HEAD" : "POST");
	add(&text, path, path_len);
	addf(&text, " HTTP/1.1\r\n");
	add_fields(&text, head, req->buf);
	/* who speaks HTTP/1.0 need not say whom to */
	if (!head->minor && !head->has_host)
		addf(&text, "Host: %s\r\n", httpd.backend);
	/* in whatever form it came, all of it is here */
	if (head->has_length || head->chunked)
		addf(&text, "Content-Length: %zu\r\n", req->body.len);
	addf(&text, "Via: 1.%u kpool-httpd\r\nConnection: %s\r\n\r\n", head->minor,
	     httpd.backend_pool ? "keep-alive" : "close");
	return text.full ? 0 : text.len;
}

/* The first piece is in the buffer: make an answer of it, with the head in @text. */
static void send_piece(struct exchange *ex, struct request *req, const struct text *text)
{
	struct answer *answer = &req->answer;

	answer->head = text->buf;
	answer->head_len = text->len;
	answer->body = ex->in + ex->body;
	answer->body_len = ex->body_len;
	answer->size = text->len + ex->body_len;
	answer->sent = 0;
	answer->interim = false;
	answer->more = !ex->done;
}

static void add_framing(struct text *text, struct exchange *ex, struct request *req)
{
	struct answer *answer = &req->answer;

	answer->close = !req->head.keep_alive;
	answer->chunked = false;
	if (exchange_has_no_body(ex, req)) {
		if (ex->head.has_length && ex->head.status != 204)
			addf(text, "Content-Length: %u\r\n", ex->head.content_length);
	} else if (ex->done) {
		addf(text, "Content-Length: %u\r\n", ex->body_len);
	} else if (ex->framing == FRAMING_LENGTH) {
		addf(text, "Content-Length: %u\r\n", ex->head.content_length);
	} else if (req->head.minor) {
		addf(text, "Transfer-Encoding: chunked\r\n");
		answer->chunked = true;
	} else {
		answer->close = true;
	}
	addf(text, "Connection: %s\r\n\r\n", answer->close ? "close" : "keep-alive");
}

static int pass_first_piece(struct exchange *ex, struct request *req)
{
	const struct http_head *head = &ex->head;
	struct text text = { .buf = ex->out, .size = ex->out_size };
	int err;

	addf(&text, "HTTP/1.1 %u ", head->status);
	add(&text, ex->in + head->reason, head->reason_len);
	add(&text, "\r\n", 2);
	add_fields(&text, head, ex->in);
	add_framing(&text, ex, req);
	if (req->answer.chunked)
		addf(&text, "%x\r\n", ex->body_len);
	if (text.full)
		return -EPROTO;
	if (!ex->done) {
		err = stream_begin(&req->stream);
		if (err)
			return err;
	}
	send_piece(ex, req, &text);
	answer_count(head->status);
	return 0;
}

/*
 * The backend may close a connection at the moment when a request is on its way to it.
 * If it may have seen the request, only one that does no harm twice is sent again.
 */
static bool may_retry(const struct exchange *ex, const struct request *req, int err)
{
	return ex->conn->reused && !ex->len && err != -ETIMEDOUT &&
	       (req->head.method == HTTP_GET || req->head.method == HTTP_HEAD) &&
	       !READ_ONCE(httpd.stopping);
}

/* What becomes of an error: the status that the client is told. */
static unsigned int status_of(int err)
{
	switch (err) {
	case -ENOMEM:
	case -ESHUTDOWN:
		httpd_count(HTTPD_BACKEND_BUSY);
		return 503;
	case -ETIMEDOUT:
	case -EHOSTDOWN:
		httpd_count(HTTPD_BACKEND_SILENT);
		return 504;
	default:
		httpd_count(HTTPD_BACKEND_FAILED);
		return 502;
	}
}

static int pass_on(struct exchange *ex, struct request *req, unsigned int head_len)
{
	int err;

	err = exchange_ask(ex, req, head_len);
	if (err && may_retry(ex, req, err)) {
		httpd_count(HTTPD_BACKEND_RETRIES);
		err = connpool_reopen(httpd.connpool, ex->conn,
				      timeout_of(httpd.backend_timeout_ms)) ?:
		      exchange_ask(ex, req, head_len);
	}
	return err ?: pass_first_piece(ex, req);
}

/* Returns the status to answer with, or 0 if the answer is made. */
static unsigned int begin(struct request *req)
{
	struct connpool_conn *conn;
	struct exchange *ex;
	unsigned int head_len;
	int err;

	httpd_count(HTTPD_BACKEND_REQUESTS);
	ex = exchange_begin();
	if (IS_ERR(ex))
		return status_of(-ENOMEM);
	req->exchange = ex;
	head_len = write_request(ex, req);
	if (!head_len)
		return 431;

	conn = connpool_get(httpd.connpool, timeout_of(httpd.backend_wait_ms));
	if (conn == ERR_PTR(-ETIMEDOUT)) {
		httpd_count(HTTPD_BACKEND_BUSY);
		return 503;
	}
	if (IS_ERR(conn))
		return status_of(PTR_ERR(conn));
	ex->conn = conn;
	err = pass_on(ex, req, head_len);
	return err ? status_of(err) : 0;
}

/**
 * backend_forward() - get the backend's answer to a request, or its first piece
 * @req: a request that has come in whole
 *
 * Context: process context, waits for the backend.
 * The rest is for backend_stream() to get.
 */
void backend_forward(struct request *req)
{
	unsigned int status;

	status = begin(req);
	if (status) {
		backend_end(req);
		answer_failure(req, status);
	}
}

/**
 * backend_stream() - get the rest of the backend's answer
 * @req: a request of whose answer there is more; the client may be given what there is
 *	of it at the same time
 *
 * Context: process context, waits for the backend, but not for the client.
 * Return: 0 if all is in the stream; -EAGAIN if that is full, and this is to be called again
 * when there is room; or an error if the answer has broken off, or nobody wants it.
 */
int backend_stream(struct request *req)
{
	int err = exchange_stream(req->exchange, &req->stream);

	if (err == -EAGAIN)
		httpd_count(HTTPD_RING_FULL);
	else if (err && err != -ECANCELED)
		httpd_count(HTTPD_BACKEND_CUT_SHORT);
	return err;
}

/**
 * backend_end() - nothing more is needed of the backend for a request
 * @req: the request, which need not have been forwarded
 *
 * Context: process context, sleeps.
 */
void backend_end(struct request *req)
{
	if (req->exchange)
		exchange_end(req->exchange);
	req->exchange = NULL;
}

/**
 * backend_wants() - is the backend to answer this request?
 * @req: the request, parsed
 */
bool backend_wants(const struct request *req)
{
	const unsigned int len = strlen(prefix);
	const char *path = req->buf + req->head.path;

	return httpd.backend && req->head.path_len > len && !memcmp(path, prefix, len) &&
	       path[len] == '/';
}

/* "127.0.0.1:80" or "[::1]:80" */
static int parse_address(const char *text, struct sockaddr_storage *address)
{
	const char *colon = strrchr(text, ':');
	char host[64];
	size_t len;

	if (!colon)
		return -EINVAL;
	len = colon - text;
	if (len > 2 && text[0] == '[' && text[len - 1] == ']') {
		text++;
		len -= 2;
	}
	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, text, len);
	host[len] = '\0';
	return inet_pton_with_scope(&init_net, AF_UNSPEC, host, colon + 1, address);
}

static int open_connections(void)
{
	struct connpool_params params = {
		.name = "httpd-backend",
		.max_open = httpd.backend_max,
		.min_idle = httpd.backend_min_idle,
		.max_idle = httpd.backend_pool ? 0 : KPOOL_KEEP_NONE,
		.idle_ms = httpd.backend_idle_ms,
		.connect_timeout_ms = httpd.backend_timeout_ms,
	};
	struct connpool *pool;
	int err;

	err = parse_address(httpd.backend, &params.address);
	if (err) {
		pr_err("backend=%s is not ADDRESS:PORT\n", httpd.backend);
		return err;
	}
	pool = connpool_create(&params);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	httpd.connpool = pool;
	return 0;
}

/**
 * backend_open() - be ready for requests to be passed on
 *
 * Does not need the backend to be there.
 *
 * Return: 0, or an error.
 */
int backend_open(void)
{
	int err;

	if (!httpd.backend)
		return 0;
	err = exchange_pool_open();
	if (err)
		return err;
	err = stream_pool_open();
	if (err)
		goto err_streams;
	/* Each request that waits has a worker: more of them than this wait for one. */
	httpd.backend_wq = alloc_workqueue("httpd-backend", WQ_UNBOUND, WQ_MAX_ACTIVE);
	if (!httpd.backend_wq) {
		err = -ENOMEM;
		goto err_wq;
	}
	err = open_connections();
	if (err)
		goto err_connections;
	return 0;

err_connections:
	destroy_workqueue(httpd.backend_wq);
err_wq:
	stream_pool_close();
err_streams:
	exchange_pool_close();
	return err;
}

/**
 * backend_stop() - end all waiting for the backend
 */
void backend_stop(void)
{
	if (httpd.backend)
		connpool_stop(httpd.connpool);
}

/**
 * backend_close() - end what backend_open() began
 *
 * Context: process context; all requests have ended.
 */
void backend_close(void)
{
	if (!httpd.backend)
		return;
	destroy_workqueue(httpd.backend_wq);
	connpool_destroy(httpd.connpool);
	httpd.connpool = NULL;
	stream_pool_close();
	exchange_pool_close();
}
