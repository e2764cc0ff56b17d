import { INTENT_KEY } from '../schemas/node/config-maps.ts';
import { NODE_INTENT_VERSION, NodeIntent } from '../schemas/node-intent.ts';

/** What there is of an intent. Only one that was read is gone by. */
export type IntentSeen =
  | { readonly state: 'none' }
  | { readonly state: 'read'; readonly intent: NodeIntent }
  | { readonly state: 'refused'; readonly why: string };

/** The intent that a ConfigMap holds. One of another version is gone by in nothing: what its fields mean is not known. */
export function parseIntent(configMap: { readonly data?: unknown }): IntentSeen {
  const text = (configMap.data as Readonly<Record<string, unknown>> | undefined)?.[INTENT_KEY];
  if (typeof text !== 'string') return refused(`The intent's ConfigMap has no ${INTENT_KEY}.`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return refused('The intent is not JSON.');
  }
  const version = (value as { readonly schemaVersion?: unknown } | null)?.schemaVersion;
  if (typeof version === 'number' && version !== NODE_INTENT_VERSION) {
    return refused(
      `The intent is of version ${version}, and this agent knows version ${NODE_INTENT_VERSION}.`,
    );
  }
  const parsed = NodeIntent.safeParse(value);
  if (parsed.success) return { state: 'read', intent: parsed.data };
  const issue = parsed.error.issues[0];
  const at = issue?.path.map(String).join('.') ?? '';
  return refused(
    `The intent is not as this version describes it${at === '' ? '' : ` at ${at}`}: ${issue?.message ?? ''}.`,
  );
}

function refused(why: string): IntentSeen {
  return { state: 'refused', why };
}

/**
 * What a report says of it. `gone`: the highest generation that was ever gone by on this node. A lower one is of a copy of the
 * cluster's past; whoever writes the next intent has to go beyond it, so that the report tells it.
 */
export function intentAnswer(
  seen: IntentSeen,
  gone = 0,
): {
  readonly intentGeneration: number;
  readonly intentRefused?: string;
} {
  switch (seen.state) {
    case 'none':
      return { intentGeneration: gone };
    case 'read': {
      const { generation } = seen.intent;
      if (generation >= gone) return { intentGeneration: generation };
      const intentRefused = `The intent has generation ${generation}, and generation ${gone} was gone by before.`;
      return { intentGeneration: gone, intentRefused };
    }
    case 'refused':
      return { intentGeneration: 0, intentRefused: seen.why };
  }
}
