import type { DriverPackage } from '../../../../schemas/drivers/package.ts';
import type { DriverResult } from '../../../../schemas/drivers/result.ts';
import type { DriverTarget } from '../../../../schemas/drivers/target.ts';
import type { DriversReport } from '../../../../schemas/node/drivers.ts';
import { NodeIntent } from '../../../../schemas/node-intent.ts';
import { decideDrivers, driverQuestions } from '../../../../reconciler/core/drivers/decide.ts';
import type {
  DriverNode,
  DriverPodWanted,
  DriversDecision,
  DriversInput,
  RegistryAnswers,
} from '../../../../reconciler/core/drivers/decision.ts';
import type { RegistryAnswer } from '../../../../reconciler/core/drivers/drivers.ts';
import { EMPTY_LOCK } from '../../../../reconciler/core/drivers/lock.ts';
import { DRIVER_WORK, driverWorkText } from '../../../../reconciler/core/drivers/work-annotation.ts';
import { type KubeObject, objectId, type ObjectId } from '../../../../reconciler/core/kube/object.ts';
import { lint } from '../../../../reconciler/core/lint/lint.ts';
import type { AgentReport } from '../../../../reconciler/core/nodes/agent-report.ts';
import type { ParsedSpecs } from '../../../../reconciler/core/spec/parse.ts';
import type { ApprovalBook } from '../../../../reconciler/core/plan/approvals/book.ts';
import { driverConsents } from '../../../../reconciler/core/plan/approvals/driver-consents.ts';
import { aReport, BOOT } from '../nodes/build-reports.ts';
import { readFiles } from '../spec/read.ts';
import { cluster, policy, PUBLIC } from './build-manifests.ts';

export const KERNEL = '6.8.0-45-generic';
export const NEWER_KERNEL = '6.8.0-50-generic';
export const AGENTS = 'weka-gitops-nodes';
export const CA = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';
/** Nothing of Ubuntu 24, whose packages have a name of their own. */
const DEBIAN = { id: 'debian', versionId: '12' };

type Text = Readonly<Record<string, unknown>>;

export function node(name: string, rest: Partial<DriverNode> = {}): DriverNode {
  return {
    name,
    isReady: true,
    bootId: BOOT,
    kernel: KERNEL,
    architecture: 'amd64',
    osImage: 'Debian GNU/Linux 12 (bookworm)',
    labels: { 'kubernetes.io/os': 'linux' },
    taints: [],
    ...rest,
  };
}

interface ReportOptions {
  readonly kernel?: string;
  readonly os?: object;
  readonly headers?: readonly string[];
  readonly drivers?: DriversReport;
  readonly generation?: number;
  readonly bootId?: string;
}

/** A report that counts. */
export function says(name: string, options: ReportOptions = {}): AgentReport {
  const {
    kernel = KERNEL,
    os = DEBIAN,
    headers = [kernel],
    drivers,
    generation = 0,
    bootId = BOOT,
  } = options;
  const observed = {
    bootId,
    os: os as never,
    kernel: { release: kernel, build: '#1 SMP', architecture: 'x86_64' },
    headers: [...headers],
  };
  const rest = { intentGeneration: generation, ...(drivers === undefined ? {} : { drivers }) };
  return { state: 'told', report: aReport(name, observed, rest) };
}

/** A report that counts no longer. */
export function saidOnce(name: string): AgentReport {
  return { state: 'unknown', why: `${name} is not ready.`, last: aReport(name) };
}

export function neverSaid(name: string): AgentReport {
  return { state: 'unknown', why: `No agent runs on ${name}.` };
}

export function target(version = '4.4.5', kernel = KERNEL): DriverTarget {
  return { version, kernel, architecture: 'x86_64' };
}

export function aPackage(
  about: DriverTarget = target(),
  letter = 'a',
  layout: DriverPackage['layout'] = 'modules',
): DriverPackage {
  const file = `${about.version}-${about.kernel}.${layout === 'modules' ? 'tar.gz' : 'zip'}`;
  return { ...about, file, sha256: letter.repeat(64), bytes: 1000, layout };
}

export function has(about: DriverPackage = aPackage(), registry = PUBLIC): RegistryAnswer {
  return { state: 'has', package: about, url: `${registry}/dist/v1/drivers/${about.file}` };
}

const read = new Map<string, ParsedSpecs>();

/** What files say; read once, since many decisions are made about the same. */
function specsOf(files: Readonly<Record<string, string>>): ParsedSpecs {
  const key = JSON.stringify(files);
  const specs = read.get(key) ?? lint(readFiles(files));
  read.set(key, specs);
  return specs;
}

/** Everything that a pass sees, and how it changes. */
export class World {
  files: Record<string, string> = {};
  nodes: DriversInput['nodes'] = { nodes: [], reports: new Map() };
  lock: DriversInput['lock'] = EMPTY_LOCK;
  live = new Map<ObjectId, KubeObject>();
  intents = new Map<string, KubeObject>();
  ca: string | undefined = CA;
  /** Approvals of the repository, and those that were used. */
  book: ApprovalBook | undefined;
  /** What registries say of each question. */
  registry: (question: { registry: string; target: DriverTarget }) => RegistryAnswer = () => ({
    state: 'has-not',
  });

