import type { DriverCell } from '../drivers/drivers.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import { troubleOf } from '../report/driver-troubles.ts';
import { NOT_SELECTED } from '../report/troubles/not-selected.ts';
import { type PlacedNode, placeNodes } from '../report/node-progress.ts';
import { DRIVER_STATE_WORDS, kernelWords, PROGRESS_WORDS } from '../report/drivers-words.ts';
import type { Spec } from '../spec/spec.ts';
import { packageWords } from './explain-drivers.ts';
import type { Explained } from './explain-object.ts';
import type { Situation } from './situation.ts';
import { placeText, writtenManifest } from './written.ts';

/** Manifests that are named of those which do not select a node. */
const MANIFESTS = 8;

type Told = Pick<Explained, 'now' | 'facts' | 'waitsFor' | 'toChange'>;

const NOTHING: Told = { now: [], facts: [], waitsFor: [], toChange: [] };

/** Which drivers a node shall have and how far it is with them; nothing where nobody asks for drivers anywhere. */
export function nodeDrivers(node: NodeFacts, { assessment: { drivers }, specs }: Situation): Told {
  if (drivers === undefined) return NOTHING;
  const placed = placeNodes({
    cells: drivers.cells,
    nodes: drivers.nodes.filter((each) => each.node === node.name),
  })[0];
  if (placed !== undefined) {
    const entry = drivers.lock.find((each) => each.package.sha256 === placed.cell?.package?.sha256);
    return toldOf(placed, entry);
  }
  if (drivers.unread !== undefined)
    return { ...NOTHING, now: [`Of its drivers nothing is known: ${drivers.unread}`] };
  return notSelected(node, specs.specs);
}

function toldOf({ node, cell, progress, held }: PlacedNode, entry: Parameters<typeof packageWords>[1]): Told {
  const { target, owner, report, against = [] } = node;
  const code = progress === 'no-package' ? cell?.code : held?.code;
  const trouble = troubleOf(code);
  const named = (words: string) => (code === undefined ? words : `${code}: ${words}`);
  const way = (progress === 'no-package' ? cell?.hint : held?.hint) ?? trouble?.mend;
  const facts: readonly (readonly [string, string | undefined])[] = [
    [
      'Drivers',
      target === undefined
        ? undefined
        : `${target.version} for ${kernelWords(target)}: ${PROGRESS_WORDS[progress]}`,
    ],
    ['Asked for by', owner],
    ['Asked for besides', against.join('; ')],
    ['Driver package', cell?.package === undefined ? undefined : packageWords(cell.package, entry)],
    [
      'Drivers loaded',
      report?.loaded === undefined
        ? undefined
        : `${report.loaded.version} for ${report.loaded.kernel}, sha256:${report.loaded.sha256}`,
    ],
    ['Driver modules', report?.modules.map(moduleWords).join(', ')],
    ['Held up by', held === undefined || target === undefined ? undefined : named(held.why)],
    ['Because', trouble?.cause],
    ['Used by', held?.users?.join(', ')],
    ['Last lines', held?.lastLines?.join(' | ')],
    [
      'Packages kept',
      report === undefined || report.cached.length === 0
        ? undefined
        : report.cached.map((each) => `sha256:${each}`).join(', '),
    ],
  ];
  return {
    now:
      target === undefined
        ? [`Which drivers it shall have is not known: ${held?.why ?? 'nobody says why'}`]
        : [],
    facts: facts.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ name, value }])),
    waitsFor:
      progress !== 'no-package' || cell === undefined
        ? []
        : [
            {
              target: `drivers/${cell.target.version}/${cell.target.kernel}`,
              why: buildWords(cell),
            },
          ],
    toChange: way === undefined ? [] : [named(way)],
  };
}

/** `failed, NO_HEADERS: There are no headers.` */
function buildWords({ state, code, why }: DriverCell): string {
  const words = [DRIVER_STATE_WORDS[state], ...(code === undefined ? [] : [code])].join(', ');
  return why === undefined ? words : `${words}: ${why}`;
}

function moduleWords({
  name,
  state,
  version,
  why,
}: NonNullable<PlacedNode['node']['report']>['modules'][number]): string {
  const rest = [state, ...(why === undefined ? [] : [why.replace(/\.$/, '')])].join(': ');
  return `${name}${version === undefined ? '' : ` ${version}`} (${rest})`;
}

/** A node that no manifest asks for drivers: which labels each would want. */
function notSelected({ labels }: NodeFacts, specs: readonly Spec[]): Told {
  const wants = specs.flatMap((spec) =>
    selectorsOf(spec).map((selector) => {
      const missing = Object.entries(selector).filter(([label, value]) => labels[label] !== value);
      return { spec, missing };
    }),
  );
  const lacking = wants.filter(({ missing }) => missing.length > 0);
  const { cause, mend } = NOT_SELECTED;
  return {
    ...NOTHING,
    now: [`It gets no drivers. ${cause}`],
    facts: lacking.slice(0, MANIFESTS).map(({ spec, missing }) => ({
      name: 'Not selected by',
      value: `${spec.kind} ${nameOf(spec)} (${placeText(writtenManifest(spec))}), which wants ${missing.map(([label, value]) => `${label}=${value}`).join(', ')}`,
    })),
    toChange: [mend],
  };
}

function nameOf({ manifest: { metadata } }: Spec): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

/** By which labels a manifest chooses the nodes that get drivers; none where it chooses no nodes. */
function selectorsOf(spec: Spec): readonly Readonly<Record<string, string>>[] {
  switch (spec.kind) {
    case 'WekaCluster':
      return [spec.cluster.spec.nodeSelector ?? {}];
    case 'WekaClient':
      return [spec.client.spec.nodeSelector ?? {}];
    case 'WekaPolicy':
      return spec.policy.spec.payload.driverDistPayload?.nodeSelectors ?? [];
    default:
      return [];
  }
}
