import type { GeneratedCluster } from './generate-cluster.ts';
import type { KubePod } from './kube-objects.ts';
import { NOTHING_PROVED, type ProofCount, together } from './proof-count.ts';
import type { ProofPlane } from './proof-plane.ts';
import type { Verdict } from './verdicts.ts';

/** What came of asking the scheduler about one cluster, while it is asked. */
export class Proof {
  /** Where placement and the scheduler do not agree. */
  readonly faults: string[] = [];
  readonly cluster: GeneratedCluster;
  readonly plane: ProofPlane;
  readonly #patienceMs: number;
  #count: ProofCount = NOTHING_PROVED;

  constructor(cluster: GeneratedCluster, plane: ProofPlane, patienceMs: number) {
    this.cluster = cluster;
    this.plane = plane;
    this.#patienceMs = patienceMs;
  }

  get count(): ProofCount {
    return this.#count;
  }

  add(more: Partial<ProofCount>): void {
    this.#count = together(this.#count, { ...NOTHING_PROVED, ...more });
  }

  fault(what: string): void {
    this.faults.push(`seed ${this.cluster.seed}: ${what}`);
  }

  /** What the scheduler says of a pod at once. The pod is gone afterwards. */
  async ask(pod: KubePod): Promise<Verdict> {
    const key = await this.plane.addPod(pod);
    const verdict = await this.plane.verdicts.first(key);
    await this.plane.removePod(key);
    return verdict;
  }

  /** The same of a pod that may be tried more than once: what it needs may be heard of later than the pod is. */
  async askPatiently(pod: KubePod): Promise<Verdict> {
    const key = await this.plane.addPod(pod);
    const verdict = await this.bound(key);
    await this.plane.removePod(key);
    return verdict;
  }

  async bound(key: string): Promise<Verdict> {
    return this.plane.verdicts.bound(key, this.#patienceMs);
  }
}
