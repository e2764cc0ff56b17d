import { compareVersions } from '../lint/client/image-version.ts';
import { compareText } from '../placement/compare-text.ts';

/** Below zero where version `a` of WEKA is older: by its numbers, then by what follows them (`4.4.5.118-k8s.3`). */
export function compareTags(a: string, b: string): number {
  const [one, other] = [partsOf(a), partsOf(b)];
  return compareVersions(one.number, other.number) || compareRests(one.rest, other.rest) || compareText(a, b);
}

function partsOf(tag: string): { readonly number: string; readonly rest: readonly string[] } {
  const [number = ''] = /^\d+(?:\.\d+)*/.exec(tag) ?? [];
  return { number: number === '' ? '0' : number, rest: tag.slice(number.length).match(/\d+|\D+/g) ?? [] };
}

/** Numbers within the rest count as such. */
function compareRests(a: readonly string[], b: readonly string[]): number {
  for (let part = 0; part < Math.max(a.length, b.length); part++) {
    const [one = '', other = ''] = [a[part], b[part]];
    if (one === other) continue;
    const bothNumbers = /^\d/.test(one) && /^\d/.test(other);
    const difference = bothNumbers ? Number(one) - Number(other) : compareText(one, other);
    if (difference !== 0) return difference;
  }
  return 0;
}
