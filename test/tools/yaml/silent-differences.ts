import { isDeepStrictEqual } from 'node:util';
import { decode } from '../../../reconciler/core/spec/text.ts';
import { readYaml } from '../../../reconciler/core/spec/yaml.ts';
import { kubernetesReadings, type Reading } from './yaml.ts';

/** The values of a text, or undefined where something is found in it. */
function ourValues(text: string): readonly unknown[] | undefined {
  const decoded = decode({ path: 'a.yaml', content: new TextEncoder().encode(text) });
  if (!('text' in decoded)) return undefined;
  const { documents, problems } = readYaml(decoded.text);
  if (problems.length > 0 || documents.some((document) => document.problems.length > 0)) return undefined;
  return plain(documents.map(({ value }) => value)) as unknown[];
}

/** As JSON carries it: without the sign of zero. */
function plain(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function isSame(ours: readonly unknown[], theirs: readonly Reading[]): boolean {
  if (theirs.some(({ error, strict }) => error !== undefined || strict !== undefined)) return false;
  const values = theirs.map(({ value }) => value).filter((value) => value !== null);
  return isDeepStrictEqual(ours, plain(values));
}

/** kubectl takes for JSON what is JSON. */
function isJson(text: string): boolean {
  if (!text.trimStart().startsWith('{')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Texts that we read without a word, and sigs.k8s.io/yaml reads otherwise or not at all. */
export async function silentDifferences(texts: readonly string[]) {
  const theirs = await kubernetesReadings(texts);
  let read = 0;
  const different = texts.flatMap((text, index) => {
    if (isJson(text)) return [];
    const ours = ourValues(text);
    if (ours === undefined) return [];
    read++;
    return isSame(ours, theirs[index]!) ? [] : [{ text, ours, theirs: theirs[index] }];
  });
  return { read, different };
}
