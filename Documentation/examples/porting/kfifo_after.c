// SPDX-License-Identifier: GPL-2.0-only
/* Bytes of a serial port in a ring of 5000 bytes. */
#include <linux/kpool_ring.h>

static struct kpool_ring *line;

static size_t line_received(const void *bytes, size_t n)
{
	return kpool_ring_write(line, bytes, n);
}

static size_t line_read(void *to, size_t n)
{
	return kpool_ring_read(line, to, n);
}

static int line_create(void)
{
	line = kpool_ring_create(5000, 0, GFP_KERNEL);
	return PTR_ERR_OR_ZERO(line);
}

static void line_destroy(void)
{
	kpool_ring_destroy(line);
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

MODULE_DESCRIPTION("Bytes in a ring");
MODULE_LICENSE("GPL");
KPOOL_IMPORT_NS;
