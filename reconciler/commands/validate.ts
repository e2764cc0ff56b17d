import { type Command, UsageError } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { buildDesired } from '../core/desired/build.ts';
import { findingsAnnotations } from '../core/report/annotations.ts';
import { findingsOutput } from '../core/report/json.ts';
import { findingsHtml } from '../core/report/html.ts';
import { findingsMarkdown } from '../core/report/markdown.ts';
import { findingsSarif } from '../core/report/sarif.ts';
import { findingsText } from '../core/report/terminal.ts';
import { lint } from '../core/lint/lint.ts';
import { isError } from '../core/spec/finding.ts';
import { parseSpecs } from '../core/spec/parse.ts';
import type { Config } from '../config/config.ts';
import type { Facts } from '../core/facts/facts.ts';
import type { Program } from '../program.ts';
import { readFacts } from '../world/facts/read-facts.ts';
import { readFileSources } from '../world/sources/worktree-sources.ts';
import { render } from './render.ts';

/** Checks manifests, offline unless the cluster's own facts are asked for. Exits 1 where one has an error. */
export async function validateCommand(
  command: Extract<Command, { verb: 'validate' }>,
  program: Program,
): Promise<ExitCode> {
  const config = await program.config(command.flags);
  const { ceilings, installation } = config;
  const read = await readFileSources(command.paths, config);
  const facts = await factsFor(command, config, program);
  const { namespace: systemNamespace, agentNamespace } = installation;
  const within = { ...ceilings, systemNamespace, agentNamespace };
  const specs = lint(parseSpecs(read.files, within), facts);
  const built = buildDesired(specs, { applySet: '', image: installation.image });
  const findings = [...read.findings, ...specs.findings, ...built.findings];

  const result = findingsOutput(findings, {
    files: new Set(read.files.map(({ path }) => path)).size,
    documents: specs.documents,
    silenced: specs.silenced,
  });
  switch (command.output) {
    case 'sarif':
      program.console.print(findingsSarif(result, program.version));
      break;
    case 'github':
      program.console.print(findingsAnnotations(result));
      break;
    default:
      render(
        result,
        command.output,
        { text: findingsText, markdown: findingsMarkdown, html: findingsHtml },
        program.console,
      );
  }
  return findings.some(isError) ? 1 : 0;
}

/** Facts of the cluster, from a file or from itself, where they are asked for. */
async function factsFor(
  { facts, flags }: Extract<Command, { verb: 'validate' }>,
  config: Config,
  program: Program,
): Promise<Facts | undefined> {
  if (facts === 'live') return await program.facts(config);
  if (flags.kubeconfig !== undefined || flags.context !== undefined) {
    throw new UsageError('weka-gitops validate asks no cluster without --facts live.', {
      hint: 'Add --facts live, or leave --kubeconfig and --context out.',
    });
  }
  return facts === undefined ? undefined : await readFacts(facts, config.installation);
}
