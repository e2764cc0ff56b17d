import { prose } from '../../../core/report/plain.ts';
import type { Interruptible } from '../../../ports.ts';
import { GitError } from '../errors.ts';
import type { Oid } from '../objects/git-object.ts';
import { PacketError, packets, packetText } from './pkt-line.ts';
import type { Service, Transport } from './transport.ts';

/** What a service says before it is asked anything. */
export interface Advertisement {
  /** What each full ref points to; for an annotated tag, where the server tells it, the commit behind it. */
  readonly refs: ReadonlyMap<string, Oid>;
  readonly capabilities: ReadonlySet<string>;
}

const MAX_WORDS = 300;

/** All refs, by exactly one request: the oldest version of the protocol lists them at once. */
export async function readAdvertisement(
  transport: Transport,
  service: Service,
  options: Interruptible = {},
): Promise<Advertisement> {
  const bytes = await transport.get(service, options);
  const refs = new Map<string, Oid>();
  const peeled = new Map<string, Oid>();
  const capabilities = new Set<string>();
  try {
    for (const frame of packets(bytes)) {
      if (!Buffer.isBuffer(frame)) continue;
      const [text = '', offered = ''] = packetText(frame).split('\0', 2);
      if (text.startsWith('ERR ')) throw serverSays(transport, text.slice('ERR '.length));
      for (const word of offered.split(' ')) capabilities.add(word);
      const [, oid, name, mark] = /^([0-9a-f]{40}) (HEAD|refs\/.+?)(\^\{\})?$/.exec(text) ?? [];
      if (oid === undefined || name === undefined) continue;
      (mark === undefined ? refs : peeled).set(name, oid as Oid);
    }
  } catch (cause) {
    if (!(cause instanceof PacketError)) throw cause;
    throw new GitError('REPOSITORY_CORRUPT', `The list of refs that ${transport.url} sends is damaged.`, {
      hint: 'Something between here and the server may have cut it short. It is tried again in the next pass.',
      cause,
    });
  }
  if (capabilities.has('object-format=sha256')) {
    const message = `${transport.url} names its objects by SHA-256, which is not supported.`;
    throw new GitError('REPOSITORY_URL', message, { hint: 'Use a repository with the usual SHA-1 names.' });
  }
  return { refs: new Map([...refs, ...peeled]), capabilities };
}

/** A refusal in the server's own words, cut short, without credentials or control characters. */
export function serverSays(transport: Transport, text: string): GitError {
  const words = prose(transport.redact(text), MAX_WORDS);
  return new GitError('REPOSITORY_UNREACHABLE', `${transport.url} refuses: ${words}`, {
    hint: 'It is asked again in the next pass; ask who runs the server if this stays.',
  });
}
