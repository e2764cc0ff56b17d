import type { Oid } from '../objects/git-object.ts';
import { FLUSH, packet, packets, packetText } from './pkt-line.ts';

/** One ref to be moved. `undefined` stands for no commit: a ref is created, or deleted. */
export interface RefUpdate {
  readonly ref: string;
  readonly from: Oid | undefined;
  readonly to: Oid | undefined;
}

/** What a server made of a push. */
export interface PushReport {
  /** Why it could not store the objects; undefined where it could. */
  readonly unpack: string | undefined;
  /** Why it did not move each ref; undefined for one it did. */
  readonly refs: ReadonlyMap<string, string | undefined>;
  /** What it and its hooks printed beside that. */
  readonly said: string;
}

const NONE = '0'.repeat(40);

/** The body of a push of one ref. The server moves it only if it is still at `from`. */
export function pushRequest(
  { ref, from, to }: RefUpdate,
  pack: Uint8Array,
  capabilities: ReadonlySet<string>,
): Buffer {
  const wanted = ['report-status', 'side-band-64k'].filter((capability) => capabilities.has(capability));
  const command = packet(`${from ?? NONE} ${to ?? NONE} ${ref}\0 ${wanted.join(' ')} agent=weka-gitops`);
  return Buffer.concat([command, FLUSH, pack]);
}

/** The answer to a push; undefined where it ends before all of it is told. */
export function parsePushReport(
  bytes: Uint8Array,
  capabilities: ReadonlySet<string>,
): PushReport | undefined {
  const { data, said } = capabilities.has('side-band-64k') ? sideband(bytes) : { data: bytes, said: '' };
  const refs = new Map<string, string | undefined>();
  let unpack: string | undefined;
  let told = false;
  for (const frame of packets(data)) {
    if (!Buffer.isBuffer(frame)) continue;
    const [, word, rest = ''] = /^(unpack|ok|ng) (.*)$/s.exec(packetText(frame)) ?? [];
    const [name = '', ...reason] = rest.split(' ');
    if (word === 'unpack') {
      told = true;
      unpack = rest === 'ok' ? undefined : rest;
    } else if (word === 'ok') refs.set(name, undefined);
    else if (word === 'ng') refs.set(name, reason.join(' ') || 'no reason given');
  }
  return told ? { unpack, refs, said } : undefined;
}

/** Takes apart what a server sends at once: data on the first band, and what it says to people on the others. */
function sideband(bytes: Uint8Array): { readonly data: Buffer; readonly said: string } {
  const bands: Readonly<Record<number, Buffer[]>> = { 1: [], 2: [], 3: [] };
  for (const frame of packets(bytes)) {
    if (Buffer.isBuffer(frame)) bands[frame[0] ?? 0]?.push(frame.subarray(1));
  }
  const [data, said, fatal] = [1, 2, 3].map((band) => Buffer.concat(bands[band]!)) as [
    Buffer,
    Buffer,
    Buffer,
  ];
  return { data, said: `${said.toString('utf8')}\n${fatal.toString('utf8')}`.trim() };
}
