import { z } from 'zod';
import { Cidr, OptionalCidr, OptionalIp } from '../kube/address.ts';

const NetworkSelector = z.strictObject({
  subnet: OptionalCidr.optional().describe('Subnet in CIDR notation; a device needs an address in it.'),
  min: z
    .int()
    .min(0)
    .optional()
    .describe('Devices that a node must have; with fewer its container does not start.'),
  max: z.int().min(0).optional().describe('Devices of a node that are used at most.'),
  deviceNames: z.array(z.string()).optional().describe('Names that a device may have.'),
  rdmaOnly: z.boolean().optional().describe('Whether the devices carry RDMA only.'),
  disableRdma: z.boolean().optional().describe('Whether RDMA stays off on the devices.'),
});

/** Network devices that a container of WEKA uses. A change holds for containers that are started after it. */
export const Network = z.strictObject({
  ethDevice: z.string().optional().describe('The one device for data; not together with ethDevices.'),
  ethDevices: z
    .array(z.string())
    .optional()
    .describe('Several devices for data, in the order of their slots; every node needs them all.'),
  gateway: OptionalIp.optional().describe('Gateway for data that leaves the subnet.'),
  netmask: z
    .int()
    .min(0)
    .max(128)
    .optional()
    .describe('Bits of the netmask for data, such as 24, where it is not the device’s own.'),
  udpMode: z
    .boolean()
    .optional()
    .describe('Whether data travels in UDP packets and not by DPDK: works on any device, and is slower.'),
  deviceSubnets: z
    .array(Cidr)
    .optional()
    .describe('Subnets in CIDR notation; devices with an address in one of them are used for data.'),
  selectors: z
    .array(NetworkSelector)
    .optional()
    .describe('Devices for data by conditions; each selector adds some.'),
  managementIpsSelectors: z
    .array(NetworkSelector)
    .optional()
    .describe('Addresses for management by conditions, in place of the node’s own.'),
  bindManagementAll: z
    .boolean()
    .default(false)
    .describe('Whether management listens on every address of the node and not only on those chosen for it.'),
  nvidiaVfSingleIp: z
    .boolean()
    .optional()
    .describe('Whether processes share one virtual function of an NVIDIA device and its address.'),
  allocateVfPerIoNode: z
    .boolean()
    .optional()
    .describe('Whether each core for data gets a virtual function of its own.'),
});
