import type { BlockDevice } from '../../schemas/node/storage.ts';
import { isKnown, type Observed, unknown } from '../../schemas/node/observed.ts';
import { numberFrom, yesNo } from '../observe/number.ts';
import { pciAddressOf } from '../observe/pci.ts';
import { known, knownIfAny } from '../observe/reading.ts';
import { meaningOfAbsence } from './absence.ts';
import type { Entry, Host, HostPath } from './host.ts';

/** The kernel counts in these, whatever a disk's own sectors are. */
const SECTOR = 512;

/** Disks of the machine. Loops, RAM disks and what is made of other disks are none. */
export async function readBlockDevices(host: Host): Promise<Observed<readonly BlockDevice[]>> {
  const listing = await host.list('/sys/block');
  // A machine without a disk has an empty folder.
  const answer = await meaningOfAbsence(host, listing, { beside: '/sys/class', means: [] });
  if (answer !== undefined) return answer;
  if (listing.state !== 'read') return unknown(listing.reason);
  const found = await Promise.all(listing.value.map(async (entry) => await readBlockDevice(host, entry)));
  return found.filter((device) => device !== undefined);
}

async function readBlockDevice(host: Host, { name, path }: Entry): Promise<BlockDevice | undefined> {
  const place = await host.link(path);
  // An NVMe disk that is reached by several paths is virtual too, but not among these.
  if (place.state === 'read' && place.value.startsWith('/sys/devices/virtual/block/')) return undefined;
  const [size, hidden, rotational, removable, readOnly] = await Promise.all([
    host.text(`${path}/size`),
    host.text(`${path}/hidden`),
    host.text(`${path}/queue/rotational`),
    host.text(`${path}/removable`),
    host.text(`${path}/ro`),
  ]);
  // It has no size where it is gone, and is hidden where it is but one path to a disk.
  if (size.state === 'absent') return undefined;
  if (hidden.state === 'read' && hidden.value.trim() === '1') return undefined;
  const sectors = known(size, (text) => numberFrom(0, text));
  const [model, serial] = await Promise.all([
    readWords(host, `${path}/device/model`),
    readWords(host, `${path}/device/serial`, `${path}/serial`),
  ]);
  const address = place.state === 'read' ? pciAddressOf(place.value) : undefined;
  return {
    name,
    sizeBytes: isKnown(sectors) ? sectors * SECTOR : sectors,
    ...(model === undefined ? {} : { model }),
    ...(serial === undefined ? {} : { serial }),
    rotational: known(rotational, yesNo),
    removable: known(removable, yesNo),
    readOnly: known(readOnly, yesNo),
    ...(address === undefined ? {} : { pciAddress: address }),
  };
}

/** The first of the files that is there and says something; devices fill what is left with blanks. */
async function readWords(host: Host, ...paths: readonly HostPath[]): Promise<Observed<string> | undefined> {
  for (const path of paths) {
    const words = knownIfAny(await host.text(path), (text) => text.trim());
    if (words !== undefined && words !== '') return words;
  }
  return undefined;
}
