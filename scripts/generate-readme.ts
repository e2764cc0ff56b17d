import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { z } from 'zod';
import { Document, isScalar, visit } from 'yaml';
import { clusterRole } from '../reconciler/install/cluster-role.ts';
import { ConfigFile } from '../reconciler/config.ts';
import { type Rule, RULES } from '../reconciler/core/spec/rules/rules.ts';
import { Settings, SETTINGS_ACTED_ON } from '../schemas/settings.ts';

const README = new URL('../README.md', import.meta.url);

/** What the README holds between `<!-- NAME -->` and `<!-- /NAME -->`, made from what the program itself reads. */
const TABLES: Readonly<Record<string, () => string>> = {
  configuration: () =>
    table(
      ['Setting', 'Default', 'Meaning'],
      rows(jsonSchema(ConfigFile)).map(({ path, standard, text }) => [path, standard, text]),
    ),
  settings: () =>
    table(
      ['Field', 'Default', 'Meaning'],
      rows(jsonSchema(Settings).properties?.['spec'] ?? {}, 'spec.').map(({ path, standard, text }) => [
        path,
        standard,
        actedOn(path) ? text : `${text} _Accepted, and not acted on yet._`,
      ]),
    ),
  rights: () => `\`\`\`yaml\n${yaml(clusterRole())}\`\`\``,
  rules: () =>
    table(
      ['Rule', 'Level', 'Why'],
      Object.entries<Rule>(RULES).map(([name, { level, why }]) => [`\`${name}\``, level, why]),
    ),
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
    const words = member.enum?.map((value) => `\`${String(value)}\``).join(', ');
    const standard =
      member.default === undefined || member.default === '' ? '' : `\`${JSON.stringify(member.default)}\``;
    const text = `${member.description ?? ''}${words === undefined ? '' : ` One of ${words}.`}`;
    return [{ path: `\`${path}\``, standard, text }];
  });
}

function actedOn(path: string): boolean {
  const plain = path.replaceAll('`', '');
  return [...SETTINGS_ACTED_ON].some((field) => plain === field || plain.startsWith(`${field}.`));
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...body.map(line)].join('\n');
}
