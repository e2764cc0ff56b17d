import type { Command } from '../args.ts';
import type { ExitCode } from '../cli.ts';
import { buildDesired } from '../core/desired/build.ts';
import { findingsOutput } from '../core/report/json.ts';
import { findingsMarkdown } from '../core/report/markdown.ts';
import { findingsText } from '../core/report/terminal.ts';
import { isError } from '../core/spec/finding.ts';
import { parseSpecs } from '../core/spec/parse.ts';
import type { Program } from '../program.ts';
import { readFiles } from '../world/git/worktree.ts';
import { render } from './render.ts';

/** Checks manifests offline. Exits 1 where one has an error. */
export async function validateCommand(
  command: Extract<Command, { verb: 'validate' }>,
  program: Program,
): Promise<ExitCode> {
  const { ceilings, installation } = await program.config(command.flags);
  const read = await readFiles(command.paths);
  const specs = parseSpecs(read.files, { ...ceilings, systemNamespace: installation.namespace });
  const built = buildDesired(specs, { applySet: '', image: installation.image });
  const findings = [...read.findings, ...specs.findings, ...built.findings];

  const result = findingsOutput(findings, { files: read.files.length, documents: specs.documents });
  render(result, command.output, { text: findingsText, markdown: findingsMarkdown }, program.console);
  return findings.some(isError) ? 1 : 0;
}
