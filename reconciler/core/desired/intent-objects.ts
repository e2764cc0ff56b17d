import type { IntentWanted } from '../drivers/decision.ts';
import { type KubeObject, objectId, type ObjectId } from '../kube/object.ts';
import { asApplied, type BuildContext } from './build.ts';
import type { DesiredObject } from './desired.ts';

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
    const { node, source, allowed, does, consent } = wanted;
    if (source === undefined) return [];
    const asked = allowed ?? wanted.object;
    const id = objectId(asked);
    const there = live.get(id);
    const key = JSON.stringify([applySet, source, asked, does, consent?.content]);
    const known = there && made.get(there);
    if (known?.key === key) return [known.desired];
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
