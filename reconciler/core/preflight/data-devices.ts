import type { NetworkInterface } from '../../../schemas/node/network.ts';
import { isKnown } from '../../../schemas/node/observed.ts';
import type { Hosted } from './hosted.ts';

/** Devices of a node that carry data. */
interface DataDevices {
  /** Names that the manifests give. */
  readonly named: readonly string[];
  /** Of these, those that the node does not have. */
  readonly missing: readonly string[];
  /** Those that are named; where none is, all of hardware. */
  readonly devices: readonly NetworkInterface[];
}

/** The devices that containers use on a node. Conditions, such as a subnet, leave it open which, so that they name none. */
export function dataDevices(all: readonly NetworkInterface[], hosted: readonly Hosted[]): DataDevices {
  const named = [
    ...new Set(
      hosted.flatMap(({ network }) => [
        ...(network?.ethDevice ? [network.ethDevice] : []),
        ...(network?.ethDevices ?? []),
      ]),
    ),
  ];
  const byName = new Map(all.map((device) => [device.name, device]));
  if (named.length > 0) {
    return {
      named,
      missing: named.filter((name) => !byName.has(name)),
      devices: named.flatMap((name) => byName.get(name) ?? []),
    };
  }
  const hardware = all.filter((device) => device.pciAddress !== undefined || device.driver !== undefined);
  // A bond has its address where its parts have none.
  const above = all.filter(
    ({ lower, addresses }) => lower.length > 0 && isKnown(addresses) && addresses.length > 0,
  );
  const parts = new Set(above.flatMap(({ lower }) => lower));
  return {
    named,
    missing: [],
    devices: [
      ...hardware.filter(({ name }) => !parts.has(name)),
      ...above.filter((each) => !hardware.includes(each)),
    ],
  };
}

/** `eth1 at 100 Gbit/s` */
export function deviceWords({ name, speedMbps }: NetworkInterface): string {
  return isKnown(speedMbps) ? `${name} at ${speedMbps / 1000} Gbit/s` : name;
}
