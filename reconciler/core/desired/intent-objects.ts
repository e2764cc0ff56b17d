import { INTENT_KEY } from '../../../schemas/node/config-maps.ts';
import { NodeIntent } from '../../../schemas/node-intent.ts';
import type { IntentWanted } from '../drivers/decision.ts';
import { record } from '../kube/json.ts';
import { type KubeObject, objectId, type ObjectId, parseObjectId } from '../kube/object.ts';
import type { ApprovalTarget } from '../plan/approvals/request.ts';
import { asApplied, type BuildContext } from './build.ts';
import type { Consent, DesiredObject } from './desired.ts';

/** Context of an intent that was made, by what it was made of: of a thousand nodes hardly any gets another one. */
const made = new WeakMap<KubeObject, { readonly key: string; readonly desired: DesiredObject }>();

/**
 * What is asked of nodes, as objects. Where modules that are loaded would have to make way, it is what asks for that: nothing is
 * asked before a person has consented. What nobody asks for any more is left as it is.
 */
export function intentObjects(
  intents: readonly IntentWanted[],
  { applySet, live }: Pick<BuildContext, 'applySet'> & { readonly live: ReadonlyMap<ObjectId, KubeObject> },
): readonly DesiredObject[] {
  return intents.flatMap((wanted) => {
    const { node, source, allowed, does } = wanted;
    if (source === undefined) return [];
    const asked = allowed ?? wanted.object;
    const id = objectId(asked);
    const there = live.get(id);
    const key = JSON.stringify([applySet, source, asked, does, allowed === undefined]);
    const known = there && made.get(there);
    if (known?.key === key) return [known.desired];
    const consent = allowed && replacement(wanted, allowed);
    const desired: DesiredObject = {
      id,
      object: asApplied(asked, { applySet }),
      source,
      node: { name: node, does },
      ...(consent === undefined ? {} : { consent }),
    };
    if (there !== undefined) made.set(there, { key, desired });
    return [desired];
  });
}

/** What a person consents to: that one version makes way for another, on all nodes that a manifest asks it of. */
function replacement({ ownerId, from, to }: IntentWanted, allowed: KubeObject): Consent | undefined {
  if (ownerId === undefined || to === undefined) return undefined;
  return replaceConsent(ownerId, { from, to, how: howOf(allowed) });
}

/** How modules make way by an intent. */
function howOf(intent: KubeObject): string {
  const text = record(intent['data'])[INTENT_KEY];
  const parsed = NodeIntent.safeParse(JSON.parse(String(text)));
  return parsed.data?.drivers?.replace ?? 'unused';
}

/** The consent to put one version in place of another where the manifest `owner` asks for it. */
export function replaceConsent(
  owner: ObjectId,
  { from, to, how }: { readonly from: string | undefined; readonly to: string; readonly how: string },
): Consent {
  return {
    action: 'replace-drivers',
    target: targetNamed(owner),
    content: { ...(from === undefined ? {} : { from }), to, how },
    words: `${to} in place of ${from ?? 'others'}`,
  };
}

/** How an Approval names the object of this id. */
export function targetNamed(id: ObjectId): ApprovalTarget {
  const { apiVersion, kind, namespace, name } = parseObjectId(id);
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}
