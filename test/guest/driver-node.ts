import { readFile } from 'node:fs/promises';
import { afterAll } from 'vitest';
import { unpackReport } from '../../nodeagent/node-report.ts';
import { INTENT_KEY, intentName, REPORT_KEY, reportName } from '../../schemas/node/config-maps.ts';
import type { DriversIntent, DriversReport } from '../../schemas/node/drivers.ts';
import type { NodeReport } from '../../schemas/node-report.ts';
import { scratchFolder } from '../cluster/scratch.ts';
import type { SharedCluster } from '../cluster/shared.ts';
import { until } from '../cluster/until.ts';
import { type FaultServer, startFaultServer } from '../support/fault-server.ts';
import { type AgentRights, agentRights } from '../support/node-agent-rights.ts';
import { type DriverGuestOptions, startDriverGuest } from './driver-guest.ts';
import { MODULES } from './driver-modules.ts';
import { secureBoot } from './firmware.ts';
import type { Guest } from './guest.ts';
import type { KernelVersion } from './kernel.ts';
import { PATIENT } from './observe.ts';

/** A node whose agent loads drivers in a real kernel, and the reconciler's side of it. */
export class DriverNode {
  readonly guest: Guest;
  /** Before the API server. */
  readonly server: FaultServer;
  readonly name: string;
  readonly #rights: AgentRights;
  #generation = 0;

  constructor(guest: Guest, server: FaultServer, rights: AgentRights) {
    this.guest = guest;
    this.server = server;
    this.name = rights.nodes[0];
    this.#rights = rights;
  }

  /** Asks for drivers, as the reconciler does and with its rights. Gives the generation. */
  async ask(drivers: DriversIntent): Promise<number> {
    const generation = ++this.#generation;
    await this.write({ schemaVersion: 1, generation, drivers });
    return generation;
  }

  /** Writes an intent as it is given. */
  async write(intent: object): Promise<void> {
    const name = intentName(this.name);
    const { reconciler, path, namespace } = this.#rights;
    const { status, body } = await reconciler(
      'PATCH',
      `${path(name)}?fieldManager=weka-gitops&force=true`,
      {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name, namespace },
        data: { [INTENT_KEY]: JSON.stringify(intent) },
      },
      'application/apply-patch+yaml',
    );
    if (status !== 200 && status !== 201) throw new Error(`The intent was not written, ${status}: ${body}`);
  }

  async report(): Promise<NodeReport | undefined> {
    const { status, body } = await this.#rights.reconciler('GET', this.#rights.path(reportName(this.name)));
    if (status !== 200) return undefined;
    const { binaryData } = JSON.parse(body) as { binaryData: Record<string, string> };
    return unpackReport(Buffer.from(binaryData[REPORT_KEY] ?? '', 'base64'));
  }

  /** Waits until the report answers the intent of this generation, and says so of drivers. */
  async told(generation: number, so: Partial<Pick<DriversReport, 'state' | 'code'>>): Promise<DriversReport> {
    const wanted = JSON.stringify(so);
    return await until(
      `the report says ${wanted} of intent ${generation}`,
      async () => {
        const report = await this.report();
        const drivers = report?.drivers;
        const isSo =
          report?.intentGeneration === generation &&
          drivers !== undefined &&
          (so.state === undefined || drivers.state === so.state) &&
          (so.code === undefined || drivers.code === so.code);
        if (isSo) return drivers;
        const { state, code, message } = drivers ?? {};
        throw new Error(`It says ${JSON.stringify({ of: report?.intentGeneration, state, code, message })}.`);
      },
      { ...PATIENT, everyMs: 100 },
    );
  }

  /** What the kernel itself says of the modules: their versions, by name. */
  async loaded(): Promise<Readonly<Record<string, string>>> {
    const files = MODULES.map((name) => `/sys/module/${name}/version`);
    const { stdout } = await this.guest.run('grep', ['-H', '', ...files]);
    const lines = stdout.trim().split('\n').filter(Boolean);
    return Object.fromEntries(
      lines.map((line) => {
        const [path = '', version = ''] = line.split(':');
        return [path.split('/')[3]!, version] as const;
      }),
    );
  }

  /** What the modules of a version are, once all are loaded. */
  static all(version: string): Readonly<Record<string, string>> {
    return { wekafsgw: version, wekafsio: version, mpin_user: '1.0.1', igb_uio: 'weka1.0.2' };
  }

  /** Process id of the agent. */
  async agentPid(): Promise<string> {
    return await until('the agent runs', async () => {
      const { stdout } = await this.guest.run('pidof', ['node']);
      return /^\d+\n$/.test(stdout) && stdout.trim();
    });
  }

  async killAgent(): Promise<void> {
    await this.guest.output('kill', '-9', await this.agentPid());
  }
}

export interface DriverNodeOptions extends Pick<DriverGuestOptions, 'env'> {
  readonly kernel: KernelVersion;
  /** Whether it starts by UEFI with Secure Boot, whose kernel is locked down. */
  readonly hasSecureBoot?: boolean;
}

/** UEFI says nothing until the kernel does. */
const UEFI_PATIENCE = { bootWithinMs: 400_000, silentMs: 300_000 };

/** Starts it for all tests of a file; to be called before them. What it holds goes with them. */
export async function startDriverNode(
  cluster: SharedCluster,
  options: DriverNodeOptions,
): Promise<DriverNode> {
  const rights = await agentRights(cluster, afterAll);
  const server = await startFaultServer(cluster);
  afterAll(async () => await server.stop());
  const folder = await scratchFolder(afterAll);
  const kubeconfig = (await readFile(rights.kubeconfig, 'utf8')).replace(
    /server: .*/,
    `server: ${server.url.replace('127.0.0.1', '10.0.2.2')}`,
  );
  const [node] = rights.nodes;
  const guest = await startDriverGuest({
    kernel: options.kernel,
    env: options.env ?? [],
    ...(options.hasSecureBoot === true && { ...(await secureBoot(folder)), ...UEFI_PATIENCE }),
    folder,
    agent: { kubeconfig, namespace: rights.namespace, node },
  });
  return new DriverNode(guest, server, rights);
}
