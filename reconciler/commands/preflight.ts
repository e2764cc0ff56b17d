import { type CommandOf, UsageError } from '../args.ts';
import { prepare } from '../assess.ts';
import type { ExitCode } from '../cli.ts';
import type { Config } from '../config/config.ts';
import type { Facts } from '../core/facts/facts.ts';
import type { SpecSet } from '../core/lint/spec-rule.ts';
import { specSet } from '../core/lint/lint.ts';
import type { ClusterTraits } from '../core/preflight/check.ts';
import { POD_SECURITY } from '../core/preflight/cluster-checks/privileged-pods.ts';
import { discreet } from '../core/preflight/discreet.ts';
import { onlyFailed } from '../core/preflight/only-failed.ts';
import { preflight } from '../core/preflight/preflight.ts';
import { preflightHtml } from '../core/report/preflight-html.ts';
import { preflightMarkdown } from '../core/report/preflight-markdown.ts';
import { preflightText } from '../core/report/preflight-text.ts';
import { isError } from '../core/spec/finding.ts';
import { nearest } from '../core/spec/nearest.ts';
import type { Program } from '../program.ts';
import { liveTraits } from '../world/facts/live-traits.ts';
import { readFacts } from '../world/facts/read-facts.ts';
import { passConfig } from './pass-config.ts';
import { render } from './render.ts';

/** Says node by node what WEKA lacks, and how that is mended. Exits 1 where a check fails or is unknown. */
export async function preflightCommand(command: CommandOf<'preflight'>, program: Program): Promise<ExitCode> {
  const config = await program.config(command.flags);
  const { installation, cluster } = config;
  const [manifests, facts] = await Promise.all([
    manifestsOf(config, program),
    command.facts === undefined ? program.facts(config) : readFacts(command.facts, installation),
  ]);
  const { set, asks, notes, errors, sealedTexts } = manifests;
  const namespaces = set === undefined ? [] : namespacesOf(set);
  const traits = await traitsOf(command, config, { program, namespaces, set });
  const found = preflight({
    facts,
    set,
    only: chosen(command.nodes, facts),
    agentNamespace: installation.agentNamespace,
    cluster,
    traits,
    namespaces,
    manifestErrors: errors,
    notes,
    ...(asks !== undefined && { asks }),
    ...(command.facts !== undefined && { source: command.facts }),
  });
  const result = discreet(found, sealedTexts);
  render(
    command.failedOnly === true ? onlyFailed(result) : result,
    command.output,
    { text: preflightText, markdown: preflightMarkdown, html: preflightHtml },
    program.console,
  );
  return result.clean ? 0 : 1;
}

interface Manifests {
  readonly set: SpecSet | undefined;
  readonly asks?: { readonly ref: string; readonly commit: string };
  readonly notes: readonly string[];
  /** Unset where there is no repository. */
  readonly errors?: number;
  /** What no rendering may hold. */
  readonly sealedTexts: readonly string[];
}

/** What the repository asks for; without one, or where it asks for nothing of WEKA, nothing says what nodes are for. */
async function manifestsOf(config: Config, program: Program): Promise<Manifests> {
  if (config.repository === undefined) {
    return { set: undefined, notes: ['No repository is configured.'], sealedTexts: [] };
  }
  const snapshot = await program.repository(config).read(undefined);
  const { specs } = prepare(snapshot, passConfig(config, program));
  const set = specSet(specs);
  const errors = [...snapshot.findings, ...specs.findings].filter(isError).length;
  const { sealedTexts } = specs;
  if (set.clusters.length + set.clients.length === 0) {
    const what = errors === 0 ? 'The repository asks' : 'What is whole in the repository asks';
    const notes = [`${what} for no WekaCluster and no WekaClient.`];
    return { sealedTexts, set: undefined, errors, notes };
  }
  const asks = { ref: config.repository.ref, commit: snapshot.commit };
  return { sealedTexts, set, errors, asks, notes: [] };
}

/** Where pods of WEKA are to be. */
function namespacesOf({ clusters, clients, containers }: SpecSet): readonly string[] {
  const manifests = [...clusters, ...clients, ...containers];
  return [...new Set(manifests.map(({ manifest }) => manifest.metadata.namespace ?? 'default'))].toSorted();
}

/** What the cluster tells of its namespaces; a Namespace in the repository has the last word, since it is applied. */
async function traitsOf(
  { facts }: CommandOf<'preflight'>,
  config: Config,
  {
    program,
    namespaces,
    set,
  }: {
    readonly program: Program;
    readonly namespaces: readonly string[];
    readonly set: SpecSet | undefined;
  },
): Promise<ClusterTraits> {
  const live = facts === undefined ? await askTraits(config, program, namespaces) : {};
  const podSecurity = new Map(live.podSecurity);
  for (const { manifest } of set?.objectsOf('Namespace') ?? []) {
    const { name, labels } = manifest.metadata;
    podSecurity.set(name, labels?.[POD_SECURITY] ?? '');
  }
  return { ...live, podSecurity };
}

async function askTraits(
  config: Config,
  program: Program,
  namespaces: readonly string[],
): Promise<ClusterTraits> {
  await using cluster = await program.kube(config);
  return await liveTraits(cluster.api, namespaces);
}

/** The nodes that are asked for by name. */
function chosen(names: readonly string[] | undefined, { nodes }: Facts): ReadonlySet<string> | undefined {
  if (names === undefined) return undefined;
  const known = nodes.map(({ name }) => name);
  const there = new Set(known);
  const missing = names.find((name) => !there.has(name));
  if (missing !== undefined) {
    const near = nearest(missing, known);
    throw new UsageError(`There is no node ${JSON.stringify(missing)}.`, {
      hint: near === undefined ? 'kubectl get nodes lists them.' : `Did you mean ${near}?`,
    });
  }
  return new Set(names);
}
