import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CertificateAuthority } from './certificates.ts';
import { authorityName, Cluster, type ClusterAddress } from './cluster.ts';
import { kubeconfig } from './kubeconfig.ts';
import { Part } from './part.ts';
import { files, type Layout, type PartName, partPlans, serverAddress } from './parts.ts';
import { freePort } from './ports.ts';
import { findPrograms, type ProgramName } from './programs.ts';
import { run } from './run.ts';
import { Supervisor } from './supervisor.ts';

export interface ControlPlaneOptions {
  /** Without it nothing acts on objects: no ReplicaSets, no garbage collection, no deletion of namespaces. */
  readonly controllerManager?: boolean;
  readonly scheduler?: boolean;
  /** Simulates nodes; a number adds so many at once. */
  readonly kwok?: boolean | number;
  /** Further KWOK stages, as YAML documents. */
  readonly kwokStages?: string;
  /** Record every request, for `auditLog()`. */
  readonly auditLog?: boolean;
  /** More flags for a part; of a flag given twice, the last one counts. */
  readonly flags?: Readonly<Partial<Record<PartName, readonly string[]>>>;
}

/** A Kubernetes control plane of this process alone. It ends with this process, even if that is killed. */
export class ControlPlane extends Cluster {
  readonly #supervisor: Supervisor;
  readonly #parts: ReadonlyMap<PartName, Part>;

  constructor(address: ClusterAddress, supervisor: Supervisor, parts: ReadonlyMap<PartName, Part>) {
    super(address);
    this.#supervisor = supervisor;
    this.#parts = parts;
  }

  /** One process of it, to be stopped, killed, paused and started again. */
  part(name: PartName): Part {
    const part = this.#parts.get(name);
    if (part === undefined) throw new Error(`This control plane was started without ${name}.`);
    return part;
  }

  /** Ends every process and removes every file. */
  async stop(): Promise<void> {
    await this.#supervisor.end();
  }
}

/** Starts a control plane and waits until it is ready to use. */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { controllerManager = true, scheduler = true, kwok = false } = options;
  const names: PartName[] = [
    'etcd',
    'kube-apiserver',
    ...(controllerManager ? (['kube-controller-manager'] as const) : []),
    ...(scheduler ? (['kube-scheduler'] as const) : []),
    ...(kwok === false ? [] : (['kwok'] as const)),
  ];
  const programs = await findPrograms([...names, 'kubectl'] satisfies ProgramName[]);

  const supervisor = await Supervisor.start();
  try {
    const layout: Layout = {
      folder: supervisor.folder,
      ports: {
        apiServer: await freePort(),
        controllerManager: await freePort(),
        scheduler: await freePort(),
      },
      withControllerManager: controllerManager,
      withAuditLog: options.auditLog ?? false,
    };
    await writeFiles(layout, kwok === false ? '' : await stages(programs.kwok, options.kwokStages));

    const parts = new Map<PartName, Part>();
    for (const name of names) {
      const { args, isReady } = partPlans[name](layout);
      const all = [...args, ...(options.flags?.[name] ?? [])];
      parts.set(name, new Part({ name, file: programs[name], args: all, isReady, supervisor }));
    }
    const [etcd, apiServer, ...others] = [...parts.values()];
    await etcd!.start();
    await apiServer!.start();
    await Promise.all(others.map((part) => part.start()));

    const address = {
      server: serverAddress(layout.ports.apiServer),
      folder: layout.folder,
      kubectl: programs.kubectl,
    };
    const controlPlane = new ControlPlane(address, supervisor, parts);
    if (typeof kwok === 'number') await controlPlane.addNodes(kwok);
    return controlPlane;
  } catch (error) {
    await supervisor.end();
    throw error;
  }
}

async function stages(kwok: string, more: string | undefined): Promise<string> {
  const { stdout, stderr, exitCode } = await run(kwok, ['stages']);
  if (exitCode !== 0) throw new Error(`${kwok} is not the one built here: it knows no stages. ${stderr}`);
  return more === undefined ? stdout : `${stdout}\n---\n${more}`;
}

/** Everything the parts read: certificates, keys, the admin's kubeconfig, policies. */
async function writeFiles({ folder, ports }: Layout, kwokStages: string): Promise<void> {
  const at = files(folder);
  const authority = CertificateAuthority.create(authorityName);
  const server = authority.issue({
    commonName: 'kube-apiserver',
    hosts: ['localhost', 'kubernetes', 'kubernetes.default.svc', '127.0.0.1', '10.96.0.1', '10.0.2.2'],
  });
  const serviceAccount = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const admin = kubeconfig({
    server: serverAddress(ports.apiServer),
    authority: authority.certificate,
    user: 'admin',
    credential: authority.issue({ commonName: 'admin', organizations: ['system:masters'] }),
  });
  const auditPolicy = {
    apiVersion: 'audit.k8s.io/v1',
    kind: 'Policy',
    omitStages: ['RequestReceived'],
    rules: [{ level: 'Metadata' }],
  };
  await mkdir(join(folder, 'logs'));
  await Promise.all(
    Object.entries({
      [at.authority.certificate]: authority.certificate,
      [at.authority.key]: authority.key,
      [at.server.certificate]: server.certificate,
      [at.server.key]: server.key,
      [at.serviceAccountKey]: serviceAccount.export({ type: 'sec1', format: 'pem' }).toString(),
      [at.adminKubeconfig]: admin,
      [at.auditPolicy]: JSON.stringify(auditPolicy),
      [at.kwokStages]: kwokStages,
    }).map(([path, content]) => writeFile(path, content, { mode: 0o600 })),
  );
}
