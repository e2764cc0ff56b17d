import { z } from 'zod';
import { explainField } from '../reconciler/core/explain/explain-field.ts';
import { unwrapped } from '../reconciler/core/spec/rules/schema-fields.ts';
import { Duration } from '../schemas/duration.ts';
import { ContainerPort, EnvVarSource } from '../schemas/kube/container.ts';
import { KubeDuration } from '../schemas/kube/duration.ts';
import { Quantity } from '../schemas/kube/quantity.ts';
import { Affinity, Toleration, TopologySpreadConstraint } from '../schemas/kube/scheduling.ts';
import { LabelSelector } from '../schemas/kube/selectors.ts';
import { Volume, VolumeMount } from '../schemas/kube/volumes.ts';
import type { FieldOutput } from '../schemas/output/field-explanation.ts';
import type { SpecKind } from '../schemas/spec.ts';

/** Types of Kubernetes, each with the page that documents it: what is in them is not told again. */
export const KUBERNETES_TYPES = {
  Affinity: { schema: Affinity, page: 'concepts/scheduling-eviction/assign-pod-node' },
  ContainerPort: { schema: ContainerPort, page: 'concepts/services-networking/service' },
  EnvVarSource: {
    schema: EnvVarSource,
    page: 'tasks/inject-data-application/distribute-credentials-secure',
  },
  LabelSelector: { schema: LabelSelector, page: 'concepts/overview/working-with-objects/labels' },
  Toleration: { schema: Toleration, page: 'concepts/scheduling-eviction/taint-and-toleration' },
  TopologySpreadConstraint: {
    schema: TopologySpreadConstraint,
    page: 'concepts/scheduling-eviction/topology-spread-constraints',
  },
  Volume: { schema: Volume, page: 'concepts/storage/volumes' },
  VolumeMount: { schema: VolumeMount, page: 'concepts/storage/volumes' },
} as const;

type KubernetesType = keyof typeof KUBERNETES_TYPES;

/** A schema keeps its definition when it is described anew. */
const KUBERNETES_DEFINITIONS: ReadonlyMap<unknown, KubernetesType> = new Map(
  Object.entries(KUBERNETES_TYPES).map(([name, { schema }]) => [schema.def, name as KubernetesType]),
);

/** Texts and numbers whose form has a name. */
const NAMED: ReadonlyMap<unknown, string> = new Map<unknown, string>([
  [Duration.def, 'duration'],
  [KubeDuration.def, 'duration'],
  [Quantity.def, 'quantity'],
]);

/** One field of a spec. */
export interface FieldRow extends Omit<FieldOutput, 'name' | 'fields' | 'enum'> {
  /** From below the spec on: `payload.interval`, `windows[].schedule`. */
  readonly path: string;
  /** The type of Kubernetes that it is, or holds; what is in that has no rows. */
  readonly kubernetes: KubernetesType | undefined;
  /** The values that it, or what it holds, may have; empty where these are not to be counted. */
  readonly words: readonly unknown[];
  /** What else its value must be, in words. */
  readonly limits: readonly string[];
  /** Whether fields follow that are part of it. */
  readonly isGroup: boolean;
}

/** How many fields of a spec this version acts on, and how many it ignores. A field that holds others is not counted itself. */
export function fieldCounts(kind: SpecKind): { readonly actedOn: number; readonly ignored: number } {
  const single = fieldRows(kind).filter(({ isGroup }) => !isGroup);
  const ignored = single.filter(({ actedOn }) => actedOn === 'no').length;
  return { actedOn: single.length - ignored, ignored };
}

/** Every field below the spec of a kind, in the order of its schema. */
export function fieldRows(kind: SpecKind): readonly FieldRow[] {
  const spec = explained(kind, `${kind.kind}.spec`);
  const root = unwrapped(kind.schema);
  return root instanceof z.ZodObject ? rowsBelow(spec, root.shape['spec'], '') : [];
}

/** What is known of a field and all below it. */
export function explained(kind: SpecKind, target: string): FieldOutput {
  const found = explainField(target, true);
  if ('message' in found) throw new Error(`${kind.kind} cannot be explained: ${found.message}`);
  return found.field;
}

