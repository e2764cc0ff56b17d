import { INTENT_PREFIX } from '../../../schemas/node/config-maps.ts';

/** The node of which a ConfigMap says what is asked, by its name; undefined for other ConfigMaps. */
export function intendedNode(name: string): string | undefined {
  return name.startsWith(INTENT_PREFIX) ? name.slice(INTENT_PREFIX.length) : undefined;
}
