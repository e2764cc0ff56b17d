// SPDX-License-Identifier: GPL-2.0
/* Pins memory of processes. It has a version of its own, that of WEKA notwithstanding; whoever has its device open keeps it. */
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>

static const struct file_operations mpin_user_operations = {
	.owner = THIS_MODULE,
};

static struct miscdevice mpin_user_device = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "mpin_user",
	.fops = &mpin_user_operations,
};
module_misc_device(mpin_user_device);

MODULE_DESCRIPTION("Stand-in for WEKA's pinning of memory");
MODULE_LICENSE("GPL");
MODULE_VERSION("1.0.1");
