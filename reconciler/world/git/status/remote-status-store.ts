import { prose } from '../../../core/report/plain.ts';
import type { Interruptible } from '../../../ports.ts';
import { GitError } from '../errors.ts';
import { limitsOf, type GitConfig } from '../git-config.ts';
import type { Limits } from '../limits.ts';
import { ObjectError, type Oid } from '../objects/git-object.ts';
import { GitObjects } from '../objects/git-objects.ts';
import { MemoryObjects } from '../objects/memory-objects.ts';
import { readAdvertisement, type Advertisement } from '../wire/advertisement.ts';
import { PacketError } from '../wire/pkt-line.ts';
import { parsePushReport, pushRequest } from '../wire/receive-pack.ts';
import { openTransport, type Transport } from '../wire/transport.ts';
import { fetchPack } from '../wire/upload-pack.ts';
import { StatusError } from './status-errors.ts';
import { inTheWay, refInTheWay, type StatusStore } from './status-store.ts';

const MIB = 1024 * 1024;
/** A branch of ours stays far below. What is read is in memory at once. */
const MAX_PACK = 64 * MIB;
const MAX_UNPACKED = 128 * MIB;
const MAX_OBJECTS = 50_000;
const MAX_ANSWER = 4 * MIB;
const MAX_REASON = 500;

/** What git says while another push holds the branch, or has just moved it. */
const BEING_MOVED = /failed to update ref|cannot lock ref|failed to lock|reference already exists/i;

/** The branch `ref` behind an HTTP server. A push compares and swaps by itself, since it carries the old commit. */
export function remoteStatusStore(config: GitConfig, ref: string): StatusStore {
  const transport = openTransport(config);
  const limits = statusLimits(config);
  const address = transport.url;
  const clean = (text: string) => prose(transport.redact(text), MAX_REASON);
  let receiver: Advertisement | undefined;

  return {
    address,

    async tip(purpose, options) {
      if (purpose === 'read') {
        return (await readAdvertisement(transport, 'git-upload-pack', options)).refs.get(ref);
      }
      receiver = await asWriter(ref, address, () =>
        readAdvertisement(transport, 'git-receive-pack', options),
      );
      const other = refInTheWay(ref, receiver.refs.keys());
      if (other !== undefined) throw inTheWay(ref, other);
      return receiver.refs.get(ref);
    },

    objects: (commit, depth, options) => fetchObjects(transport, { commit, depth, ...options }, limits),

    describe: (error) => error,

    async move({ from, to, oids, objects, signal }) {
      const options = { signal };
      const { capabilities } = (receiver ??= await readAdvertisement(transport, 'git-receive-pack', options));
      const body = pushRequest({ ref, from, to }, await objects.pack(oids), capabilities);
      const answer = await asWriter(ref, address, () =>
        transport.post('git-receive-pack', body, MAX_ANSWER, options),
      );
      const report = await understood(address, () => parsePushReport(answer, capabilities));
      if (report === undefined) {
        const message = `${address} did not say whether it took the status commit.`;
        throw new GitError('REPOSITORY_CORRUPT', message, {
          hint: 'The next pass looks at what is there and goes on from it.',
        });
      }
      const said = clean(report.said);
      if (report.unpack !== undefined) {
        const why = [clean(report.unpack), said].filter(Boolean).join(': ');
        const message = `${address} could not store the status commit: ${why}.`;
        throw new GitError('REPOSITORY_UNREACHABLE', message, {
          hint: 'Look at the server: its disk may be full. It is tried again in the next pass.',
        });
      }
      if (report.refs.has(ref) && report.refs.get(ref) === undefined) return { result: 'done' };
      const reason = report.refs.get(ref) ?? 'it says nothing of the branch';
      const why = [clean(reason), said].filter(Boolean).join(': ');
      if (!BEING_MOVED.test(reason)) {
        // Servers have many words for having been overtaken. Where the branch is now does not depend on them.
        const { refs } = await readAdvertisement(transport, 'git-receive-pack', options);
        if (refs.get(ref) === from) return { result: 'refused', error: refused(address, ref, why) };
      }
      const message = `${address} did not move ${ref}: ${why}`;
      return { result: 'contended', error: new StatusError('STATUS_RACE', message) };
    },
  };
}

function statusLimits(config: GitConfig): Limits {
  const limits = limitsOf(config);
  return {
    ...limits,
    // Nothing is skipped over: what does not fit into memory has no place there.
    blobBytes: limits.objectBytes,
    packBytes: Math.min(limits.packBytes, MAX_PACK),
    unpackedBytes: Math.min(limits.unpackedBytes, MAX_UNPACKED),
    packObjects: Math.min(limits.packObjects, MAX_OBJECTS),
  };
}

function refused(address: string, ref: string, why: string): StatusError {
  return new StatusError('STATUS_REFUSED', `${address} does not take ${ref}: ${why}`, {
    hint: `Exempt ${ref} from branch protection and hooks for this account, or set status.enabled: false.`,
  });
}

/** Says what is missing where the account may not push: the server only knows that it is not allowed. */
async function asWriter<Answer>(ref: string, address: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'REPOSITORY_AUTH') throw error;
    const message = `The status cannot be pushed to ${ref} of ${address}. ${error.message}`;
    throw new GitError('REPOSITORY_AUTH', message, {
      hint: `The account needs the right to push to ${ref}. Grant it, or set status.enabled: false.`,
      cause: error,
    });
  }
}

/** One request that brings a commit, all its files, and the commits before it as far as they are asked for. */
async function fetchObjects(
  transport: Transport,
  { commit, depth, signal }: Interruptible & { readonly commit: Oid; readonly depth: number },
  limits: Limits,
): Promise<GitObjects> {
  const { url } = transport;
  const parts: Buffer[] = [];
  // The oldest version of the protocol: it gives out the tips of branches, and every server speaks it.
  const request = { want: commit, haves: [], shallow: [], depth, version: 0, signal } as const;
  try {
    await fetchPack(transport, request, limits, async (bytes) => void parts.push(bytes));
    const objects = await understood(url, () => MemoryObjects.ofPack(Buffer.concat(parts), limits));
    return new GitObjects(objects, limits);
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'REPOSITORY_TOO_LARGE') throw error;
    throw new GitError('REPOSITORY_TOO_LARGE', `The status branch of ${url} is larger than any of ours.`, {
      hint: 'It is to hold nothing but what weka-gitops writes. Delete it, and it is made again.',
      cause: error,
    });
  }
}

/** What a server sends is either understood, or an error of the repository. */
async function understood<Output>(url: string, parse: () => Output | Promise<Output>): Promise<Output> {
  try {
    return await parse();
  } catch (error) {
    if (!(error instanceof PacketError || error instanceof ObjectError)) throw error;
    throw new GitError('REPOSITORY_CORRUPT', `${url} sent something that cannot be read: ${error.message}`, {
      hint: 'Something between here and the server may have cut it short. It is tried again in the next pass.',
      cause: error,
    });
  }
}
