// SPDX-License-Identifier: GPL-2.0-only
/* Bytes of a serial port in a kfifo: 5000 bytes were wanted, and 8192 are allocated. */
#include <linux/kfifo.h>
#include <linux/module.h>

static struct kfifo line;

static unsigned int line_received(const void *bytes, unsigned int n)
{
	return kfifo_in(&line, bytes, n);
}

static unsigned int line_read(void *to, unsigned int n)
{
	return kfifo_out(&line, to, n);
}

static int line_create(void)
{
	return kfifo_alloc(&line, 5000, GFP_KERNEL);
}

static void line_destroy(void)
{
	kfifo_free(&line);
}

/* The module uses the above once. */
static int __init example_init(void)
{
	char bytes[8] = "";
	int err = line_create();

	if (err)
		return err;
	if (line_received("kpool", 5) != 5 || line_read(bytes, 5) != 5)
		pr_err("the bytes did not pass\n");
	return 0;
}
module_init(example_init);

static void __exit example_exit(void)
{
	line_destroy();
}
module_exit(example_exit);

MODULE_DESCRIPTION("Bytes in a kfifo");
MODULE_LICENSE("GPL");
