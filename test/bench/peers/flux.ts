import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../../cluster/ports.ts';
import { run } from '../../cluster/run.ts';
import { type Supervised, Supervisor } from '../../cluster/supervisor.ts';
import { until } from '../../cluster/until.ts';
import type { Bed } from '../bed.ts';
import type { Site } from '../site.ts';

const SOURCES = '/apis/source.toolkit.fluxcd.io/v1';
const KUSTOMIZATIONS = '/apis/kustomize.toolkit.fluxcd.io/v1';

/**
 * Flux's kustomize-controller as it is installed by default. Its source-controller is not there: what that would fetch
 * and pack is handed over ready, so its time is not in the figures.
 */
export class Flux {
  readonly #bed: Bed;
  readonly #supervisor: Supervisor;
  readonly #process: Supervised;
  readonly #artifacts: Server;

  static async start(bed: Bed, file: string): Promise<Flux> {
    for (const [group, kind, plural] of [
      ['source', 'GitRepository', 'gitrepositories'],
      ['source', 'OCIRepository', 'ocirepositories'],
      ['source', 'Bucket', 'buckets'],
      ['kustomize', 'Kustomization', 'kustomizations'],
    ] as const) {
      await define(bed, `${group}.toolkit.fluxcd.io`, kind, plural);
    }
    const supervisor = await Supervisor.start();
    const artifacts = createServer((request, response) => {
      createReadStream(join(bed.folder, request.url ?? '')).pipe(response);
    });
    await once(artifacts.listen(0, '127.0.0.1'), 'listening');
    const controller = await supervisor.spawn({
      file,
      args: [
        '--metrics-addr=0',
        `--health-addr=127.0.0.1:${await freePort()}`,
        '--events-addr=',
        '--log-level=error',
      ],
      cwd: supervisor.folder,
      env: {
        PATH: process.env['PATH'],
        KUBECONFIG: bed.cluster.adminKubeconfig(),
        RUNTIME_NAMESPACE: 'bench',
      },
      log: join(supervisor.folder, 'flux.log'),
    });
    return new Flux(bed, supervisor, controller, artifacts);
  }

  private constructor(bed: Bed, supervisor: Supervisor, controller: Supervised, artifacts: Server) {
    this.#bed = bed;
    this.#supervisor = supervisor;
    this.#process = controller;
    this.#artifacts = artifacts;
  }

  /** Seconds until the site's manifests, as its folder holds them now, are applied. */
  async apply(site: Site): Promise<number> {
    const { api } = this.#bed.cluster;
    const { namespace } = site;
    const sources = `${SOURCES}/namespaces/${namespace}/gitrepositories`;
    const artifact = await this.#pack(site);
    if (!(await this.#exists(`${sources}/${namespace}`))) {
      await api.json('POST', sources, {
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name: namespace },
        spec: { interval: '1h', url: site.repository.url },
      });
      await api.json('POST', `${KUSTOMIZATIONS}/namespaces/${namespace}/kustomizations`, {
        apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
        kind: 'Kustomization',
        metadata: { name: namespace },
        spec: {
          interval: '1h',
          timeout: '5m',
          path: './',
          prune: true,
          sourceRef: { kind: 'GitRepository', name: namespace },
        },
      });
    }
    const started = performance.now();
    const source = await api.json<object>('GET', `${sources}/${namespace}`);
    await api.json('PUT', `${sources}/${namespace}/status`, {
      ...source,
      status: { observedGeneration: 1, artifact, conditions: [isReady()] },
    });
    await this.#until(site, ({ lastAppliedRevision }) => lastAppliedRevision === artifact.revision);
    return (performance.now() - started) / 1000;
  }

  /** Seconds of one more look at manifests that are applied already. */
  async again(site: Site): Promise<number> {
    const { api } = this.#bed.cluster;
    const token = new Date().toISOString();
    const started = performance.now();
    const object = await api.json<{ metadata: object }>('GET', kustomizationPath(site));
    const annotations = { 'reconcile.fluxcd.io/requestedAt': token };
    await api.json('PUT', kustomizationPath(site), {
      ...object,
      metadata: { ...object.metadata, annotations },
    });
    await this.#until(site, ({ lastHandledReconcileAt }) => lastHandledReconcileAt === token);
    return (performance.now() - started) / 1000;
  }

  /** Resident memory at its highest so far. */
  async peakMiB(): Promise<number> {
    const status = await readFile(`/proc/${this.#process.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) / 1024;
  }

  async stop(): Promise<void> {
    await this.#supervisor.end();
    this.#artifacts.closeAllConnections();
    this.#artifacts.close();
  }

  async #pack({ namespace, manifests }: Site) {
    const name = `${namespace}.tar.gz`;
    const { exitCode, stderr } = await run('tar', [
      '-czf',
      join(this.#bed.folder, name),
      '-C',
      manifests,
      '.',
    ]);
    if (exitCode !== 0) throw new Error(`tar failed: ${stderr}`);
    const sha256 = createHash('sha256')
      .update(await readFile(join(this.#bed.folder, name)))
      .digest('hex');
    const { port } = this.#artifacts.address() as AddressInfo;
    return {
      url: `http://127.0.0.1:${port}/${name}`,
      path: name,
      digest: `sha256:${sha256}`,
      revision: `main@sha1:${sha256.slice(0, 40)}`,
      lastUpdateTime: new Date().toISOString(),
    };
  }

  async #until(site: Site, isDone: (status: Status) => boolean): Promise<void> {
    const { api } = this.#bed.cluster;
    await until(
      `Flux applied ${site.namespace}`,
      async () => {
        const { status } = await api.json<{ status?: Status }>('GET', kustomizationPath(site));
        return status !== undefined && isDone(status);
      },
      { timeoutMs: 300_000, everyMs: 50 },
    );
  }

  async #exists(path: string): Promise<boolean> {
    return await this.#bed.cluster.api.json('GET', path).then(
      () => true,
      () => false,
    );
  }
}

interface Status {
  readonly lastAppliedRevision?: string;
  readonly lastHandledReconcileAt?: string;
}

function kustomizationPath({ namespace }: Site): string {
  return `${KUSTOMIZATIONS}/namespaces/${namespace}/kustomizations/${namespace}`;
}

function isReady() {
  const lastTransitionTime = new Date().toISOString();
  return { type: 'Ready', status: 'True', reason: 'Succeeded', message: 'stored', lastTransitionTime };
}

/** As much of a definition as the controller needs: it reads and writes its kinds, whatever stands in them. */
async function define(bed: Bed, group: string, kind: string, plural: string): Promise<void> {
  const { api } = bed.cluster;
  const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
  const name = `${plural}.${group}`;
  const anything = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
  await api.json('POST', path, {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          subresources: { status: {} },
          schema: { openAPIV3Schema: anything },
        },
      ],
    },
  });
  await until(`${kind} served`, async () => api.text('GET', `/apis/${group}/v1/${plural}?limit=1`));
}
