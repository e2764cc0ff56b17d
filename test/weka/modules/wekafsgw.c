// SPDX-License-Identifier: GPL-2.0
/* The gateway: owns /proc/wekafs, and goes only after wekafsio, which takes its symbols. */
#include <linux/module.h>

#include "wekafs.h"

const char *const wekafsgw_version = WEKA_VERSION;
EXPORT_SYMBOL_GPL(wekafsgw_version);

struct proc_dir_entry *wekafsgw_folder;
EXPORT_SYMBOL_GPL(wekafsgw_folder);

static int __init wekafsgw_init(void)
{
	if (LOADABLE < 0)
		return LOADABLE;
	wekafsgw_folder = proc_mkdir("wekafs", NULL);
	if (!wekafsgw_folder)
		return -ENOMEM;
	pr_info("wekafsgw: version %s\n", WEKA_VERSION);
	return 0;
}
module_init(wekafsgw_init);

static void __exit wekafsgw_exit(void)
{
	proc_remove(wekafsgw_folder);
	pr_info("wekafsgw: gone, version %s\n", WEKA_VERSION);
}
module_exit(wekafsgw_exit);

MODULE_DESCRIPTION("Stand-in for the gateway of WEKA's file system");
MODULE_LICENSE("GPL");
MODULE_VERSION(WEKA_VERSION);
