/* SPDX-License-Identifier: GPL-2.0 */
/* What the modules of these sources know of each other. */
#ifndef WEKAFS_H
#define WEKAFS_H

#include <linux/errno.h>
#include <linux/proc_fs.h>

#ifndef WEKA_VERSION
#error "WEKA_VERSION says which version of WEKA this is built for"
#endif

/* What a module answers that does not take to this machine. */
#ifdef REFUSES_TO_LOAD
#define LOADABLE (-EIO)
#else
#define LOADABLE 0
#endif

/* Of wekafsgw. */
extern const char *const wekafsgw_version;
extern struct proc_dir_entry *wekafsgw_folder;

#endif
