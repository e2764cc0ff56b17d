import { INTENT_KEY } from '../../../schemas/node/config-maps.ts';
import { NodeIntent } from '../../../schemas/node-intent.ts';
import { record } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';

/** The intent of a node as it stands in the cluster. */
export interface LiveIntent {
  readonly object: KubeObject;
  /** What stands there, whether it can be read or not. */
  readonly text: string;
  /** 0 where it cannot be read. */
  readonly generation: number;
  readonly drivers: NodeIntent['drivers'];
  /** Digest of the consent by which loaded modules may make way. */
  readonly consent?: string;
}

/** Annotation of an intent by which loaded modules may make way: the digest of the Approval that lets them. */
export const CONSENT = 'weka-gitops.dev/approval-digest';

/** Reads intents, by the names of their nodes. What cannot be read is there all the same. */
export function liveIntents(objects: ReadonlyMap<string, KubeObject>): ReadonlyMap<string, LiveIntent> {
  return new Map([...objects].map(([node, object]) => [node, liveIntent(object)]));
}

function liveIntent(object: KubeObject): LiveIntent {
  const held = record(object['data'])[INTENT_KEY];
  const text = typeof held === 'string' ? held : '';
  const intent = parsed(text);
  const consent = object.metadata.annotations?.[CONSENT];
  return {
    object,
    text,
    generation: intent?.generation ?? 0,
    drivers: intent?.drivers,
    ...(consent === undefined ? {} : { consent }),
  };
}

function parsed(text: string): NodeIntent | undefined {
  try {
    return NodeIntent.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
