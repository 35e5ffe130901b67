// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the paths answer.
 */
#include <linux/kernel.h>
#include <linux/ktime.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/time64.h>

#include "httpd.h"

static const char index_html[] =
	"<!DOCTYPE html>\n"
	"<html lang=\"en\">\n"
	"<head><title>httpd</title></head>\n"
	"<body>\n"
	"<h1>Hello from the kernel</h1>\n"
	"<ul>\n"
	"<li><a href=\"/stats\">/stats</a>: what the server counted</li>\n"
	"<li><a href=\"/bytes/1000000\">/bytes/1000000</a>: that many bytes</li>\n"
	"<li>POST to /length: how long the body was</li>\n"
	"<li>POST to /echo: the body</li>\n"
	"</ul>\n"
	"</body>\n"
	"</html>\n";

/* The most that one buffer is for: what is larger is sent out of it over and over. */
#define FILLER_MOST	SZ_64K

static void set_body(struct answer *answer, const char *body, size_t len)
{
	answer->body = body;
	answer->body_len = len;
	answer->size = len;
}

static unsigned int index_page(struct request *req, const char *rest, unsigned int len)
{
	set_body(&req->answer, index_html, sizeof(index_html) - 1);
	return 200;
}

static unsigned int stats_page(struct request *req, const char *rest, unsigned int len)
{
	struct answer *answer = &req->answer;

	set_body(answer, answer->text, stats_print(answer->text, sizeof(answer->text)));
	return 200;
}

static unsigned int length_page(struct request *req, const char *rest, unsigned int len)
{
	struct answer *answer = &req->answer;

	set_body(answer, answer->text, scnprintf(answer->text, sizeof(answer->text), "%zu\n",
						 req->body.len));
	return 200;
}

/* It is sent out of the buffer that it came in. */
static unsigned int echo_page(struct request *req, const char *rest, unsigned int len)
{
	set_body(&req->answer, req->body.data, req->body.len);
	return 200;
}

static unsigned int bytes_page(struct request *req, const char *rest, unsigned int len)
{
	struct answer *answer = &req->answer;
	unsigned int bytes, n;

	if (!http_number(rest, len, &bytes))
		return 404;
	n = min_t(unsigned int, bytes, FILLER_MOST);
	if (n && req->head.method != HTTP_HEAD) {
		if (body_grow(&answer->buf, n))
			return 503;
		memset(answer->buf.data, 'x', n);
	}
	set_body(answer, answer->buf.data, n);
	answer->size = bytes;
	return 200;
}

/**
 * struct route - what one path answers
 * @path: the path
 * @below: @path is a prefix, and the route that of all paths that begin with it
 * @type: media type of the body
 * @methods: of &enum http_method
 * @fill: makes the body; gets what follows a prefix, and returns the status
 */
struct route {
	const char *path;
	bool below;
	const char *type;
	unsigned int methods;
	unsigned int (*fill)(struct request *req, const char *rest, unsigned int len);
};

static const char plain_text[] = "text/plain; charset=utf-8";

static const struct route routes[] = {
	{ "/", false, "text/html; charset=utf-8", HTTP_GET | HTTP_HEAD, index_page },
	{ "/stats", false, plain_text, HTTP_GET | HTTP_HEAD, stats_page },
	{ "/bytes/", true, plain_text, HTTP_GET | HTTP_HEAD, bytes_page },
	{ "/length", false, plain_text, HTTP_POST, length_page },
	{ "/echo", false, "application/octet-stream", HTTP_POST, echo_page },
};

static const struct route *route_to(const char *path, unsigned int len)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(routes); i++) {
		unsigned int route_len = strlen(routes[i].path);

		if (len < route_len || (len > route_len && !routes[i].below))
			continue;
		if (!memcmp(path, routes[i].path, route_len))
			return &routes[i];
	}
	return NULL;
}

