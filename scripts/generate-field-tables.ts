import { readFile } from 'node:fs/promises';
import { format, resolveConfig } from 'prettier';
import { SPEC_KINDS, type SpecKind } from '../schemas/spec.ts';
import { explained, fieldCounts, type FieldRow, fieldRows, KUBERNETES_TYPES } from './field-rows.ts';

const FOLDER = 'schemas/docs';
const KUBERNETES = 'https://kubernetes.io/docs';

/** Each page of `schemas/docs/` by its path, one for each kind. */
export async function fieldPages(): Promise<Readonly<Record<string, string>>> {
  const pages = await Promise.all(
    SPEC_KINDS.map(async (kind) => [fieldPagePath(kind), await page(kind)] as const),
  );
  return Object.fromEntries(pages);
}

/** `WekaCluster` is described in `schemas/docs/weka-cluster.md`. */
export function fieldPagePath(kind: SpecKind): string {
  return `${FOLDER}/${fileName(kind)}.md`;
}

/** The example on a kind's page. */
export function fieldExample(kind: SpecKind): Promise<string> {
  return readFile(new URL(`../${FOLDER}/examples/${fileName(kind)}.yaml`, import.meta.url), 'utf8');
}

function fileName({ kind }: SpecKind): string {
  return kind.replace(/(?<=[a-z])(?=[A-Z])/g, '-').toLowerCase();
}

async function page(kind: SpecKind): Promise<string> {
  const rows = fieldRows(kind);
  const heads = rows.filter(isHead);
  const groups = Map.groupBy(rows, ({ path }) => /^[^.[]*/.exec(path)?.[0] ?? '');
  const links = new Set(rows.flatMap(({ kubernetes }) => kubernetes ?? []));
  const text = [
    '<!-- Generated from the schemas by npm run generate. -->',
    `# ${kind.kind}`,
    plainText(explained(kind, kind.kind).description || explained(kind, `${kind.kind}.spec`).description),
    counted(kind),
    `\`\`\`yaml\n${await fieldExample(kind)}\`\`\``,
    '## Fields of spec',
    table(heads),
    ...heads
      .filter(({ isGroup }) => isGroup)
      .map(({ path, description }) => {
        const below = (groups.get(path) ?? []).filter((row) => row.path !== path);
        return `## ${path}\n\n${plainText(description)}\n\n${table(below)}`;
      }),
    [...links]
      .toSorted()
      .map((name) => `[${name}]: ${KUBERNETES}/${KUBERNETES_TYPES[name].page}/`)
      .join('\n'),
  ].join('\n\n');
  const config = await resolveConfig(new URL(`../${FOLDER}/`, import.meta.url));
  return format(text, { ...config, parser: 'markdown' });
}

/** Whether it stands in the spec itself. */
function isHead({ path }: FieldRow): boolean {
  return !/[.[]/.test(path);
}

function counted(kind: SpecKind): string {
  const { actedOn, ignored } = fieldCounts(kind);
  const type = `\`apiVersion: ${kind.apiVersion}\`, \`kind: ${kind.kind}\`.`;
  if (actedOn === 0) return `${type} This version checks it, and does not act on it yet.`;
  const rest =
    kind.actedOnFor === undefined
      ? 'the others are checked, and reported as ignored where a manifest sets them.'
      : `those that ${kind.actedOnFor} depend on; the others are only checked so far.`;
  const all = ignored === 0 ? 'all its fields.' : `${actedOn} of its ${actedOn + ignored} fields; ${rest}`;
  const checked = [...(kind.checkedTypes ?? [])].map((each) => `\`${each}\``);
  const but = checked.length === 0 ? '' : ` Those of type ${checked.join(', ')} are only checked so far.`;
  return `${type} This version acts on ${all}${but}`;
}

const MARKS = { yes: '✓', 'in part': 'in part', no: 'ignored', never: 'never' } as const satisfies Record<
  FieldRow['actedOn'],
  string
>;

function table(rows: readonly FieldRow[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [
    line(['Field', 'Default and values', 'What it does', 'Acted on']),
    line(['---', '---', '---', '---']),
    ...rows.map((row) => line([name(row), values(row), meaning(row), MARKS[row.actedOn]])),
  ].join('\n');
}

function name({ path, type, kubernetes, required, deprecated }: FieldRow): string {
  const field = deprecated ? `~~\`${path}\`~~` : `\`${path}\``;
  const kind = kubernetes === undefined ? plainText(type) : `[${plainText(type)}][${kubernetes}]`;
  return `${field}<br>${kind}${required ? ', **required**' : ''}`;
}

function values({ default: standard, type, words, limits, isGroup }: FieldRow): string {
  const choice = `${type.startsWith('[]') ? 'any' : 'one'} of ${words.map(code).join(', ')}`;
  return [isGroup ? '' : standardText(standard), words.length === 0 ? '' : choice, ...limits.map(plainText)]
    .filter(Boolean)
    .join('<br>');
}

function standardText(standard: unknown): string {
  if (standard === undefined || standard === '') return '';
  if (Array.isArray(standard)) return standard.length === 0 ? 'none' : standard.map(code).join(', ');
  return isEmpty(standard) ? 'none' : code(standard);
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function meaning(row: FieldRow): string {
  const { path, description, deprecated, replacedBy, isGroup } = row;
  const instead = replacedBy === undefined ? 'It is going away.' : `Use \`${replacedBy}\`.`;
  // GitHub names a heading's anchor in small letters.
  const below = isGroup && isHead(row) ? ` [Its fields](#${path.toLowerCase()})` : '';
  return `${deprecated ? `**Deprecated:** ${instead} ` : ''}${plainText(description)}${below}`;
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

/** The text with what Markdown would take for its own escaped, save code. */
function plainText(text: string): string {
  return text
    .split(/(`[^`]*`)/)
    .map((part) => (part.startsWith('`') ? part : part.replace(/[*<>[\]\\]/g, (sign) => `\\${sign}`)))
    .join('');
}
