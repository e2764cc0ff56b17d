import type { Preflight } from '../../../schemas/output/preflight.ts';
import { withoutSealed } from '../spec/sealed.ts';

/** The same without what stands encrypted in the repository, wherever a manifest is quoted. */
export function discreet(preflight: Preflight, sealedTexts: readonly string[]): Preflight {
  if (sealedTexts.length === 0) return preflight;
  const shown = (text: string) => withoutSealed(text, sealedTexts);
  return {
    ...preflight,
    problems: preflight.problems.map(({ mend, seen, needed, ...rest }) => ({
      ...rest,
      ...(needed !== undefined && { needed: shown(needed) }),
      mend: { words: shown(mend.words), commands: mend.commands.map(shown) },
      seen: seen.map(({ value, nodes }) => ({ value: shown(value), nodes })),
    })),
    checks: preflight.checks.map(({ seen, ...rest }) => ({
      ...rest,
      seen: seen.map(({ value, nodes }) => ({ value: shown(value), nodes })),
    })),
    notes: preflight.notes.map(shown),
    nodes: preflight.nodes.map((node) => ({ ...node, hosts: node.hosts.map(shown) })),
  };
}