  constructor(files: Readonly<Record<string, string>>, names: Readonly<Record<string, AgentReport>>) {
    this.files = { ...files };
    this.see(names);
    this.add(service());
  }

  see(names: Readonly<Record<string, AgentReport>>, nodes: readonly DriverNode[] = []): void {
    const given = new Map(nodes.map((each) => [each.name, each]));
    this.nodes = {
      nodes: Object.keys(names).map((name) => given.get(name) ?? node(name)),
      reports: new Map(Object.entries(names)),
    };
  }

  add(...objects: readonly KubeObject[]): void {
    for (const object of objects) this.live.set(objectId(object), object);
  }

  input(): DriversInput {
    const specs = specsOf(this.files);
    return {
      specs,
      nodes: this.nodes,
      lock: this.lock,
      live: this.live,
      intents: this.intents,
      settings: specs.settings.spec,
      agentNamespace: AGENTS,
      commit: 'c'.repeat(40),
      ...(this.ca === undefined ? {} : { ca: this.ca }),
      ...(this.book === undefined ? {} : { consents: driverConsents(this.book) }),
    };
  }

  answers(): RegistryAnswers {
    return new Map(driverQuestions(this.input()).map((question) => [question.key, this.registry(question)]));
  }

  decide(): DriversDecision {
    return decideDrivers({ ...this.input(), answers: this.answers() });
  }

  /** Carries a decision out as a pass does, with the consent of people where `isApproved`. */
  apply(decision: DriversDecision = this.decide(), isApproved = false): DriversDecision {
    this.lock = decision.lock;
    for (const { node: name, object, allowed } of decision.intents) {
      if (allowed !== undefined && !isApproved) continue;
      this.intents.set(name, allowed ?? object);
    }
    const kept = new Set(decision.pods.map(({ live }) => live));
    for (const [id, object] of this.live) {
      if (object.metadata.annotations?.[DRIVER_WORK] !== undefined && !kept.has(id)) this.live.delete(id);
    }
    for (const wanted of decision.pods) {
      if (wanted.live !== undefined && wanted.again === undefined) continue;
      this.add(workPod(wanted));
    }
    return decision;
  }

  /** Lets the pod at work that `does` this end with a result, as a kubelet would tell it. */
  end(does: DriverPodWanted['does'], result: DriverResult | string, status: Text = {}): void {
    const about =
      typeof result === 'string' ? undefined : result.result === 'failed' ? result.target : result.package;
    const isFor = ({ metadata }: KubeObject) =>
      [about?.version, about?.kernel].every((word) =>
        metadata.annotations?.[DRIVER_WORK]?.includes(`"${word}"`),
      );
    const pods = this.workPods(does);
    const pod = pods.find(isFor) ?? pods[0];
    if (pod === undefined) throw new Error(`Nothing ${does}s.`);
    const message = typeof result === 'string' ? result : JSON.stringify(result);
    this.add({
      ...pod,
      status: {
        phase: 'Succeeded',
        containerStatuses: [{ name: 'weka-container', state: { terminated: { exitCode: 0, message } } }],
        ...status,
      },
    });
  }

  workPods(does: DriverPodWanted['does']): readonly KubeObject[] {
    return [...this.live.values()].filter((object) =>
      object.metadata.annotations?.[DRIVER_WORK]?.includes(`"does":"${does}"`),
    );
  }

  intent(name: string): NodeIntent | undefined {
    const object = this.intents.get(name);
    const text = (object?.['data'] as Record<string, string> | undefined)?.['intent.json'];
    return text === undefined ? undefined : NodeIntent.parse(JSON.parse(text));
  }
}

export function published(about: DriverPackage = aPackage()): DriverResult {
  return { schemaVersion: 1, result: 'published', package: about };
}

/** A pod that was applied by the reconciler, as it is before anything runs. */
function workPod(wanted: DriverPodWanted, name = podName(wanted)): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: 'weka',
      annotations: { [DRIVER_WORK]: driverWorkText(wanted) },
      managedFields: [{ manager: 'weka-gitops', operation: 'Apply' }],
    },
    spec: { containers: [{ name: 'weka-container' }] },
    status: { phase: 'Pending' },
  };
}

function podName({ does, owner, target: about, node: on }: DriverPodWanted): string {
  if (does === 'load') return `load-${on}`;
  if (owner.includes('/WekaContainer/')) return owner.split('/').at(-1) ?? '';
  return [does, about.version, about.kernel, about.buildId ?? ''].join('-').replaceAll(/[^a-z0-9]+/g, '-');
}

export function service(spec: Text = { clusterIP: '10.96.0.7' }): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'drivers-dist', namespace: 'weka' },
    spec: { ports: [{ port: 60002 }], selector: { app: 'dist' }, ...spec },
  };
}

/** A cluster whose drivers a policy distributes. */
export function withPolicy(names = { 'node-a': says('node-a'), 'node-b': says('node-b') }): World {
  return new World({ 'cluster.yaml': cluster('demo', '4.4.5'), 'policy.yaml': policy() }, names);
}

/** The same, with a package that was built, and nodes that were asked for it. */
export function withPackage(): World {
  const world = withPolicy();
  world.apply();
  world.end('build', published());
  world.apply();
  return world;
}
