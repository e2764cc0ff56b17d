// SPDX-License-Identifier: GPL-2.0
/*
 * The file system: it can be mounted, and is always empty. /proc/wekafs/interface tells version, mounts and users. Whoever has it
 * open and writes `use NAME` is a user until it closes it, or until somebody writes `drain`. A user keeps the module, as a mount does.
 */
#include <linux/atomic.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "wekafs.h"

#define WEKAFS_MAGIC 0x77656b61

struct opener {
	struct list_head among;
	bool is_user;
	pid_t pid;
	char name[32];
};

static LIST_HEAD(openers);
static DEFINE_MUTEX(openers_lock);
static atomic_t active_mounts = ATOMIC_INIT(0);

static int wekafs_fill_super(struct super_block *sb, struct fs_context *fc)
{
	static const struct tree_descr no_files[] = { { "" } };
	int failed = simple_fill_super(sb, WEKAFS_MAGIC, no_files);

	if (!failed)
		atomic_inc(&active_mounts);
	return failed;
}

static int wekafs_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, wekafs_fill_super);
}

static const struct fs_context_operations wekafs_context = {
	.get_tree = wekafs_get_tree,
};

static int wekafs_init_fs_context(struct fs_context *fc)
{
	fc->ops = &wekafs_context;
	return 0;
}

static void wekafs_kill_sb(struct super_block *sb)
{
	if (sb->s_root)
		atomic_dec(&active_mounts);
	kill_litter_super(sb);
}

static struct file_system_type wekafs_type = {
	.owner = THIS_MODULE,
	.name = "wekafs",
	.init_fs_context = wekafs_init_fs_context,
	.kill_sb = wekafs_kill_sb,
};
MODULE_ALIAS_FS("wekafs");

/* The lock is held. */
static void let_go(struct opener *opener)
{
	if (!opener->is_user)
		return;
	opener->is_user = false;
	module_put(THIS_MODULE);
}

static int interface_show(struct seq_file *file, void *unused)
{
	struct opener *each;
	int users = 0;

	mutex_lock(&openers_lock);
	list_for_each_entry(each, &openers, among)
		users += each->is_user;
	seq_printf(file, "Version: %s\n", WEKA_VERSION);
	seq_printf(file, "Gateway version: %s\n", wekafsgw_version);
	seq_printf(file, "Active mounts: %d\n", atomic_read(&active_mounts));
	seq_printf(file, "Users: %d\n", users);
	list_for_each_entry(each, &openers, among)
		if (each->is_user)
			seq_printf(file, "Container=%s Process=%d Connected frontend\n",
				   each->name, each->pid);
	mutex_unlock(&openers_lock);
	return 0;
}

static int interface_open(struct inode *inode, struct file *file)
{
	struct opener *opener = kzalloc(sizeof(*opener), GFP_KERNEL);
	int failed;

	if (!opener)
		return -ENOMEM;
	failed = single_open(file, interface_show, opener);
	if (failed) {
		kfree(opener);
		return failed;
	}
	mutex_lock(&openers_lock);
	list_add_tail(&opener->among, &openers);
	mutex_unlock(&openers_lock);
	return 0;
}

static int interface_release(struct inode *inode, struct file *file)
{
	struct opener *opener = ((struct seq_file *)file->private_data)->private;

	mutex_lock(&openers_lock);
	list_del(&opener->among);
	let_go(opener);
	mutex_unlock(&openers_lock);
	kfree(opener);
	return single_release(inode, file);
}

static int use(struct opener *opener, const char *name)
{
	/* Names are printed in lines of words. */
	if (!*name || strpbrk(name, " \t\n"))
		return -EINVAL;
	if (!opener->is_user && !try_module_get(THIS_MODULE))
		return -ENODEV;
	opener->is_user = true;
	opener->pid = task_tgid_nr(current);
	strscpy(opener->name, name, sizeof(opener->name));
	return 0;
}

static ssize_t interface_write(struct file *file, const char __user *from, size_t size, loff_t *at)
{
	struct opener *opener = ((struct seq_file *)file->private_data)->private;
	struct opener *each;
	char buffer[40];
	char *words;
	int failed = 0;

	if (size >= sizeof(buffer))
		return -EINVAL;
	if (copy_from_user(buffer, from, size))
		return -EFAULT;
	buffer[size] = '\0';
	words = strim(buffer);
	mutex_lock(&openers_lock);
	if (!strncmp(words, "use ", 4))
		failed = use(opener, words + 4);
	else if (!strcmp(words, "drain"))
		list_for_each_entry(each, &openers, among)
			let_go(each);
	else
		failed = -EINVAL;
	mutex_unlock(&openers_lock);
	return failed ? failed : size;
}

static const struct proc_ops interface_ops = {
	.proc_open = interface_open,
	.proc_read = seq_read,
	.proc_write = interface_write,
	.proc_lseek = seq_lseek,
	.proc_release = interface_release,
};

static int __init wekafsio_init(void)
{
	int failed = LOADABLE;

	if (failed)
		return failed;
	failed = register_filesystem(&wekafs_type);
	if (failed)
		return failed;
	if (!proc_create("interface", 0644, wekafsgw_folder, &interface_ops)) {
		unregister_filesystem(&wekafs_type);
		return -ENOMEM;
	}
	pr_info("wekafsio: version %s\n", WEKA_VERSION);
	return 0;
}
module_init(wekafsio_init);

static void __exit wekafsio_exit(void)
{
	remove_proc_entry("interface", wekafsgw_folder);
	unregister_filesystem(&wekafs_type);
	pr_info("wekafsio: gone, version %s\n", WEKA_VERSION);
}
module_exit(wekafsio_exit);

MODULE_DESCRIPTION("Stand-in for WEKA's file system");
MODULE_LICENSE("GPL");
MODULE_VERSION(WEKA_VERSION);
