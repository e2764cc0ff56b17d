import { isKnown } from '../../../schemas/node/observed.ts';
import type { DriverTarget } from '../../../schemas/drivers/target.ts';
import { firstFew } from '../lint/facts/shortages.ts';
import type { Builder } from './builders.ts';
import { comingKernel } from './coming-kernels.ts';
import type { DriverNode } from './decision.ts';
import { knownKernel, type Situation } from './situation.ts';
import { toolchainFor } from './toolchain.ts';

/** The node that a build runs on, or why it can run on none. */
type BuildPlace =
  | {
      readonly node: string;
      /** Set where the node does not run the kernel yet, and has its headers. */
      readonly isAhead?: true;
    }
  | { readonly why: string; readonly hint?: string };

/** Systems on which builds bring their headers along, or find them elsewhere than where others have them. */
const OWN_HEADERS: readonly string[] = ['cos', 'rhcos', 'nixos', 'flatcar', 'talos'];

type Known = Pick<Situation, 'input' | 'nodes' | 'kernels' | 'reports'>;

/**
 * A node that runs the kernel and that the builder may stand on: one that is known to have the headers first, one that is known
 * to lack them last, and else by name. Where none runs it yet, one that has its headers and will boot it.
 */
export function buildPlace(situation: Known, builder: Builder, target: DriverTarget): BuildPlace {
  const running = situation.nodes.filter(({ name }) => runs(situation, name, target));
  if (running.length === 0) return placeAhead(situation, builder, target);
  const chosen = running.filter((node) => builder.mayRunOn(node));
  if (chosen.length === 0) return notChosen(builder, running, `runs ${target.kernel}`);
  const ready = chosen.filter(({ isReady }) => isReady);
  if (ready.length === 0) {
    return { why: `No node that runs ${target.kernel} and may build is ready: ${names(chosen)}.` };
  }
  const ranked = ready
    .map((node) => ({ node, headers: headersOn(situation, node.name, target.kernel) }))
    .toSorted((a, b) => RANKS[a.headers] - RANKS[b.headers]);
  const [best] = ranked;
  if (best === undefined) return { why: 'No node may build.' };
  const brings = builder.hasScript || toolchainFor(situation, best.node.name)?.headersImage !== undefined;
  if (best.headers === 'none' && !brings) {
    return {
      why: `No headers of ${target.kernel} are installed on ${names(ready)}, where it would be built.`,
      hint: headersHint(situation, best.node, target.kernel),
    };
  }
  return { node: best.node.name };
}

const RANKS = { there: 0, unknown: 1, none: 2 } as const;

/** Whether a node has the headers of a kernel that it has not booted yet, and will. */
export function willRun(
  { kernels, reports }: Pick<Situation, 'kernels' | 'reports'>,
  node: string,
  { kernel, architecture }: DriverTarget,
): boolean {
  const report = reports.get(node);
  return (
    report !== undefined &&
    comingKernel(report.observed) === kernel &&
    knownKernel({ kernels }, node)?.architecture === architecture
  );
}

function placeAhead(situation: Known, builder: Builder, target: DriverTarget): BuildPlace {
  const having = situation.nodes.filter(({ name }) => willRun(situation, name, target));
  if (having.length === 0) {
    return {
      why: `No node runs ${target.kernel} (${target.architecture}) yet, and a builder takes the headers of its node.`,
    };
  }
  const chosen = having.filter((node) => builder.mayRunOn(node));
  if (chosen.length === 0) return notChosen(builder, having, `has the headers of ${target.kernel}`);
  const [ready] = chosen.filter(({ isReady }) => isReady);
  return ready === undefined
    ? { why: `No node that has the headers of ${target.kernel} and may build is ready: ${names(chosen)}.` }
    : { node: ready.name, isAhead: true };
}

function notChosen(
  { kind, words }: Builder,
  nodes: readonly DriverNode[],
  does: string,
): { readonly why: string; readonly hint: string } {
  return {
    why: `${words} chooses no node that ${does}: ${names(nodes)} ${nodes.length === 1 ? 'does' : 'do'}.`,
    hint: `Let the ${kind === 'policy' ? 'nodeSelectors' : 'nodeSelector'} there choose one of them, or label one to match.`,
  };
}

function runs(
  situation: Pick<Situation, 'kernels'>,
  node: string,
  { kernel, architecture }: DriverTarget,
): boolean {
  const known = knownKernel(situation, node);
  return known?.kernel === kernel && known.architecture === architecture;
}

function headersOn(
  { kernels, reports }: Pick<Situation, 'kernels' | 'reports'>,
  node: string,
  kernel: string,
): keyof typeof RANKS {
  const headers = reports.get(node)?.observed.headers;
  if (headers === undefined || !isKnown(headers)) return 'unknown';
  if (headers.includes(kernel)) return 'there';
  const os = knownKernel({ kernels }, node)?.os;
  return os === undefined || OWN_HEADERS.includes(os.id) ? 'unknown' : 'none';
}

function headersHint({ kernels }: Pick<Situation, 'kernels'>, { name }: DriverNode, kernel: string): string {
  const id = knownKernel({ kernels }, name)?.os?.id ?? '';
  const is = (...ids: readonly string[]) => ids.includes(id);
  if (is('ubuntu', 'debian')) return `Install them on ${name}: apt-get install linux-headers-${kernel}`;
  if (is('rhel', 'rocky', 'almalinux', 'centos', 'fedora', 'ol', 'amzn')) {
    return `Install them on ${name}: dnf install kernel-devel-${kernel}`;
  }
  return `Install the headers of ${kernel} on ${name}.`;
}

function names(nodes: readonly DriverNode[]): string {
  return firstFew(nodes, ({ name }) => name);
}
