import { quoted } from '../../spec/text.ts';
import type { SpecRule } from '../spec-rule.ts';
import { eachCluster } from '../cluster/each-cluster.ts';

/** Floating addresses as WEKA reads them: `10.0.1.101`, `10.0.1.101-120` or `10.0.1.101-10.0.1.120`. */
export const ipRanges: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'Floating addresses are given to hosts of NFS and SMB, so each has to be one, and to belong to one of both.',
  example: {
    wrong: 'spec:\n  nfs: { ipRanges: [10.0.1.120-101] }',
    right: 'spec:\n  nfs: { ipRanges: [10.0.1.101-120] }',
  },
  check: eachCluster(function* ({ nfs, smbw }) {
    const taken: { readonly text: string; readonly range: IpRange; readonly of: string }[] = [];
    for (const [of, ranges = []] of [
      ['nfs', nfs?.ipRanges],
      ['smbw', smbw?.ipRanges],
    ] as const) {
      for (const [index, text] of ranges.entries()) {
        const path = ['spec', of, 'ipRanges', index];
        // IPv6 has more ways to be written than are worth telling apart here.
        if (text.includes(':')) continue;
        const range = ipRange(text);
        if (range === undefined) {
          yield {
            path,
            message: `${quoted(text)} is no range of addresses.`,
            hint: 'Write it as 10.0.1.101-120, the smaller number first.',
          };
          continue;
        }
        const other = taken.find((each) => each.range.first <= range.last && range.first <= each.range.last);
        if (other !== undefined) {
          yield {
            path,
            message: `${text} has addresses in common with ${other.text} of ${other.of}.ipRanges.`,
            hint: 'Give each address to one range.',
          };
        }
        taken.push({ text, range, of });
      }
    }
  }),
};

interface IpRange {
  readonly first: number;
  readonly last: number;
}

/** The range of IPv4 addresses as numbers; undefined where the text is none. */
export function ipRange(text: string): IpRange | undefined {
  const [from = '', to = from, ...rest] = text.split('-');
  const first = ipNumber(from);
  const last = ipNumber(to.includes('.') ? to : `${from.slice(0, from.lastIndexOf('.'))}.${to}`);
  if (first === undefined || last === undefined || rest.length > 0 || last < first) return undefined;
  return { first, last };
}

function ipNumber(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) {
    return undefined;
  }
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0);
}
