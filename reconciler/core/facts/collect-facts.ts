import type { ApplySetParent } from '../desired/ownership.ts';
import { isRecord, record } from '../kube/json.ts';
import { AGENT_NAMESPACE } from '../nodes/agent-report.ts';
import { agentReports } from '../nodes/agent-reports.ts';
import { type ReadReport, readReport, reportedNode } from '../nodes/read-report.ts';
import { withReport } from '../nodes/with-report.ts';
import type { ConfigMapFacts, Facts } from './facts.ts';
import { type NodeFacts, nodeFacts } from './node-facts.ts';
import { type PodFacts, podFacts } from './pod-facts.ts';
import { absurdity, asksForLess } from './sound-nodes.ts';
import { texts } from './texts.ts';

const KINDS = ['Node', 'Pod', 'ConfigMap', 'Secret'] as const;

/** Gathers facts from objects, one after another, and keeps no more of each than decides anything. */
export class FactsCollector {
  readonly #nodes = new Map<string, NodeFacts>();
  readonly #pods = new Map<string, PodFacts>();
  readonly #configMaps = new Map<string, ConfigMapFacts>();
  readonly #otherKinds = new Set<string>();
  readonly #agentNamespace: string;
  readonly #reports = new Map<string, ReadReport>();
  #secrets: Set<string> | undefined;
  #contradiction: string | undefined;

  constructor(agentNamespace: string = AGENT_NAMESPACE) {
    this.#agentNamespace = agentNamespace;
  }

  /** Whether anything that is a fact has been seen. */
  get isEmpty(): boolean {
    return this.#nodes.size + this.#pods.size + this.#configMaps.size === 0 && this.#secrets === undefined;
  }

  /** The first thing that cannot be so: two objects of one name that differ, amounts below nothing. */
  get contradiction(): string | undefined {
    return this.#contradiction;
  }

  /** Kinds that were seen and say nothing of use. */
  get otherKinds(): readonly string[] {
    return [...this.#otherKinds].toSorted();
  }

  /** Takes an object; `kind` where it does not say so itself, as in the answer of the API server. False for what is none. */
  add(object: unknown, kind?: string): boolean {
    if (!isRecord(object)) return false;
    const { name, namespace = '' } = record(object['metadata']);
    const itself = object['kind'] ?? kind;
    if (typeof name !== 'string' || name === '' || typeof namespace !== 'string') return false;
    if (typeof itself !== 'string') return false;
    const core = object['apiVersion'] === undefined || object['apiVersion'] === 'v1';
    const key = `${namespace}/${name}`;
    switch (core ? KINDS.find((each) => each === itself) : undefined) {
      case 'Node':
        this.#addNode(name, nodeFacts(object));
        break;
      case 'Pod':
        this.#addPod(key, podFacts(object));
        break;
      case 'ConfigMap':
        this.#configMaps.set(key, configMapFacts(object));
        if (namespace === this.#agentNamespace) this.addReport(name, object);
        break;
      case 'Secret':
        this.addSecret(namespace, name);
        break;
      case undefined:
        this.#otherKinds.add(itself);
        break;
    }
    return true;
  }

  #addNode(name: string, node: NodeFacts): void {
    const absurd = absurdity(node);
    if (absurd !== undefined) {
      this.#contradiction ??= `The node ${name} says that it has ${absurd}, which cannot be.`;
    }
    this.#take(this.#nodes, name, node, `node ${name}`);
  }

  #addPod(key: string, pod: PodFacts): void {
    if (asksForLess(pod)) this.#contradiction ??= `The pod ${key} asks for less than nothing.`;
    this.#take(this.#pods, key, pod, `pod ${key}`);
  }

  #take<Each>(all: Map<string, Each>, key: string, facts: Each, what: string): void {
    const other = all.get(key);
    if (other !== undefined && textOf(other) !== textOf(facts)) {
      this.#contradiction ??= `The ${what} is there twice, and not the same both times.`;
    }
    all.set(key, facts);
  }

  /** Takes a ConfigMap of the agents' namespace, which may be the report of a node. */
  addReport(name: string, configMap: Readonly<Record<string, unknown>>): void {
    const node = reportedNode(name);
    if (node !== undefined) this.#reports.set(node, readReport(node, configMap));
  }

  /** There is a Secret of this name. */
  addSecret(namespace: string, name: string): void {
    this.#secrets ??= new Set();
    this.#secrets.add(`${namespace}/${name}`);
  }

  /** Secrets were asked for, even if there is none. */
  knowSecrets(): void {
    this.#secrets ??= new Set();
  }

  /** What has been gathered. */
  facts(installation?: ApplySetParent): Facts {
    const pods = [...this.#pods.values()];
    const reports = agentReports([...this.#nodes.values()], {
      namespace: this.#agentNamespace,
      pods,
      reports: this.#reports,
    });
    return {
      nodes: [...this.#nodes.values()].map((node) => withReport(node, reports.get(node.name))),
      pods,
      configMaps: [...this.#configMaps.values()],
      reports,
      secrets: this.#secrets,
      ...(installation === undefined ? {} : { installation }),
    };
  }
}

/** Facts of one kind have their fields in one order. */
function textOf(facts: unknown): string {
  return JSON.stringify(facts, (_, value: unknown) => (value instanceof Set ? [...value] : value));
}

/** kubeadm writes the configuration of kubelets there. */
const KUBELET_CONFIG = /^kubelet-config(-\d.*)?$/;

function configMapFacts(object: Readonly<Record<string, unknown>>): ConfigMapFacts {
  const { namespace, name, labels, annotations } = record(object['metadata']);
  return {
    namespace: String(namespace),
    name: String(name),
    labels: texts(labels),
    annotations: texts(annotations),
    data: namespace === 'kube-system' && KUBELET_CONFIG.test(String(name)) ? texts(object['data']) : {},
  };
}
