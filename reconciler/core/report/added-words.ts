import type { ChangeOutput, FieldOutput } from '../../../schemas/output/plan.ts';
import { describeField } from './field.ts';
import { count, prose } from './plain.ts';

/** `adds 2 fields and fills in 14 defaults`; empty where it would only fill in defaults, as it does nearly always. */
export function addedWords({ adds = [], defaults = 0 }: Pick<ChangeOutput, 'adds' | 'defaults'>): string {
  if (adds.length === 0) return '';
  const news = adds.filter(({ from }) => from === undefined).length;
  const others = adds.length - news;
  const words = [
    ...(news > 0 ? [`adds ${count(news, 'field')}`] : []),
    ...(others > 0
      ? [`changes ${count(others, 'field')} that ${others === 1 ? 'is' : 'are'} asked for`]
      : []),
    ...(defaults > 0 ? [`fills in ${count(defaults, 'default')}`] : []),
  ];
  return words.join(words.length === 2 ? ' and ' : ', ');
}

/** `spec.priority: 1000`, `metadata.labels.team: a → b`. */
export function addedFieldWords(field: FieldOutput): string {
  const text = describeField(field, 100);
  if ('diff' in text) return `${text.path}: ${count(text.diff.length, 'line')}`;
  return field.from === undefined ? `${text.path}: ${text.to}` : `${text.path}: ${text.from} → ${text.to}`;
}

/** `renamed from NAME`, where an object that goes was the same but for its name. */
export function renameWords({ renamedFrom, renamedTo }: ChangeOutput): string[] {
  const nameOf = (id: string) => prose(id.slice(id.lastIndexOf('/') + 1), 100);
  return [
    ...(renamedFrom === undefined ? [] : [`renamed from ${nameOf(renamedFrom)}`]),
    ...(renamedTo === undefined ? [] : [`renamed to ${nameOf(renamedTo)}`]),
  ];
}
