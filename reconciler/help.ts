import { z } from 'zod';
import { UsageError } from './args.ts';
import { ConfigFile } from './config/config-file.ts';
import { INSTALL_TOPICS } from './help/install-topics.ts';
import { MANIFEST_TOPICS } from './help/manifest-topics.ts';
import { PASS_TOPICS } from './help/pass-topics.ts';
import type { Topics } from './help/topics.ts';

const USAGE = `weka-gitops makes a Kubernetes cluster run WEKA storage exactly as a git repository says,
and writes back to git what happened.

Usage: weka-gitops COMMAND [OPTIONS]

  validate FILE|DIR…   check manifests, offline: findings with file:line:column
  explain-field FIELD  say what a field of a manifest means
  explain TARGET       say why an object, field, node or drive is as it is, and which commit says so
  plan                 show what a pass would change, proved by the API server
  reconcile            carry it out once, and write the status branch
  status               show how the cluster stands, and the last pass
  run                  do all this unattended: poll, watch, correct, tell; with health and metrics
  suspend, resume      keep every pass from writing anything, and let it write again
  preflight            say node by node what WEKA lacks there, and the command that mends it
  install, uninstall   bring all this into a cluster, up to date, and out of it again
  drivers export       copy every pinned package of drivers into a folder for a web server
  demo                 see it work: a real control plane and git server on this machine

  help COMMAND         how a command is used
  help config          every setting of the configuration file
  version              print the version

Exit codes: 0 nothing to report, 1 something to look at, 2 trouble.
`;

const TOPICS: Topics = {
  ...MANIFEST_TOPICS,
  ...PASS_TOPICS,
  ...INSTALL_TOPICS,
  config:
    () => `The configuration file is YAML: weka-gitops --config FILE, or WEKA_GITOPS_CONFIG. Everything is optional.

${settings(z.toJSONSchema(ConfigFile, { io: 'input' }) as Schema).join('\n')}
`,
};

/** The help on a command, on `config`, or in general. Throws a UsageError for a topic that there is not. */
export function helpText(topic?: string): string {
  if (topic === undefined) return USAGE;
  const text = Object.hasOwn(TOPICS, topic) ? TOPICS[topic] : undefined;
  if (text === undefined) {
    throw new UsageError(`There is no help on ${JSON.stringify(topic)}.`, {
      hint: `There is on ${Object.keys(TOPICS).join(', ')}.`,
    });
  }
  return text();
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly description?: string;
  readonly default?: unknown;
}

/** Each setting on a line, with its default and what it means. */
function settings(schema: Schema, prefix = ''): readonly string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    if (member.properties !== undefined) return settings(member, `${path}.`);
    if (member.items?.properties !== undefined) return settings(member.items, `${path}[].`);
    const standard = isShown(member.default) ? ` (default: ${JSON.stringify(member.default)})` : '';
    return [`  ${path}`, `      ${member.description ?? ''}${standard}`];
  });
}

function isShown(value: unknown): boolean {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}
