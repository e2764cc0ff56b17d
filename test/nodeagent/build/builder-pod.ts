import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { SIGNING_FOLDER, SIGNING_SOCKET } from '../../../schemas/drivers/signing.ts';
import { DriverResult } from '../../../schemas/drivers/result.ts';
import { Supervisor } from '../../cluster/supervisor.ts';
import { guestKernels } from '../../guest/packages.ts';
import { assertRoot, type Bind, insideRoot } from '../../image/inside-root.ts';

const CHECKOUT = join(import.meta.dirname, '../../..');
/** Stand-ins of WEKA's modules. */
export const MODULES = join(CHECKOUT, 'test/weka/modules');
/** Where the pod has the checkout: wherever that is, the pod may have something else there. */
export const PROGRAMS = '/checkout';
const RESULT = '/given/result';

export interface BuilderPod {
  /** What `uname -r` of the node says. */
  readonly release: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Sources that its image has; none where unset. */
  readonly source?: string;
  /** Folder of the certificate that it uploads with. */
  readonly uploader: string;
  /** Folder of a key that modules are signed with, which a container beside it keeps. */
  readonly signing?: string | undefined;
  readonly binds?: readonly Bind[];
  /** Lines of a shell that make the pod as the test needs it. */
  readonly prepare?: readonly string[];
}

export interface EndedPod {
  readonly exitCode: number;
  /** All that it printed. */
  readonly log: string;
  readonly result: DriverResult | undefined;
}

export interface RunningPod {
  /** Sends a signal to the first process of the pod. */
  readonly signal: (name: NodeJS.Signals) => void;
  /** What it printed so far. */
  readonly log: () => Promise<string>;
  readonly ended: Promise<EndedPod>;
}

/**
 * A pod of a builder on a node with another kernel than this machine: Debian with a compiler and the headers, in namespaces of its own,
 * where the program is the first process.
 */
export async function startBuilderPod(pod: BuilderPod): Promise<RunningPod> {
  assertRoot('Building kernel modules');
  const image = await guestKernels();
  const supervisor = await Supervisor.start();
  onTestFinished(async () => await supervisor.end());
  const folderOf = (name: string) => join(supervisor.folder, name);
  const [scratch, given, uploader, signing] = [
    folderOf('scratch'),
    folderOf('given'),
    folderOf('uploader'),
    folderOf('signing'),
  ];
  for (const folder of [scratch, given, signing]) await mkdir(folder);
  if (pod.signing !== undefined) {
    await supervisor.spawn({
      file: process.execPath,
      args: [
        join(CHECKOUT, 'nodeagent/main.ts'),
        'keep-key',
        '--folder',
        pod.signing,
        '--socket',
        join(signing, 'socket'),
      ],
      cwd: supervisor.folder,
      env: process.env,
      log: folderOf('key-log'),
    });
  }
  await writeFile(join(given, 'release'), `${pod.release}\n`);
  await cp(pod.uploader, uploader, { recursive: true, dereference: true });
  const binds: Bind[] = [
    { from: CHECKOUT, to: PROGRAMS },
    { from: process.execPath, to: '/usr/local/bin/node' },
    { from: given, to: '/given' },
    { from: uploader, to: '/var/run/secrets/weka-gitops/upload' },
    { from: signing, to: SIGNING_FOLDER },
    { from: join(given, 'release'), to: '/proc/sys/kernel/osrelease' },
    ...(pod.source === undefined ? [] : [{ from: pod.source, to: '/opt/weka/driver-source' }]),
    ...(pod.binds ?? []),
  ];
  const prepare = ['[ -e /usr/bin/awk ] || ln -s mawk /usr/bin/awk', ...(pod.prepare ?? []), 'exec "$@"'];
  const program = ['node', join(PROGRAMS, 'nodeagent/main.ts'), 'build', '--result', RESULT];
  const { file, args } = insideRoot({
    root: image,
    scratch,
    binds,
    env: {
      NODE_NAME: 'node-a',
      ...(pod.signing === undefined ? {} : { SIGNING_SOCKET }),
      ...pod.env,
    },
    command: ['sh', '-euc', prepare.join('\n'), 'pod', ...program],
  });
  const log = join(supervisor.folder, 'log');
  const started = await supervisor.spawn({ file, args, cwd: supervisor.folder, env: process.env, log });
  const ended = started.ended.then(async (how) => {
    const text = await readFile(join(given, 'result'), 'utf8').catch(() => '');
    return {
      exitCode: Number(/^exit code (\d+)$/.exec(how)?.[1] ?? -1),
      log: await readFile(log, 'utf8'),
      result: text === '' ? undefined : DriverResult.parse(JSON.parse(text)),
    };
  });
  return { signal: (name) => started.signal(name), log: async () => await readFile(log, 'utf8'), ended };
}

/** Runs a pod of a builder to its end. */
export async function runBuilderPod(pod: BuilderPod): Promise<EndedPod> {
  return await (
    await startBuilderPod(pod)
  ).ended;
}
