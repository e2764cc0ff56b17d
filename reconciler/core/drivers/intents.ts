import { INTENT_KEY, intentName } from '../../../schemas/node/config-maps.ts';
import type { DriversIntent, DriverSource } from '../../../schemas/node/drivers.ts';
import { NODE_INTENT_VERSION, type NodeIntent } from '../../../schemas/node-intent.ts';
import type { Consent } from '../desired/desired.ts';
import { canonicalJson } from '../kube/hash.ts';
import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import { compareText } from '../placement/compare-text.ts';
import { type DriverConsents, replaceConsent } from './consents.ts';
import type { IntentWanted } from './decision.ts';
import type { DriverDemand } from './drivers.ts';
import { CONSENT, type LiveIntent } from './live-intent.ts';
import type { PinnedPackage } from './lock.ts';
import type { NextPackage } from './next-package.ts';
import { orderedPackage } from './pins.ts';
import type { Replaced } from './replaced-modules.ts';
import { short } from './resolve-cell.ts';

/** What a node is to be asked. */
export interface IntentInput {
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
  /** What it is to keep for a kernel that it will boot. */
  readonly next: NextPackage | undefined;
  readonly consents: DriverConsents | undefined;
}

/** The live intents as they are, by their nodes. */
export function keptIntents(live: ReadonlyMap<string, LiveIntent>): readonly IntentWanted[] {
  return [...live]
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([node, intent]) => keptIntent(node, intent));
}

/** A live intent as it is. */
function keptIntent(node: string, { object, text, consent }: LiveIntent): IntentWanted {
  const { namespace = '' } = object.metadata;
  return {
    node,
    object: configMap(
      node,
      namespace,
      record(object['data'])[INTENT_KEY] === undefined ? undefined : text,
      consent,
    ),
    does: [],
    replaces: false,
  };
}

/** The intent of a node by what it is to have. It keeps its generation where nothing about it is new. */
export function intentWanted(input: IntentInput): IntentWanted {
  const { node, namespace, demand, pinned, from, live, replaced, mayDrain, consents } = input;
  const about = orderedPackage(pinned.package);
  const over = whyOver(input);
  const isOver = over !== undefined;
  const most = mayDrain ? 'drain' : 'unused';
  const replace = replaceHeld(input);
  const drivers: DriversIntent = {
    package: about,
    from: [...from],
    owner: demand.owner,
    replace,
    ...(input.next === undefined ? {} : { next: input.next }),
  };
  const textOf = (asked: DriversIntent) => intentText(asked, input);
  const object = configMap(node, namespace, textOf(drivers), replace === 'never' ? undefined : live?.consent);
  // What has ended is taken back first, and asked for again after that.
  const needsConsent = replaced.replaces && replace !== most && !isOver;
  const consent = consentTo(input, most);
  const allowed = () =>
    configMap(node, namespace, textOf({ ...drivers, replace: most }), consents?.digestOf(consent));
  return {
    node,
    object,
    source: demand.source,
    owner: demand.owner,
    ownerId: demand.ownerId,
    does: doing(input, { needsConsent, over }),
    replaces: replaced.replaces,
    ...(replaced.from === undefined ? {} : { from: replaced.from }),
    ...(replaced.sha256 === undefined ? {} : { fromSha256: replaced.sha256 }),
    to: about.version,
    sha256: about.sha256,
    ...(needsConsent ? { allowed: allowed(), consent } : {}),
  };
}

/** What may become of loaded modules by a consent that the live intent has. */
export function replaceHeld(input: IntentInput): DriversIntent['replace'] {
  const { live, pinned, mayDrain } = input;
  const isSame = live?.drivers?.package.sha256 === pinned.package.sha256;
  // What was allowed for this package stays so as long as the consent holds, and never becomes more by itself.
  const before = isSame && whyOver(input) === undefined ? live.drivers.replace : 'never';
  return before === 'drain' && !mayDrain ? 'unused' : before;
}

