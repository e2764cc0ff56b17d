import { type ObjectId, parseObjectId } from '../kube/object.ts';
import { clip, prose } from '../report/plain.ts';

/** Characters that forges take of a commit status. */
const STATUS_CHARACTERS = 140;

/** Text of any origin as one line for a commit status, cut at a word. */
export function statusSentence(text: string, max = STATUS_CHARACTERS): string {
  // GitHub refuses a status that holds a character beyond the basic plane.
  const line = prose(text).replace(/[\u{10000}-\u{10ffff}]/gu, '?');
  if (line.length <= max) return line;
  const cut = clip(line, max);
  const space = cut.lastIndexOf(' ');
  // A word that takes half of the line is cut within.
  return space > max / 2 ? `${cut.slice(0, space).replace(/[\s,;:.(–-]+$/, '')}…` : cut;
}

/** `DaemonSet weka/agent` for the id of an object; what is no id stays as it is. */
export function shortTarget(target: string): string {
  const { kind, namespace, name } = parseObjectId(target as ObjectId);
  if (kind === '' || name === '') return target;
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`;
}
