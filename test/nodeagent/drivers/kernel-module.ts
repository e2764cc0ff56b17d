import { Buffer } from 'node:buffer';

export interface ModuleText {
  /** Entries of `.modinfo`. */
  readonly info: readonly string[];
  readonly machine?: number;
  readonly buildId?: string;
  readonly isSigned?: boolean;
  /** How many bytes of code. */
  readonly bytes?: number;
}

const HEADER = 64;
const SECTION = 64;

/** A kernel module as `modinfo` reads it: an ELF file of 64 bits with a description and, if it is told so, a build id and a signature. */
export function kernelModule({
  info,
  machine = 62,
  buildId,
  isSigned = false,
  bytes = 0,
}: ModuleText): Buffer {
  const sections: [name: string, content: Buffer][] = [
    ['.modinfo', Buffer.from(info.map((entry) => `${entry}\0`).join(''))],
    ['.text', Buffer.alloc(bytes, 0x90)],
  ];
  if (buildId !== undefined) {
    const id = Buffer.from(buildId, 'hex');
    const note = Buffer.alloc(16);
    [4, id.length, 3].forEach((word, index) => note.writeUInt32LE(word, index * 4));
    note.write('GNU\0', 12, 'latin1');
    sections.push(['.note.gnu.build-id', Buffer.concat([note, id])]);
  }
  const names = `\0${sections.map(([name]) => `${name}\0`).join('')}.shstrtab\0`;
  sections.push(['.shstrtab', Buffer.from(names)]);

  const header = Buffer.alloc(HEADER);
  header.write('\u007fELF\u0002\u0001\u0001', 'latin1');
  header.writeUInt16LE(1, 16);
  header.writeUInt16LE(machine, 18);
  const table = Buffer.alloc((sections.length + 1) * SECTION);
  let at = HEADER;
  sections.forEach(([name, content], index) => {
    const entry = (index + 1) * SECTION;
    table.writeUInt32LE(names.indexOf(`\0${name}\0`) + 1, entry);
    table.writeBigUInt64LE(BigInt(at), entry + 24);
    table.writeBigUInt64LE(BigInt(content.length), entry + 32);
    at += content.length;
  });
  header.writeBigUInt64LE(BigInt(at), 40);
  header.writeUInt16LE(SECTION, 58);
  header.writeUInt16LE(sections.length + 1, 60);
  header.writeUInt16LE(sections.length, 62);
  const signature = isSigned
    ? [Buffer.from('signature'), Buffer.alloc(12), Buffer.from('~Module signature appended~\n')]
    : [];
  return Buffer.concat([header, ...sections.map(([, content]) => content), table, ...signature]);
}

/** What the description of a module of WEKA's says. */
export function infoOf(
  name: string,
  {
    version = '4.4.5',
    vermagic = '6.1.0 SMP mod_unload ',
    depends = '',
  }: { version?: string; vermagic?: string; depends?: string } = {},
): readonly string[] {
  return [
    `version=${version}`,
    'license=Proprietary',
    `srcversion=${name.toUpperCase()}${version}`,
    `depends=${depends}`,
    `name=${name}`,
    `vermagic=${vermagic}`,
  ];
}