/** The consent that what is loaded makes way in that way. */
function consentTo({ demand, replaced, pinned }: IntentInput, how: DriversIntent['replace']): Consent {
  const { version, sha256 } = pinned.package;
  const { from, sha256: fromSha256 } = replaced;
  return replaceConsent(demand.ownerId, { from, fromSha256, to: version, sha256, how });
}

/** Why loaded modules make way no longer, although the live intent says so; undefined where they do, or never did. */
function whyOver(input: IntentInput): string | undefined {
  const { live, pinned, consents, replaced } = input;
  const { drivers, consent } = live ?? {};
  if (drivers === undefined || drivers.replace === 'never' || consents === undefined) return undefined;
  if (drivers.package.sha256 !== pinned.package.sha256) return undefined;
  if (!consents.holds(consent)) return 'the consent to replace it has ended';
  // Once some modules are gone, nobody can tell any more of which package the others are: those go by the consent that began it.
  if (!replaced.replaces || replaced.sha256 === undefined) return undefined;
  const isMeant = (['unused', 'drain'] as const).some(
    (how) => consents.digestOf(consentTo(input, how)) === consent,
  );
  return isMeant ? undefined : 'the consent is to another replacement';
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
function doing(
  input: IntentInput,
  { needsConsent, over }: { readonly needsConsent: boolean; readonly over: string | undefined },
): readonly string[] {
  const { live, from, pinned, replaced, mayDrain, demand, answered } = input;
  const { package: about } = pinned;
  const has = live?.drivers;
  const old = replaced.from === undefined ? 'the modules that are loaded' : `the modules of ${replaced.from}`;
  const how = mayDrain ? 'once what uses them was told to let go' : 'once nothing uses them';
  const replace = `replace ${old}, ${how}`;
  if (has === undefined || canonicalJson(has.package) !== canonicalJson(about)) {
    const words = `drivers of ${about.version} for ${about.kernel} (${short(about.sha256)})`;
    return [`load ${words} from ${urls(from)}`, ...(replaced.replaces ? [replace] : []), ...keeping(input)];
  }
  return [
    ...keeping(input),
    ...(input.again ? [`look again for ${about.file}`] : []),
    ...(canonicalJson(has.from) === canonicalJson(from) ? [] : [`take packages from ${urls(from)}`]),
    ...(needsConsent ? [replace] : []),
    ...(has.owner === demand.owner ? [] : [`keep drivers of ${about.version}, now for ${demand.owner}`]),
    ...(over === undefined ? [] : [`keep what is loaded: ${over}`]),
    ...(over === undefined && has.replace === 'drain' && !mayDrain ? ['tell nothing more to let go'] : []),
    ...(live !== undefined && answered > live.generation
      ? ['go by this, although it went by a later one']
      : []),
  ];
}

/** What it keeps for a kernel that it will boot, where that is new. */
function keeping({ live, next, pinned }: IntentInput): readonly string[] {
  const had = live?.drivers?.next;
  if (canonicalJson(had ?? {}) === canonicalJson(next ?? {})) return [];
  // What it kept it loads now.
  if (next === undefined && had?.package.sha256 === pinned.package.sha256) return [];
  if (next === undefined) return ['keep no drivers for another kernel any more'];
  const { version, kernel, sha256 } = next.package;
  return [`keep drivers of ${version} for ${kernel} (${short(sha256)}) ready, which it has the headers of`];
}

function urls(from: readonly DriverSource[]): string {
  const [first, ...others] = from;
  const name = first === undefined ? 'nowhere' : (first.serverName ?? first.url);
  return others.length === 0 ? name : `${name} (${from.length} addresses)`;
}

function configMap(node: string, namespace: string, text: string | undefined, consent?: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      name: intentName(node),
      namespace,
      ...(consent === undefined ? {} : { annotations: { [CONSENT]: consent } }),
    },
    ...(text === undefined ? {} : { data: { [INTENT_KEY]: text } }),
  };
}
