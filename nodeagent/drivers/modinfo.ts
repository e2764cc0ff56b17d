import { Buffer } from 'node:buffer';
import type { FileHandle } from 'node:fs/promises';
import { parseBuildId } from '../observe/build-id.ts';
import { kernelName } from '../plan/driver-facts.ts';
import { MOST_SRCVERSION, MOST_VERSION, type PackageModule } from '../plan/package-module.ts';

/** A file is no kernel module, for this reason. */
export class NoModule extends Error {}

const MOST_SECTIONS = 16_384;
const MOST_BYTES = 1 << 20;
const SECTION_BYTES = 64;
const SIGNED = '~Module signature appended~\n';
/** After the number of entries of a list of links and the state of the module comes its name. */
const NAME_AT = 24;

const MACHINES: ReadonlyMap<number, string> = new Map([
  [62, 'x86_64'],
  [183, 'aarch64'],
]);

/** What a kernel module says of itself; throws a NoModule. Of the file only these parts are read, whatever it claims. */
export async function readModinfo(file: FileHandle): Promise<Omit<PackageModule, 'file' | 'sha256'>> {
  const header = await bytesAt(file, 0, SECTION_BYTES, 'the header of an ELF file');
  if (header.toString('latin1', 0, 4) !== '\u007fELF' || header[4] !== 2 || header[5] !== 1) {
    throw new NoModule('it is no ELF file of 64 bits');
  }
  const architecture = MACHINES.get(header.readUInt16LE(18));
  if (architecture === undefined) throw new NoModule('it is for a machine that is not known');
  const sections = await readSections(file, header);
  const info = sections.get('.modinfo');
  if (info === undefined) throw new NoModule('it says nothing of itself');
  const said = parseInfo(await bytesAt(file, info.offset, info.bytes, 'its description'));
  const one = (key: string): string | undefined => said.find(([name]) => name === key)?.[1];
  const name = one('name') ?? (await readName(file, sections));
  const vermagic = one('vermagic');
  if (name === undefined || !/^[\w-]{1,56}$/.test(name)) throw new NoModule('it has no name');
  if (vermagic === undefined || vermagic.length > 256)
    throw new NoModule('it does not say for which kernel it is');
  const depends = (one('depends') ?? '').split(',').filter((each) => each !== '');
  if (depends.length > 64 || depends.some((each) => !/^[\w-]{1,56}$/.test(each))) {
    throw new NoModule('what it depends on cannot be read');
  }
  const [version, srcversion, buildId] = [
    one('version'),
    one('srcversion'),
    await readBuildId(file, sections),
  ];
  return {
    name: kernelName(name),
    architecture,
    vermagic,
    depends,
    ...(version === undefined ? {} : { version: version.trim().slice(0, MOST_VERSION) }),
    ...(srcversion === undefined ? {} : { srcversion: srcversion.trim().slice(0, MOST_SRCVERSION) }),
    ...(buildId === undefined ? {} : { buildId }),
    isSigned: await isSigned(file),
  };
}

interface Section {
  readonly offset: number;
  readonly bytes: number;
}

async function readSections(file: FileHandle, header: Buffer): Promise<ReadonlyMap<string, Section>> {
  const [count, names] = [header.readUInt16LE(60), header.readUInt16LE(62)];
  if (header.readUInt16LE(58) !== SECTION_BYTES || count === 0 || count > MOST_SECTIONS || names >= count) {
    throw new NoModule('its sections cannot be read');
  }
  const table = await bytesAt(file, numberAt(header, 40), count * SECTION_BYTES, 'its sections');
  const section = (index: number): Section => ({
    offset: numberAt(table, index * SECTION_BYTES + 24),
    bytes: numberAt(table, index * SECTION_BYTES + 32),
  });
  const { offset, bytes } = section(names);
  const text = (await bytesAt(file, offset, bytes, 'the names of its sections')).toString('latin1');
  const found = new Map<string, Section>();
  for (let index = 0; index < count; index++) {
    const at = table.readUInt32LE(index * SECTION_BYTES);
    const end = text.indexOf('\0', at);
    if (end !== -1) found.set(text.slice(at, end), section(index));
  }
  return found;
}

function parseInfo(bytes: Buffer): readonly (readonly [string, string])[] {
  return bytes
    .toString('utf8')
    .split('\0')
    .flatMap((entry) => {
      const equals = entry.indexOf('=');
      return equals === -1 ? [] : [[entry.slice(0, equals), entry.slice(equals + 1)] as const];
    });
}

/** Older kernels have the name only where the module keeps itself. */
async function readName(
  file: FileHandle,
  sections: ReadonlyMap<string, Section>,
): Promise<string | undefined> {
  const self = sections.get('.gnu.linkonce.this_module');
  if (self === undefined || self.bytes < NAME_AT + 56) return undefined;
  const bytes = await bytesAt(file, self.offset + NAME_AT, 56, 'its name');
  return bytes.toString('latin1').split('\0')[0];
}

async function readBuildId(
  file: FileHandle,
  sections: ReadonlyMap<string, Section>,
): Promise<string | undefined> {
  const notes = sections.get('.note.gnu.build-id');
  return notes && parseBuildId(await bytesAt(file, notes.offset, notes.bytes, 'its notes'));
}

async function isSigned(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  const end = await bytesAt(
    file,
    Math.max(0, size - SIGNED.length),
    Math.min(size, SIGNED.length),
    'its end',
  );
  return end.toString('latin1') === SIGNED;
}

function numberAt(bytes: Buffer, at: number): number {
  const value = bytes.readBigUInt64LE(at);
  if (value > 2n ** 40n) throw new NoModule('it points beyond its end');
  return Number(value);
}

async function bytesAt(file: FileHandle, offset: number, bytes: number, what: string): Promise<Buffer> {
  if (bytes > MOST_BYTES) throw new NoModule(`${what} is too large`);
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = await file.read(buffer, 0, bytes, offset);
  if (bytesRead < bytes) throw new NoModule(`${what} is cut off`);
  return buffer;
}
