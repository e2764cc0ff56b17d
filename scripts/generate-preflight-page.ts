import { format, resolveConfig } from 'prettier';
import { CLUSTER_CHECKS, NODE_CHECKS } from '../reconciler/core/preflight/checks.ts';
import type { ClusterCheck, NodeCheck } from '../reconciler/core/preflight/check.ts';

const PAGE = 'schemas/docs/preflight.md';

/** The page with a row for each check of preflight, by its path. */
export async function preflightPages(): Promise<Readonly<Record<string, string>>> {
  const text = [
    '# Preflight',
    'What `weka-gitops preflight` looks at. Names of checks stay as they are.',
    '## The cluster',
    table(Object.entries<ClusterCheck>(CLUSTER_CHECKS).map(([id, check]) => row(id, check))),
    '## Each node',
    'A check with ° needs the report of an agent on the node; without one it is unknown, and never counts as passed.',
    table(
      Object.entries<NodeCheck>(NODE_CHECKS).map(([id, check]) => row(id, check, check.from === 'report')),
    ),
  ].join('\n\n');
  return { [PAGE]: await format(text, { ...(await resolveConfig(PAGE)), parser: 'markdown' }) };
}

function row(id: string, { about, why }: Pick<NodeCheck, 'about' | 'why'>, reported = false): string {
  return `| \`${id}\`${reported ? ' °' : ''} | ${about} | ${why} |`;
}

function table(rows: readonly string[]): string {
  return ['| Check | Asks for | Because |', '| --- | --- | --- |', ...rows].join('\n');
}
