import { INTENT_KEY, intentName } from '../../../schemas/node/config-maps.ts';
import type { DriversIntent, DriverSource } from '../../../schemas/node/drivers.ts';
import { NODE_INTENT_VERSION, type NodeIntent } from '../../../schemas/node-intent.ts';
import { canonicalJson } from '../kube/hash.ts';
import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { compareText } from '../placement/compare-text.ts';
import type { IntentWanted } from './decision.ts';
import type { DriverDemand } from './drivers.ts';
import type { LiveIntent } from './live-intent.ts';
import type { PinnedPackage } from './lock.ts';
import { orderedPackage } from './pins.ts';
import type { Replaced } from './replaced-modules.ts';
import { short } from './resolve-cell.ts';

/** What a node is to be asked. */
interface IntentInput {
  readonly node: string;
  readonly namespace: string;
  readonly demand: DriverDemand;
  readonly pinned: PinnedPackage;
  readonly from: readonly DriverSource[];
  readonly live: LiveIntent | undefined;
  /** The intent that the agent answered last. */
  readonly answered: number;
  readonly replaced: Replaced;
  /** Whether the manifest lets what uses modules be told to let go. */
  readonly mayDrain: boolean;
  /** Whether the agent shall look again for a package that it could not have. */
  readonly again: boolean;
}

/** The live intents as they are, by their nodes. */
export function keptIntents(live: ReadonlyMap<string, LiveIntent>): readonly IntentWanted[] {
  return [...live]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([node, intent]) => keptIntent(node, intent));
}

/** A live intent as it is. */
function keptIntent(node: string, { object, text }: LiveIntent): IntentWanted {
  const { namespace = '' } = object.metadata;
  return {
    node,
    object: configMap(node, namespace, record(object['data'])[INTENT_KEY] === undefined ? undefined : text),
    does: [],
    replaces: false,
  };
}

/** The intent of a node by what it is to have. It keeps its generation where nothing about it is new. */
export function intentWanted(input: IntentInput): IntentWanted {
  const { node, namespace, demand, pinned, from, live, replaced, mayDrain } = input;
  const about = orderedPackage(pinned.package);
  const before = live?.drivers?.package.sha256 === about.sha256 ? live.drivers.replace : 'never';
  const most = mayDrain ? 'drain' : 'unused';
  // What was allowed once for this package stays so, and never becomes more by itself.
  const replace = before === 'drain' && !mayDrain ? 'unused' : before;
  const drivers: DriversIntent = { package: about, from: [...from], owner: demand.owner, replace };
  const textOf = (asked: DriversIntent) => intentText(asked, input);
  const object = configMap(node, namespace, textOf(drivers));
  const needsConsent = replaced.replaces && replace !== most;
  return {
    node,
    object,
    source: demand.source,
    owner: demand.owner,
    ownerId: demand.ownerId,
    does: doing(input, needsConsent),
    replaces: replaced.replaces,
    ...(replaced.from === undefined ? {} : { from: replaced.from }),
    to: about.version,
    ...(needsConsent ? { allowed: configMap(node, namespace, textOf({ ...drivers, replace: most })) } : {}),
  };
}

/**
 * The text of an intent: that of the live one where it says the same, unless the agent has gone by a later one before, so that it
 * takes this for one of the past.
 */
function intentText(drivers: DriversIntent, { live, answered, again }: IntentInput): string {
  const isSame = live?.drivers !== undefined && canonicalJson(live.drivers) === canonicalJson(drivers);
  if (isSame && !again && live.generation >= answered) return live.text;
  const generation = Math.max(live?.generation ?? 0, answered) + 1;
  const intent: NodeIntent = { schemaVersion: NODE_INTENT_VERSION, generation, drivers };
  return `${JSON.stringify(intent, null, 2)}\n`;
}

/** What the node does for it; nothing where it says what the live one says. */
function doing(input: IntentInput, needsConsent: boolean): readonly string[] {
  const { live, from, pinned, replaced, mayDrain, demand, answered } = input;
  const { package: about } = pinned;
  const has = live?.drivers;
  const old = replaced.from === undefined ? 'the modules that are loaded' : `the modules of ${replaced.from}`;
  const how = mayDrain ? 'once what uses them was told to let go' : 'once nothing uses them';
  const replace = `replace ${old}, ${how}`;
  if (has === undefined || canonicalJson(has.package) !== canonicalJson(about)) {
    const words = `drivers of ${about.version} for ${about.kernel} (${short(about.sha256)})`;
    return [`load ${words} from ${urls(from)}`, ...(replaced.replaces ? [replace] : [])];
  }
  return [
    ...(input.again ? [`look again for ${about.file}`] : []),
    ...(canonicalJson(has.from) === canonicalJson(from) ? [] : [`take packages from ${urls(from)}`]),
    ...(needsConsent ? [replace] : []),
    ...(has.owner === demand.owner ? [] : [`keep drivers of ${about.version}, now for ${demand.owner}`]),
    ...(has.replace === 'drain' && !mayDrain ? ['tell nothing more to let go'] : []),
    ...(live !== undefined && answered > live.generation
      ? ['go by this, although it went by a later one']
      : []),
  ];
}

function urls(from: readonly DriverSource[]): string {
  const [first, ...others] = from;
  const name = first === undefined ? 'nowhere' : (first.serverName ?? first.url);
  return others.length === 0 ? name : `${name} (${from.length} addresses)`;
}

function configMap(node: string, namespace: string, text: string | undefined): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: intentName(node), namespace },
    ...(text === undefined ? {} : { data: { [INTENT_KEY]: text } }),
  };
}
