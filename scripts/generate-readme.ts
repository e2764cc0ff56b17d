import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { Document, isScalar, visit } from 'yaml';
import { clusterRole } from '../reconciler/install/cluster-role.ts';
import { planner } from '../reconciler/install/planner.ts';
import { ConfigFile } from '../reconciler/config/config-file.ts';
import { type Rule, RULES } from '../reconciler/core/spec/rules/rules.ts';
import { linkTo } from './generate-rule-pages.ts';
import { SPEC_KINDS } from '../schemas/spec.ts';
import { fieldCounts } from './field-rows.ts';
import { fieldPagePath } from './generate-field-tables.ts';

const README = new URL('../README.md', import.meta.url);

/** What the README holds between `<!-- NAME -->` and `<!-- /NAME -->`, made from what the program itself reads. */
const TABLES: Readonly<Record<string, () => string>> = {
  configuration: () =>
    table(
      ['Setting', 'Default', 'Meaning'],
      rows(jsonSchema(ConfigFile)).map(({ path, standard, text }) => [path, standard, text]),
    ),
  kinds: () =>
    table(
      ['Kind', 'Fields acted on', 'Ignored'],
      SPEC_KINDS.map((kind) => {
        const { actedOn, ignored } = fieldCounts(kind);
        return [`[${kind.kind}](${fieldPagePath(kind)})`, `${actedOn}`, `${ignored}`];
      }),
    ),
  rights: () => yamlBlock([clusterRole()]),
  planner: () =>
    yamlBlock(
      planner({
        namespace: 'weka-gitops-system',
        serviceAccount: 'weka-gitops-planner',
        secretsIn: ['weka'],
      }),
    ),
  rules: () => ruleList(),
};

/** The README with its tables up to date. */
export async function readme(): Promise<string> {
  let text = await readFile(README, 'utf8');
  for (const [name, make] of Object.entries(TABLES)) {
    const [before, rest] = text.split(`<!-- ${name} -->`);
    const after = rest?.split(`<!-- /${name} -->`)[1];
    if (before === undefined || after === undefined) throw new Error(`README.md has no place for ${name}.`);
    text = `${before}<!-- ${name} -->\n\n${make()}\n\n<!-- /${name} -->${after}`;
  }
  return format(text, { ...(await resolveConfig(README)), parser: 'markdown' });
}

/** The names of all rules by their level, each a link to what the rule is about. */
function ruleList(): string {
  const rules = Object.entries<Rule>(RULES).toSorted(([a], [b]) => (a < b ? -1 : 1));
  const levels = [
    ['Always an error', (rule: Rule) => rule.level === 'error' && rule.fixed],
    ['Error', (rule: Rule) => rule.level === 'error' && !rule.fixed],
    ['Warning', (rule: Rule) => rule.level === 'warning'],
    ['Ignored', (rule: Rule) => rule.level === 'ignored'],
  ] as const;
  return levels
    .map(([level, has]) => {
      const names = rules.filter(([, rule]) => has(rule)).map(([name]) => linkTo(name));
      return `- **${level}** (${names.length}): ${names.join(', ')}`;
    })
    .join('\n');
}

/** Documents of one file, in a fence. */
function yamlBlock(documents: readonly unknown[]): string {
  return `\`\`\`yaml\n${documents.map(yaml).join('---\n')}\`\`\``;
}

/** YAML with short lists on one line. */
function yaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Seq(_key, node) {
      if (node.items.every(isScalar)) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 110, flowCollectionPadding: false });
}

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly default?: unknown;
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
}

function jsonSchema(schema: z.ZodType): Schema {
  return z.toJSONSchema(schema, { io: 'input' }) as Schema;
}

interface Row {
  readonly path: string;
  readonly standard: string;
  readonly text: string;
}

/** Each setting that is no group of others. */
function rows(schema: Schema, prefix = ''): readonly Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, member]) => {
    const path = `${prefix}${name}`;
    if (member.properties !== undefined) return rows(member, `${path}.`);
    if (member.items?.properties !== undefined) return rows(member.items, `${path}[].`);
    const words = member.enum?.map((value) => `\`${String(value)}\``).join(', ');
    const standard =
      member.default === undefined || member.default === '' ? '' : `\`${JSON.stringify(member.default)}\``;
    const text = `${member.description ?? ''}${words === undefined ? '' : ` One of ${words}.`}`;
    return [{ path: `\`${path}\``, standard, text }];
  });
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
