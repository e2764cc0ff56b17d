import type { NetworkInterface } from '../../schemas/node/network.ts';
import { isKnown, type Observed, unknown } from '../../schemas/node/observed.ts';
import { interfaceKind, type Neighbours, neighbours } from '../observe/interfaces.ts';
import { numberFrom, quoted } from '../observe/number.ts';
import { pciAddressOf, pciId } from '../observe/pci.ts';
import { known, type Reading } from '../observe/reading.ts';
import type { Addresses, Entry, Host, HostPath } from './host.ts';
import { baseName } from './names.ts';

interface Found extends Neighbours {
  readonly entry: Entry;
  readonly place: Reading<HostPath>;
}

/** The machine's network interfaces and those made of them. */
export async function readNetworkInterfaces(host: Host): Promise<Observed<readonly NetworkInterface[]>> {
  const listing = await host.list('/sys/class/net');
  if (listing.state !== 'read') return unknown(listing.reason);
  const [addresses, own] = await Promise.all([host.addresses(), ownInterfaces(host, listing.value)]);
  const found = await Promise.all(
    [...own.values()].map(async (each) => await readInterface(host, each, own, addresses)),
  );
  return found.filter((each) => each !== undefined).toSorted((a, b) => (a.name < b.name ? -1 : 1));
}

/**
 * The interfaces that have a device, and from there upwards those made of them, such as bonds, VLANs and bridges. A pod's end
 * of a cable comes and goes with it and is nobody's business here; there may be hundreds, so they are not even looked at.
 */
async function ownInterfaces(host: Host, entries: readonly Entry[]): Promise<ReadonlyMap<string, Found>> {
  const byName = new Map(entries.map((entry) => [entry.name, entry]));
  const places = await Promise.all(
    entries.map(async (entry) => ({ entry, place: await host.link(entry.path) })),
  );
  const own = new Map<string, Found>();
  // What cannot be told apart is shown rather than hidden.
  let next = places.filter(({ place }) => place.state === 'failed' || isPhysical(place));
  while (next.length > 0) {
    const found = await Promise.all(
      next.map(async (each) => ({ ...each, ...(await readNeighbours(host, each.entry)) })),
    );
    for (const each of found) own.set(each.entry.name, each);
    const above = new Set(
      found.flatMap(({ upper }) => upper).filter((name) => !own.has(name) && byName.has(name)),
    );
    next = places.filter(({ entry }) => above.has(entry.name));
  }
  return own;
}

function isPhysical(place: Reading<HostPath>): boolean {
  return place.state === 'read' && !place.value.startsWith('/sys/devices/virtual/');
}

async function readNeighbours(host: Host, { path }: Entry): Promise<Neighbours> {
  const files = await host.list(path);
  return neighbours(files.state === 'read' ? files.value.map(({ name }) => name) : []);
}

async function readInterface(
  host: Host,
  { entry: { name, path }, place, lower }: Found,
  own: ReadonlyMap<string, Found>,
  addresses: Reading<Addresses>,
): Promise<NetworkInterface | undefined> {
  const [type, mac, state, speed, mtu] = await Promise.all([
    host.text(`${path}/type`),
    host.text(`${path}/address`),
    host.text(`${path}/operstate`),
    host.text(`${path}/speed`),
    host.text(`${path}/mtu`),
  ]);
  // Every interface has a type, so this one is gone.
  if (type.state === 'absent') return undefined;
  const number = known(type, (text) => numberFrom(0, text));
  const link = known(state, linkState);
  return {
    name,
    kind: isKnown(number) ? interfaceKind(number) : number,
    mac: known(mac, (text) => text.trim()),
    addresses: known(addresses, (all) => addressesOf(name, all, link)),
    link,
    speedMbps: link === 'down' ? unknown('It has no link.') : known(speed, (text) => numberFrom(1, text)),
    mtu: known(mtu, (text) => numberFrom(1, text)),
    ...(place.state === 'read' && isPhysical(place) ? await readHardware(host, path, place.value) : {}),
    lower: lower.filter((each) => own.has(each)),
  };
}

type Hardware = Pick<NetworkInterface, 'driver' | 'pciAddress' | 'pciId' | 'numaNode'>;

async function readHardware(host: Host, path: HostPath, place: HostPath): Promise<Hardware> {
  const address = pciAddressOf(place);
  const [driver, numa] = await Promise.all([
    host.link(`${path}/device/driver`),
    host.text(`${path}/device/numa_node`),
  ]);
  return {
    ...(driver.state === 'read' ? { driver: baseName(driver.value) } : {}),
    ...(address === undefined ? {} : { pciAddress: address, pciId: await readPciId(host, address) }),
    // The kernel says -1 where it knows no NUMA node.
    ...(numa.state === 'read' && numa.value.trim() !== '-1'
      ? { numaNode: numberFrom(0, numa.value) }
      : numa.state === 'failed'
        ? { numaNode: unknown(numa.reason) }
        : {}),
  };
}

async function readPciId(host: Host, address: string): Promise<Observed<string>> {
  const folder = `/sys/bus/pci/devices/${address}`;
  const [vendor, device] = await Promise.all([host.text(`${folder}/vendor`), host.text(`${folder}/device`)]);
  return known(vendor, (left) =>
    known(device, (right) => pciId(left, right) ?? unknown(`${folder} does not say what device it is.`)),
  );
}

function linkState(text: string): Observed<'up' | 'down'> {
  switch (text.trim()) {
    case 'up':
      return 'up';
    case 'down':
    case 'lowerlayerdown':
    case 'notpresent':
    case 'dormant':
    case 'testing':
      return 'down';
    default:
      return unknown(`The kernel says ${quoted(text.trim())}.`);
  }
}

/** Node lists only interfaces that can carry traffic: of the others it is not known that they have no address. */
function addressesOf(name: string, all: Addresses, link: Observed<'up' | 'down'>): Observed<string[]> {
  const own = all.get(name);
  if (own !== undefined) return [...own];
  return link === 'up' ? [] : unknown('Addresses are seen only of interfaces that have a link.');
}
