import type { FieldExplanation, FieldOutput } from '../../../schemas/output/field-explanation.ts';
import { columns, padded, wrapped } from './layout.ts';
import { type Page, pageOf } from './page.ts';

const ACTED_ON = {
  yes: 'yes',
  'in part': 'in part: fields below it say which',
  no: 'not yet; it is checked, and reported as ignored where it is set',
  never: 'never; the cluster writes it',
} as const satisfies Record<FieldOutput['actedOn'], string>;

/** What `weka-gitops explain-field` prints, in the shape that kubectl explain made familiar. */
export function fieldExplanationText(
  { of, path, field }: FieldExplanation,
  style: { readonly colour: boolean; readonly width: number; readonly recursive: boolean },
): string {
  const page = pageOf(style);
  const [group = '', version = ''] = of.apiVersion.split('/');
  const heads = [
    ['GROUP:', group],
    ['KIND:', of.kind],
    ['VERSION:', version],
  ].map(([name = '', value = '']) => `${page.paint('bold', padded(name, 12))}${value}`);
  const blocks = [
    heads,
    ...(path === '' ? [] : [[`${page.paint('bold', 'FIELD:')} ${path} <${field.type}>${marks(field)}`]]),
    section('DESCRIPTION:', field.description, page),
    section('DEFAULT:', field.default === undefined ? '' : JSON.stringify(field.default), page),
    section('ENUM:', (field.enum ?? []).map(valueText).join(', '), page),
    section('PATTERN:', field.pattern ?? '', page),
    section('DEPRECATED:', field.deprecated ? replacement(field) : '', page),
    section('ACTED ON:', ACTED_ON[field.actedOn], page),
    ...(field.fields.length === 0 ? [] : fieldBlocks(field.fields, style.recursive, page)),
  ];
  const shown = blocks.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'));
  return `${shown.join('\n\n')}\n`;
}

function section(name: string, text: string, page: Page): string[] {
  return text === '' ? [] : [page.paint('bold', name), ...indented(text, 4, page)];
}

function replacement({ replacedBy }: FieldOutput): string {
  return replacedBy === undefined ? 'It is going away.' : `Use ${replacedBy}.`;
}

/** What is below: each with its meaning, or all by name and type. */
function fieldBlocks(fields: readonly FieldOutput[], recursive: boolean, page: Page): readonly string[][] {
  const title = page.paint('bold', 'FIELDS:');
  if (recursive) return [[title, ...tree(fields, 2, page)]];
  const [first, ...others] = fields.map((field) => entry(field, page));
  return [[title, ...(first ?? [])], ...others];
}

function entry(field: FieldOutput, page: Page): string[] {
  const extra = [
    ...(field.enum === undefined ? [] : [`One of ${field.enum.map(valueText).join(', ')}.`]),
    ...(field.default === undefined ? [] : [`Default: ${JSON.stringify(field.default)}.`]),
  ];
  const text = [field.description, ...extra].filter(Boolean).join(' ');
  return [line(field, 2, page), ...(text === '' ? [] : indented(text, 4, page))];
}

function tree(fields: readonly FieldOutput[], indent: number, page: Page): string[] {
  return fields.flatMap((field) => [line(field, indent, page), ...tree(field.fields, indent + 2, page)]);
}

function line(field: FieldOutput, indent: number, page: Page): string {
  const gap = ' '.repeat(Math.max(1, 32 - indent - columns(field.name)));
  return `${' '.repeat(indent)}${field.name}${gap}${page.paint('cyan', `<${field.type}>`)}${marks(field)}`;
}

function marks({ required, deprecated, actedOn }: FieldOutput): string {
  return [required && 'required', deprecated && 'deprecated', actedOn === 'no' && 'not acted on']
    .filter((word) => word !== false)
    .map((word) => ` -${word}-`)
    .join('');
}

function valueText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function indented(text: string, by: number, { width }: Page): string[] {
  return wrapped(text, width - by).map((each) => `${' '.repeat(by)}${each}`);
}