function rowsBelow(owner: FieldOutput, schema: unknown, prefix: string): readonly FieldRow[] {
  const { element, suffix } = elementOf(schema);
  const shape = element instanceof z.ZodObject ? (element.shape as Readonly<Record<string, unknown>>) : {};
  return owner.fields.flatMap(({ name, fields, enum: _words, ...field }) => {
    const path = `${prefix}${prefix === '' ? '' : `${suffix}.`}${name}`;
    const own = shape[name];
    const kubernetes = KUBERNETES_DEFINITIONS.get(definition(elementOf(own).element));
    const isGroup = kubernetes === undefined && fields.length > 0;
    const type = typeText(own, field.type);
    const row = { ...field, path, type, kubernetes, isGroup, ...boundsOf(own) };
    return isGroup ? [row, ...rowsBelow({ ...owner, fields }, own, path)] : [row];
  });
}

/** What lists and maps hold in the end, and how a path says that it is in them. */
function elementOf(schema: unknown): { readonly element: unknown; readonly suffix: string } {
  const at = unwrapped(schema);
  const [inside, step] =
    at instanceof z.ZodArray
      ? [at.element, '[]']
      : at instanceof z.ZodRecord
        ? [at.valueType, '.*']
        : [undefined, ''];
  if (inside === undefined) return { element: at, suffix: '' };
  const { element, suffix } = elementOf(inside);
  return { element, suffix: `${step}${suffix}` };
}

function definition(schema: unknown): unknown {
  return schema instanceof z.ZodType ? schema.def : undefined;
}

/** As Kubernetes writes it; `plain` is what JSON Schema calls it. */
function typeText(schema: unknown, plain: string): string {
  const at = unwrapped(schema);
  if (at instanceof z.ZodArray) return `[]${typeText(at.element, plain.replace(/^\[\]/, ''))}`;
  if (at instanceof z.ZodRecord) {
    return `map[string]${typeText(at.valueType, plain.replace(/^map\[string\]/, ''))}`;
  }
  const known = definition(at);
  return NAMED.get(known) ?? KUBERNETES_DEFINITIONS.get(known) ?? plain;
}

/** The part of a JSON Schema that bounds a value. */
interface Bounds {
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly minItems?: number;
  readonly pattern?: string;
}

function boundsOf(schema: unknown): Pick<FieldRow, 'words' | 'limits'> {
  const { element } = elementOf(schema);
  if (!(schema instanceof z.ZodType && element instanceof z.ZodType)) return { words: [], limits: [] };
  if (element instanceof z.ZodObject || NAMED.has(element.def)) return { words: [], limits: [] };
  const { enum: words = [], pattern, maxLength, ...numbers } = bounds(element);
  const { minItems } = bounds(schema);
  const limits = [
    range(numbers),
    maxLength === undefined ? '' : `at most ${maxLength} characters`,
    pattern === undefined ? '' : form(element),
    minItems === undefined ? '' : `at least ${minItems} of them`,
  ];
  return { words, limits: limits.filter(Boolean) };
}

function bounds(schema: z.ZodType): Bounds {
  return z.toJSONSchema(schema, { io: 'input', target: 'draft-7' }) as Bounds;
}

/** Bounds that zod sets for every integer say nothing. */
function range({ minimum = -Infinity, maximum = Infinity }: Bounds): string {
  const hasLeast = minimum > Number.MIN_SAFE_INTEGER;
  const hasMost = maximum < Number.MAX_SAFE_INTEGER;
  if (hasLeast && hasMost) return `${minimum} to ${maximum}`;
  if (hasLeast) return `at least ${minimum}`;
  return hasMost ? `at most ${maximum}` : '';
}

/** The pattern in words, which the schema has for those that miss it. */
function form(element: z.ZodType): string {
  const issues = element.safeParse('\0').error?.issues ?? [];
  const message = issues.find(({ code }) => code === 'invalid_format')?.message ?? '';
  return message.replace(/^must be /, '');
}
