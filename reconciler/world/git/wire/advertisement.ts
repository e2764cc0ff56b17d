import type { Oid } from './git-object.ts';
import { packets, packetText } from './pkt-line.ts';

/** What a service says before it is asked anything, in the oldest version of the protocol: all refs. */
export interface Advertisement {
  readonly refs: ReadonlyMap<string, Oid>;
  readonly capabilities: ReadonlySet<string>;
  /** Why the server tells nothing of it. */
  readonly problem?: string;
}

export function parseAdvertisement(bytes: Uint8Array): Advertisement {
  const refs = new Map<string, Oid>();
  let capabilities: string[] = [];
  for (const frame of packets(bytes)) {
    if (!Buffer.isBuffer(frame)) continue;
    const [text = '', offered] = packetText(frame).split('\0', 2);
    if (text.startsWith('ERR ')) return { refs, capabilities: new Set(), problem: text.slice('ERR '.length) };
    if (offered !== undefined) capabilities = offered.split(' ').filter((word) => word !== '');
    const [, oid, name] = /^([0-9a-f]{40}|[0-9a-f]{64}) (refs\/.+|HEAD)$/.exec(text) ?? [];
    // `refs/tags/v1^{}` is what an annotated tag points to, and no ref.
    if (oid !== undefined && name !== undefined && !name.endsWith('^{}')) refs.set(name, oid as Oid);
  }
  return { refs, capabilities: new Set(capabilities) };
}
