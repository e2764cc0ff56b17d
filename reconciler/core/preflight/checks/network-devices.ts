import { isKnown } from '../../../../schemas/node/observed.ts';
import { fail, mend, pass, unclear } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { isPlainName } from '../mends.ts';
import { dataDevices, deviceWords } from '../data-devices.ts';

/** A device whose speed the kernel does not tell, as of virtual machines, passes: that its link is up is what counts. */
export const networkDevices: NodeCheck = {
  about: 'the network devices for data, up and with an address',
  why: 'Containers send data over the devices that the manifest names, or else over any that has an address.',
  concerns: ['drive', 'compute', 'client', 's3', 'nfs', 'smbw', 'data-services', 'any'],
  from: 'report',
  check({ observed: { networkInterfaces }, hosted }) {
    const look = mend('Look at the node.', 'ip -brief address');
    if (!isKnown(networkInterfaces)) return unclear(networkInterfaces.unknown, look);
    const { missing, devices, named } = dataDevices(networkInterfaces, hosted);
    if (missing.length > 0) {
      const there = networkInterfaces.map(({ name }) => name);
      return fail(
        `no ${missing.join(', no ')}, but ${there.length === 0 ? 'nothing' : there.slice(0, 8).join(', ')}`,
        `the devices ${named.join(', ')}`,
        mend(
          'Name other devices in spec.network of the manifest, or rename those of the node.',
          'ip -brief link',
        ),
      );
    }
    const down = devices.filter(({ link }) => isKnown(link) && link === 'down');
    if (named.length > 0 && down.length > 0) {
      return fail(
        `${down.map(({ name }) => name).join(', ')} down`,
        'links that are up',
        mend('Plug the cable in, or set the link up.', ...down.flatMap(({ name }) => upCommand(name))),
      );
    }
    // All that are named are used, so that one of them that may be down is not made good by another.
    const [unsure] = named.length > 0 ? devices.filter(({ link }) => !isKnown(link)) : [];
    if (unsure !== undefined && !isKnown(unsure.link)) return unclear(unsure.link.unknown, look);
    const usable = devices.filter(
      ({ link, addresses }) => isKnown(link) && link === 'up' && isKnown(addresses) && addresses.length > 0,
    );
    if (usable.length > 0) return pass(usable.map(deviceWords).join(', '));
    // With names given, a device may be driven without an address of the kernel's.
    if (named.length > 0 && devices.length > 0) return pass(devices.map(deviceWords).join(', '));
    const doubtful = devices.flatMap(({ link, addresses }) =>
      [link, addresses].filter((each) => !isKnown(each)),
    );
    const [doubt] = doubtful;
    if (doubt !== undefined && !isKnown(doubt)) return unclear(doubt.unknown, look);
    return fail('no device that is up and has an address', 'one such device', look);
  },
};

function upCommand(name: string): readonly string[] {
  return isPlainName(name) ? [`sudo ip link set dev ${name} up`] : [];
}
