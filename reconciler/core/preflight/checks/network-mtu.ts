import { isKnown } from '../../../../schemas/node/observed.ts';
import type { NetworkInterface } from '../../../../schemas/node/network.ts';
import { type Mend, mend, pass, unclear, warn } from '../answer.ts';
import type { NodeCheck } from '../check.ts';
import { isPlainName } from '../mends.ts';
import { dataDevices } from '../data-devices.ts';
import type { Hosted } from '../hosted.ts';
import type { Family } from '../system.ts';

/** Smallest packets that DPDK wants to send (weka-operator §6.5). */
const LEAST = { ethernet: 8000, infiniband: 4000, other: 8000 } as const;
/** What is set in their place. */
const SET = { ethernet: 9000, infiniband: 4092, other: 9000 } as const;

/** WEKA runs with smaller packets, only slower, so these only warn. UDP mode does without. */
export const networkMtu: NodeCheck = {
  about: `packets of ${LEAST.ethernet} bytes on Ethernet and ${LEAST.infiniband} on InfiniBand, for DPDK`,
  why: 'With small packets a node spends its cores on headers.',
  concerns: ({ hosted }) => byDpdk(hosted).length > 0,
  from: 'report',
  check({ observed: { networkInterfaces }, hosted, system }) {
    const look = mend('Look at the node.', 'ip -brief link');
    if (!isKnown(networkInterfaces)) return unclear(networkInterfaces.unknown, look);
    const { devices, named } = dataDevices(networkInterfaces, byDpdk(hosted));
    const up = devices.filter(({ link }) => !isKnown(link) || link === 'up');
    // What devices there have to be is a check of its own.
    if (up.length === 0) return undefined;
    const [unsure] = up.filter(({ mtu }) => !isKnown(mtu));
    if (unsure !== undefined && !isKnown(unsure.mtu)) return unclear(unsure.mtu.unknown, look);
    const small = up.filter((device) => isKnown(device.mtu) && device.mtu < LEAST[kindOf(device)]);
    // Where no device is named, one that is good enough is.
    const isFine = named.length > 0 ? small.length === 0 : small.length < up.length;
    const seen = up.map(mtuWords).join(', ');
    if (isFine) return pass(seen);
    const kinds = [...new Set(small.map(kindOf))];
    const needed = kinds.map(
      (kind) => `an MTU of at least ${LEAST[kind]}${kind === 'infiniband' ? ' on InfiniBand' : ''}`,
    );
    return warn(
      small.map(mtuWords).join(', '),
      [...new Set(needed)].join(' and '),
      setMtu(small, system.family),
    );
  },
};

/** Containers that do not go through the kernel. */
function byDpdk(hosted: readonly Hosted[]): readonly Hosted[] {
  return hosted.filter(({ network, mode }) => mode !== 'drivers-builder' && network?.udpMode !== true);
}

function kindOf({ kind }: NetworkInterface): keyof typeof LEAST {
  return isKnown(kind) ? kind : 'ethernet';
}

function mtuWords({ name, mtu }: NetworkInterface): string {
  return `${name} ${isKnown(mtu) ? mtu : '?'}`;
}

function setMtu(devices: readonly NetworkInterface[], family: Family | undefined): Mend {
  const commands = devices.flatMap((device) => {
    const { name } = device;
    if (!isPlainName(name)) return [];
    const mtu = SET[kindOf(device)];
    const lasting =
      family === 'red-hat'
        ? [
            `sudo nmcli connection modify "$(nmcli -g GENERAL.CONNECTION device show ${name})" 802-3-ethernet.mtu ${mtu}`,
          ]
        : [];
    return [`sudo ip link set dev ${name} mtu ${mtu}`, ...lasting];
  });
  return mend(
    'Let the switch take large packets, and set the MTU, also in the network configuration that is read at boot.',
    ...commands,
  );
}
