import { prose } from '../../core/report/plain.ts';
import { parseAdvertisement, type Advertisement } from './advertisement.ts';
import { GitError } from './errors.ts';
import type { GitConfig } from './git-config.ts';
import { ObjectError, type GitObject, type Oid } from './git-object.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { PacketError } from './pkt-line.ts';
import { parsePushReport, pushRequest } from './receive-pack.ts';
import { listRefs, serverSays } from './remote-refs.ts';
import { decodePack, encodePack } from './small-pack.ts';
import { StatusError } from './status-errors.ts';
import { inTheWay, refInTheWay, type StatusStore } from './status-store.ts';
import { openTransport, type Transport } from './transport.ts';
import { fetchPack } from './upload-pack.ts';

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

    async tip(purpose) {
      if (purpose === 'read') return (await listRefs(transport)).refs.get(ref);
      receiver = await asWriter(ref, address, () => offers(transport));
      const other = refInTheWay(ref, receiver.refs.keys());
      if (other !== undefined) throw inTheWay(ref, other);
      return receiver.refs.get(ref);
    },

    async objects(commit, depth) {
      const objects = await fetch(transport, commit, depth, limits);
      return async (oid) => objects.get(oid);
    },

    async move({ from, to, objects }) {
      const { capabilities } = (receiver ??= await offers(transport));
      const body = pushRequest({ ref, from, to }, encodePack(objects), capabilities);
      const answer = await asWriter(ref, address, () => transport.post('git-receive-pack', body, MAX_ANSWER));
      const report = understood(address, () => parsePushReport(answer, capabilities));
      if (report === undefined) {
        throw new GitError(
          'REPOSITORY_CORRUPT',
          `${address} did not say whether it took the status commit.`,
          {
            hint: 'The next pass looks at what is there and goes on from it.',
          },
        );
      }
      const said = clean(report.said);
      if (report.unpack !== undefined) {
        const why = [clean(report.unpack), said].filter(Boolean).join(': ');
        throw new GitError(
          'REPOSITORY_UNREACHABLE',
          `${address} could not store the status commit: ${why}.`,
          {
            hint: 'Look at the server: its disk may be full. It is tried again in the next pass.',
          },
        );
      }
      if (report.refs.has(ref) && report.refs.get(ref) === undefined) return { result: 'done' };
      const reason = report.refs.get(ref) ?? 'it says nothing of the branch';
      const why = [clean(reason), said].filter(Boolean).join(': ');
      if (!BEING_MOVED.test(reason)) {
        // Servers have many words for having been overtaken. Where the branch is now does not depend on them.
        const { refs } = await offers(transport);
        if (refs.get(ref) === from) return { result: 'refused', error: refused(address, ref, why) };
      }
      const message = `${address} did not move ${ref}: ${why}`;
      return { result: 'contended', error: new StatusError('STATUS_RACE', message) };
    },
  };
}

function statusLimits(config: GitConfig): Limits {
  const limits = { ...DEFAULT_LIMITS, ...config.limits };
  return {
    ...limits,
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

/** What the server says before a push: its refs, and what it can do. */
async function offers(transport: Transport): Promise<Advertisement> {
  const bytes = await transport.get('git-receive-pack');
  const advertisement = understood(transport.url, () => parseAdvertisement(bytes));
  if (advertisement.problem !== undefined) throw serverSays(transport, advertisement.problem);
  if (advertisement.capabilities.has('object-format=sha256')) {
    throw new GitError(
      'REPOSITORY_URL',
      `${transport.url} names its objects by SHA-256, which is not supported.`,
      {
        hint: 'Use a repository with the usual SHA-1 names.',
      },
    );
  }
  return advertisement;
}

/** Says what is missing where the account may not push: the server only knows that it is not allowed. */
async function asWriter<Answer>(ref: string, address: string, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'REPOSITORY_AUTH') throw error;
    throw new GitError(
      'REPOSITORY_AUTH',
      `The status cannot be pushed to ${ref} of ${address}. ${error.message}`,
      {
        hint: `The account needs the right to push to ${ref}. Grant it, or set status.enabled: false.`,
        cause: error,
      },
    );
  }
}

/** One request that brings a commit, all its files, and the commits before it as far as they are asked for. */
async function fetch(
  transport: Transport,
  commit: Oid,
  depth: number,
  limits: Limits,
): Promise<ReadonlyMap<Oid, GitObject>> {
  const { url } = transport;
  const parts: Buffer[] = [];
  // The oldest version of the protocol: it gives out the tips of branches, and every server speaks it.
  const request = { want: commit, haves: [], shallow: [], depth, version: 0 } as const;
  try {
    await fetchPack(transport, request, limits, async (bytes) => void parts.push(bytes));
    return understood(url, () => decodePack(Buffer.concat(parts), limits));
  } catch (error) {
    if (!(error instanceof GitError) || error.code !== 'REPOSITORY_TOO_LARGE') throw error;
    throw new GitError('REPOSITORY_TOO_LARGE', `The status branch of ${url} is larger than any of ours.`, {
      hint: 'It is to hold nothing but what weka-gitops writes. Delete it, and it is made again.',
      cause: error,
    });
  }
}

/** What a server sends is either understood, or an error of the repository. */
function understood<Output>(url: string, parse: () => Output): Output {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof PacketError || error instanceof ObjectError)) throw error;
    throw new GitError('REPOSITORY_CORRUPT', `${url} sent something that cannot be read: ${error.message}`, {
      hint: 'Something between here and the server may have cut it short. It is tried again in the next pass.',
      cause: error,
    });
  }
}