static unsigned int print_date(char *buf, size_t size)
{
	static const char days[][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
	static const char months[][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
					  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;

	time64_to_tm(ktime_get_real_seconds(), 0, &tm);
	return scnprintf(buf, size, "Date: %s, %02d %s %04ld %02d:%02d:%02d GMT\r\n",
			 days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900,
			 tm.tm_hour, tm.tm_min, tm.tm_sec);
}

/**
 * answer_count() - count an answer
 * @status: its status
 */
void answer_count(unsigned int status)
{
	if (status < 400)
		httpd_count(HTTPD_RESPONSES_2XX);
	else if (status < 500)
		httpd_count(HTTPD_RESPONSES_4XX);
	else
		httpd_count(HTTPD_RESPONSES_5XX);
}

/*
 * Put a head before the body. @allow are the methods to name with a 405.
 */
static void finish(struct request *req, unsigned int status, const char *type,
		   unsigned int allow)
{
	struct answer *answer = &req->answer;
	const size_t room = sizeof(answer->head_text);
	char *head = answer->head_text;
	unsigned int len;

	len = scnprintf(head, room, "HTTP/1.1 %u %s\r\nServer: kpool-httpd\r\n",
			status, http_reason(status));
	len += print_date(head + len, room - len);
	if (allow)
		len += scnprintf(head + len, room - len, "Allow: %s\r\n",
				 allow == HTTP_POST ? "POST" : "GET, HEAD");
	len += scnprintf(head + len, room - len,
			 "Content-Type: %s\r\nContent-Length: %zu\r\nConnection: %s\r\n\r\n",
			 type, answer->size, answer->close ? "close" : "keep-alive");

	if (req->head.method == HTTP_HEAD)
		answer->size = 0;
	answer->head = head;
	answer->head_len = len;
	answer->size += len;
	answer->sent = 0;
	answer->interim = false;
	answer->more = false;
	answer_count(status);
}

static void answer_error(struct request *req, unsigned int status, unsigned int allow)
{
	struct answer *answer = &req->answer;

	set_body(answer, answer->text, scnprintf(answer->text, sizeof(answer->text), "%u %s\n",
						 status, http_reason(status)));
	finish(req, status, plain_text, allow);
}

/**
 * answer_request() - answer a request that has come in whole
 * @req: the request
 */
void answer_request(struct request *req)
{
	const char *path = req->buf + req->head.path;
	const struct route *route = route_to(path, req->head.path_len);
	unsigned int path_len, status;

	req->answer.close = !req->head.keep_alive;
	if (!route) {
		answer_error(req, 404, 0);
		return;
	}
	if (!(route->methods & req->head.method)) {
		answer_error(req, 405, route->methods);
		return;
	}

	path_len = strlen(route->path);
	status = route->fill(req, path + path_len, req->head.path_len - path_len);
	if (status == 200)
		finish(req, status, route->type, 0);
	else
		answer_error(req, status, 0);
}

/**
 * answer_status() - refuse a request, and end its connection
 * @req: the request, read as far as it made sense
 * @status: why
 */
void answer_status(struct request *req, unsigned int status)
{
	req->answer.close = true;
	answer_error(req, status, 0);
}

/**
 * answer_failure() - say that a request, as right as it was, could not be answered
 * @req: the request, which has come in whole
 * @status: why
 */
void answer_failure(struct request *req, unsigned int status)
{
	req->answer.close = !req->head.keep_alive;
	answer_error(req, status, 0);
}

/**
 * answer_continue() - tell a client that waits for it to send the body
 * @req: a request of which the head has come in
 */
void answer_continue(struct request *req)
{
	struct answer *answer = &req->answer;

	answer->head = answer->head_text;
	answer->head_len = scnprintf(answer->head_text, sizeof(answer->head_text),
				     "HTTP/1.1 100 %s\r\n\r\n", http_reason(100));
	answer->size = answer->head_len;
	answer->sent = 0;
	answer->interim = true;
	answer->more = false;
	answer->close = false;
}

/**
 * answer_rest() - what to send next
 * @answer: an answer that is not sent whole yet
 * @vec: two of them, filled in
 *
 * Return: how many of @vec were used, 1 or 2.
 */
unsigned int answer_rest(const struct answer *answer, struct kvec *vec)
{
	size_t sent = answer->sent;
	unsigned int n = 0;

	if (sent < answer->head_len) {
		vec[n].iov_base = (void *)answer->head + sent;
		vec[n].iov_len = answer->head_len - sent;
		sent = answer->head_len;
		n++;
	}
	if (sent < answer->size) {
		size_t offset = (sent - answer->head_len) % answer->body_len;

		vec[n].iov_base = (void *)answer->body + offset;
		vec[n].iov_len = min(answer->body_len - offset, answer->size - sent);
		n++;
	}
	return n;
}

/**
 * answer_sent() - some of what answer_rest() said was sent
 * @req: the request
 * @n: how many bytes
 */
void answer_sent(struct request *req, size_t n)
{
	struct answer *answer = &req->answer;
	size_t before = max_t(size_t, answer->sent, answer->head_len);

	answer->sent += n;
	if (answer->streamed && answer->sent > before)
		stream_took(&req->stream, answer->sent - before);
}

/* What follows out of the stream: it has a head of its own only where it comes in chunks. */
static void set_piece(struct answer *answer, const void *body, size_t len)
{
	set_body(answer, body, len);
	answer->head = answer->head_text;
	answer->size += answer->head_len;
	answer->sent = 0;
	answer->streamed = true;
}

/**
 * answer_next_piece() - send next what is in the stream
 * @req: a request of whose answer there is more, and all is sent that was there
 *
 * Return: true if there was something.
 */
bool answer_next_piece(struct request *req)
{
	struct answer *answer = &req->answer;
	const void *piece;
	size_t n;

	piece = stream_piece(&req->stream, &n);
	if (!piece)
		return false;
	answer->head_len = 0;
	if (answer->chunked)
		answer->head_len = scnprintf(answer->head_text, sizeof(answer->head_text),
					     "\r\n%zx\r\n", n);
	set_piece(answer, piece, n);
	return true;
}

/**
 * answer_last_piece() - send next what ends the answer, which may be nothing
 * @req: a request of whose answer all is sent that came through the stream
 */
void answer_last_piece(struct request *req)
{
	struct answer *answer = &req->answer;

	answer->head_len = 0;
	if (answer->chunked)
		answer->head_len = scnprintf(answer->head_text, sizeof(answer->head_text),
					     "\r\n0\r\n\r\n");
	set_piece(answer, NULL, 0);
	answer->more = false;
}
