import * as z from 'zod';
import { list } from './list.ts';
import { observed, text } from './observed.ts';

export const NetworkInterface = z.object({
  name: text(64).describe('Name of the interface.'),
  kind: observed(z.enum(['ethernet', 'infiniband', 'other'])).describe('What it speaks.'),
  mac: observed(text(128)).describe('Hardware address.'),
  addresses: observed(list(text(64), 1024)).describe(
    'IP addresses with their prefix; link-local ones are left out.',
  ),
  link: observed(z.enum(['up', 'down'])).describe('Whether it can carry traffic.'),
  speedMbps: observed(z.int().min(1)).describe('Speed of the link.'),
  mtu: observed(z.int().min(1)).describe('Largest packet.'),
  driver: text(64).optional().describe('Driver of the kernel; absent for an interface on top of others.'),
  pciAddress: text(64).optional().describe('Address on the PCI bus; absent where it is on none.'),
  pciId: observed(text(16))
    .optional()
    .describe('Vendor and device on the PCI bus, e.g. `15b3:101d`; absent where it is on none.'),
  numaNode: observed(z.int().min(0))
    .optional()
    .describe('NUMA node that it is near to; absent where the kernel knows none.'),
  lower: list(text(64), 256).describe('Interfaces that it is made of, such as those of a bond.'),
});
export type NetworkInterface = z.infer<typeof NetworkInterface>;

/** What there is to talk with. */
export const networkFields = {
  networkInterfaces: observed(list(NetworkInterface, 1024)).describe(
    'Interfaces of the machine and those made of them, by name; those of pods are left out.',
  ),
};
