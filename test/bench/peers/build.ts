import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { alone } from '../../cluster/lock.ts';
import { run } from '../../cluster/run.ts';

/** A program that does the same work, by its command's package. The module in `folder` pins its version. */
interface Peer {
  readonly package: string;
  readonly folder: string;
}

/** By the names of their programs. */
const PEERS = {
  'kustomize-controller': { package: 'github.com/fluxcd/kustomize-controller', folder: 'flux' },
  kubeconform: { package: 'github.com/yannh/kubeconform/cmd/kubeconform', folder: 'kubeconform' },
} satisfies Readonly<Record<string, Peer>>;

export type PeerName = keyof typeof PEERS;

const flags = [
  '-trimpath',
  '-buildvcs=false',
  '-tags=grpcnotrace',
  '-gcflags=all=-dwarf=false',
  '-ldflags=-s -w',
];

/** The program of a peer, where it was built before. */
export async function builtPeer(name: PeerName): Promise<string | undefined> {
  const file = join(await builtFolder(name), name);
  return await access(file).then(
    () => file,
    () => undefined,
  );
}

/** Builds every peer from its published modules, unless it is there. */
export async function buildPeers(report: (line: string) => void): Promise<void> {
  for (const name of Object.keys(PEERS) as PeerName[]) await buildPeer(name, report);
}

async function buildPeer(name: PeerName, report: (line: string) => void): Promise<void> {
  const target = await builtFolder(name);
  await mkdir(join(target, '..'), { recursive: true });
  await alone(
    target,
    async () => {
      if ((await builtPeer(name)) !== undefined) return;
      report(`Building ${name} from its Go modules; this is done once and may take minutes.`);
      const unfinished = `${target}.unfinished`;
      await rm(unfinished, { recursive: true, force: true });
      const args = ['build', ...flags, '-o', `${unfinished}/`, PEERS[name].package];
      const { exitCode, stderr } = await run('go', args, {
        cwd: moduleOf(name),
        env: { HOME: homedir(), ...process.env, CGO_ENABLED: '0', GOWORK: 'off' },
      });
      if (exitCode !== 0) throw new Error(`go build of ${name} failed.\n${stderr.slice(-2_000)}`);
      await rename(unfinished, target);
    },
    () => report(`Another process builds ${name}; waiting for it.`),
  );
}

/** In the cache, named by everything that goes into the program. */
async function builtFolder(name: PeerName): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify([process.platform, process.arch, flags]));
  for (const file of ['go.mod', 'go.sum']) hash.update(await readFile(join(moduleOf(name), file)));
  const cache = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  return join(cache, 'weka-gitops', 'peers', `${name}-${hash.digest('hex').slice(0, 16)}`);
}

function moduleOf(name: PeerName): string {
  return join(import.meta.dirname, PEERS[name].folder);
}
