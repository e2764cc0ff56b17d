import { isKnown, unknown } from '../../schemas/node/observed.ts';
import type { DriverHands } from '../host/driver-hands.ts';
import type { Host } from '../host/host.ts';
import { type DriverQuestions, readDriverFacts } from '../host/read-driver-facts.ts';
import { readKernelParts } from '../host/read-kernel-parts.ts';
import type { DriverFacts } from '../plan/driver-facts.ts';
import { withIntent } from '../plan/drivers-state.ts';
import { neededOfKernel } from '../plan/load-order.ts';
import type { DriverInput } from '../plan/way.ts';
import type { Time } from '../time.ts';
import type { PackageCache } from './package-cache.ts';

export interface NodeFactsParts {
  readonly host: Host;
  readonly hands: Pick<DriverHands, 'vermagic'>;
  readonly time: Time;
  readonly cache: PackageCache;
}

/** For so long what there is of a kernel's modules is taken to stay so. */
const PARTS_FOR_MS = 60_000;
/** Modules that WEKA is better off with. */
const BESIDE = ['arp_tables', 'vfio_pci'];
/** What the vendor's command loads, which is looked at as well. */
const OF_VENDOR = ['igb_uio', 'mpin_user', 'wekafsgw', 'wekafsio'];

const UNASKED = unknown('It was not asked for.');
const NOTHING_ASKED: DriverFacts = {
  bootId: UNASKED,
  kernel: UNASKED,
  os: UNASKED,
  modules: UNASKED,
  moduleLoading: UNASKED,
  signedOnly: UNASKED,
  iommu: 'no',
  kernelParts: new Map(),
  freeBytes: UNASKED,
};

/** What has to be known of a node for its drivers. What is costly and hardly changes is not read anew each time. */
export class NodeFacts {
  readonly #parts: NodeFactsParts;
  #kernelParts:
    { readonly of: string; readonly at: number; readonly parts: DriverFacts['kernelParts'] } | undefined;
  #vermagic: { readonly bootId: string; readonly text: string | undefined } | undefined;

  constructor(parts: NodeFactsParts) {
    this.#parts = parts;
  }

  /** `withUsers`: also what uses the modules, which takes a while. */
  async read(
    { cache, state, intent }: Pick<DriverInput, 'cache' | 'state' | 'intent'>,
    withUsers: boolean,
  ): Promise<DriverFacts> {
    const { host, hands } = this.#parts;
    if (withIntent(state, intent).wanted === undefined) return NOTHING_ASKED;
    const packages = [
      ...[...cache.values()].map((each) => each.modules ?? []),
      ...state.good.map((each) => each.modules),
    ];
    const modules = packages.flat();
    const seen = await readDriverFacts(host, {
      modules: new Set([...OF_VENDOR, ...modules.map(({ name }) => name)]),
      ofKernel: [...new Set([...BESIDE, ...packages.flatMap(neededOfKernel)])],
      readParts: this.#readParts,
      vermagic: this.#vermagic?.text,
      withUsers,
      freeBytes: await this.#parts.cache.freeBytes(),
    });
    const facts = { ...seen, partBytes: await this.#parts.cache.parts() };
    const { bootId, kernel } = facts;
    if (modules.length === 0 || !isKnown(bootId) || !isKnown(kernel) || this.#vermagic?.bootId === bootId)
      return facts;
    // Asked once: it is another program's work, and stays the same until the next boot.
    const text = await hands.vermagic(kernel.release);
    this.#vermagic = { bootId, text };
    return text === undefined ? facts : { ...facts, vermagic: text };
  }

  /** Its lists are long, and change only when somebody installs a kernel. */
  readonly #readParts: DriverQuestions['readParts'] = async (kernel, names) => {
    const now = this.#parts.time.now();
    const of = JSON.stringify([kernel, names]);
    if (this.#kernelParts?.of !== of || now - this.#kernelParts.at >= PARTS_FOR_MS) {
      this.#kernelParts = { of, at: now, parts: await readKernelParts(this.#parts.host, kernel, names) };
    }
    return this.#kernelParts.parts;
  };
}
