import type { Host, HostPath } from '../host/host.ts';
import { isKnown } from '../../schemas/node/observed.ts';
import type { NodeReport } from '../../schemas/node-report.ts';
import type { Reading } from '../observe/reading.ts';

/**
 * Tells cheaply whether something about the host may have changed. Node has no netlink, where the kernel tells of that, so the
 * number that the kernel counts its events by is read instead: four reads most of the time. What it does not count, such as free
 * space or a mount, is left to the slow timer.
 */
export class Pulse {
  readonly #host: Host;
  #events: string | undefined;
  #quick: string | undefined;
  #devices: string | undefined;

  constructor(host: Host) {
    this.#host = host;
  }

  /** Whether there is a change since the last time; `report` says which network interfaces matter. */
  async changed(report: NodeReport | undefined): Promise<boolean> {
    const names = interfacesOf(report);
    const [events, quick] = await Promise.all([
      this.#host.text('/sys/kernel/uevent_seqnum').then(saidOf),
      this.#readQuick(names),
    ]);
    let isChanged = this.#quick !== undefined && this.#quick !== quick;
    this.#quick = quick;
    // Pods make events too, by their ends of cables; only when there were some is it looked at what there is.
    if (events !== this.#events || this.#devices === undefined || !/^\d/.test(events)) {
      const devices = await this.#readDevices(names);
      isChanged ||= this.#devices !== undefined && this.#devices !== devices;
      this.#devices = devices;
      this.#events = events;
    }
    return isChanged;
  }

  async #readQuick(names: ReadonlySet<string>): Promise<string> {
    const [pages, mounts, addresses] = await Promise.all([
      this.#host.text('/proc/sys/vm/nr_hugepages').then(saidOf),
      this.#names('/proc/wekafs'),
      this.#host.addresses(),
    ]);
    const own = addresses.state === 'read' ? [...addresses.value].filter(([name]) => names.has(name)) : [];
    return JSON.stringify([pages, mounts, own]);
  }

  async #readDevices(names: ReadonlySet<string>): Promise<string> {
    const [modules, disks, interfaces] = await Promise.all([
      this.#names('/sys/module'),
      this.#names('/sys/block'),
      this.#interfaces(names),
    ]);
    return JSON.stringify([modules, disks, interfaces]);
  }

  /** Those that have a device, and those that the report told of. */
  async #interfaces(names: ReadonlySet<string>): Promise<readonly string[]> {
    const listing = await this.#host.list('/sys/class/net');
    if (listing.state !== 'read') return [listing.reason];
    const places = await Promise.all(
      listing.value.map(async ({ name, path }) => ({ name, place: await this.#host.link(path) })),
    );
    return places
      .filter(
        ({ name, place }) =>
          names.has(name) || (place.state === 'read' && !place.value.startsWith('/sys/devices/virtual/')),
      )
      .map(({ name }) => name);
  }

  async #names(folder: HostPath): Promise<string> {
    const listing = await this.#host.list(folder);
    return listing.state === 'read' ? listing.value.map(({ name }) => name).join('/') : listing.reason;
  }
}

function interfacesOf(report: NodeReport | undefined): ReadonlySet<string> {
  const told = report?.observed.networkInterfaces;
  return new Set(told === undefined || !isKnown(told) ? [] : told.map(({ name }) => name));
}

function saidOf(reading: Reading<string>): string {
  return reading.state === 'read' ? reading.value : reading.reason;
}
