// SPDX-License-Identifier: GPL-2.0
/* Gives PCI devices to processes by uio, which it cannot be without. It takes those that are named in its `new_id`. */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/uio_driver.h>

static int igb_uio_probe(struct pci_dev *device, const struct pci_device_id *id)
{
	struct uio_info *info = devm_kzalloc(&device->dev, sizeof(*info), GFP_KERNEL);
	int failed;

	if (!info)
		return -ENOMEM;
	failed = pcim_enable_device(device);
	if (failed)
		return failed;
	info->name = "igb_uio";
	info->version = "weka1.0.2";
	info->irq = UIO_IRQ_NONE;
	failed = uio_register_device(&device->dev, info);
	if (failed)
		return failed;
	pci_set_drvdata(device, info);
	return 0;
}

static void igb_uio_remove(struct pci_dev *device)
{
	uio_unregister_device(pci_get_drvdata(device));
}

static struct pci_driver igb_uio_driver = {
	.name = "igb_uio",
	.id_table = NULL,
	.probe = igb_uio_probe,
	.remove = igb_uio_remove,
};
module_pci_driver(igb_uio_driver);

MODULE_DESCRIPTION("Stand-in for DPDK's igb_uio as WEKA brings it");
MODULE_LICENSE("GPL");
MODULE_VERSION("weka1.0.2");
