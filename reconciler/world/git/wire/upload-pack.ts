import type { Interruptible } from '../../../ports.ts';
import { GitError } from '../errors.ts';
import type { Limits } from '../limits.ts';
import type { Oid } from '../objects/git-object.ts';
import { serverSays } from './advertisement.ts';
import { DELIMITER, FLUSH, packet, PacketError, packetStream, packetText } from './pkt-line.ts';
import type { Transport } from './transport.ts';

export interface FetchRequest extends Interruptible {
  readonly want: Oid;
  /** Commits that are here with all that belongs to them. */
  readonly haves: readonly Oid[];
  /** Those here whose parents are not. */
  readonly shallow: readonly Oid[];
  /** How many commits deep the history shall be; all of it where unset. */
  readonly depth?: number;
  /** Version 2 gives out any commit by its name, which version 0 does for tips only; every server speaks version 0. */
  readonly version: 0 | 2;
}

const DATA = 1;
const PROGRESS = 2;
const FAILURE = 3;

/** Asks for a commit and hands the pack on as it comes. One request. */
export async function fetchPack(
  transport: Transport,
  request: FetchRequest,
  limits: Limits,
  onPack: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  const { signal } = request;
  const options = { signal, ...(request.version === 2 ? { gitProtocol: 'version=2' } : {}) };
  const body = request.version === 2 ? bodyOfVersion2(request) : bodyOfVersion0(request);
  let began = false;
  try {
    const chunks = transport.stream('git-upload-pack', body, limits.packBytes, options);
    for await (const frame of packetStream(chunks)) {
      // Marks end the sections; the one after the pack ends the answer.
      if (!Buffer.isBuffer(frame)) {
        if (began && frame === 'flush') return;
        continue;
      }
      const content = frame.subarray(1);
      if (frame[0] === DATA) {
        began = true;
        await onPack(content);
      } else if (frame[0] === FAILURE) {
        throw serverSays(transport, packetText(content));
      } else if (frame[0] !== PROGRESS) {
        const text = packetText(frame);
        if (text.startsWith('ERR ')) throw refused(transport, request, text.slice('ERR '.length));
      }
    }
  } catch (cause) {
    if (!(cause instanceof PacketError)) throw cause;
    throw damaged(transport, cause);
  }
  throw damaged(transport);
}

/** An answer that is not what it should be. Nothing of it is kept. */
export function damaged({ url }: Transport, cause?: unknown): GitError {
  return new GitError('REPOSITORY_CORRUPT', `What ${url} sent is damaged or was cut off.`, {
    hint: 'Nothing of it was used; it is fetched again in the next pass.',
    cause,
  });
}

function bodyOfVersion0({ want, haves, shallow, depth }: FetchRequest): Buffer {
  const capabilities = 'side-band-64k thin-pack ofs-delta no-progress agent=weka-gitops';
  return Buffer.concat([
    packet(`want ${want} ${capabilities}\n`),
    ...shallow.map((oid) => packet(`shallow ${oid}\n`)),
    ...(depth === undefined ? [] : [packet(`deepen ${depth}\n`)]),
    FLUSH,
    ...haves.map((oid) => packet(`have ${oid}\n`)),
    packet('done\n'),
  ]);
}

function bodyOfVersion2({ want, haves, shallow, depth }: FetchRequest): Buffer {
  return Buffer.concat([
    packet('command=fetch'),
    packet('agent=weka-gitops'),
    packet('object-format=sha1'),
    DELIMITER,
    packet('thin-pack\n'),
    packet('ofs-delta\n'),
    packet('no-progress\n'),
    packet(`want ${want}\n`),
    ...haves.map((oid) => packet(`have ${oid}\n`)),
    ...shallow.map((oid) => packet(`shallow ${oid}\n`)),
    ...(depth === undefined ? [] : [packet(`deepen ${depth}\n`)]),
    packet('done\n'),
    FLUSH,
  ]);
}

function refused(transport: Transport, { want, version }: FetchRequest, text: string): GitError {
  if (version === 2 && /not our ref|protocol error|unknown|expected/.test(text)) {
    return new GitError('REF_NOT_FOUND', `${transport.url} does not give out a commit ${want}.`, {
      hint: 'It is not in the repository, or the server gives out branches and tags only: configure one of those.',
    });
  }
  return serverSays(transport, text);
}
