import { isKnown } from '../../../schemas/node/observed.ts';
import type { NodeFacts } from '../facts/node-facts.ts';
import { type AgentReport, toldBy } from '../nodes/agent-report.ts';

/** Systems that are administered alike. */
export type Family = 'debian' | 'red-hat' | 'suse' | 'rhcos' | 'cos' | 'nixos';

export interface System {
  /** `ID` of os-release, as far as it is known. */
  readonly id: string | undefined;
  /** As people call it: `Ubuntu 24.04.1 LTS`. */
  readonly words: string;
  /** Undefined for a system that WEKA is not known to run on. */
  readonly family: Family | undefined;
}

/** Systems that WEKA is known to run on (weka-operator §6.5, and for the last two §2.2 and §3.3), by `ID` of os-release. */
export const KNOWN_SYSTEMS: ReadonlyMap<string, Family> = new Map([
  ['ubuntu', 'debian'],
  ['debian', 'debian'],
  ['rhel', 'red-hat'],
  ['centos', 'red-hat'],
  ['rocky', 'red-hat'],
  ['almalinux', 'red-hat'],
  ['fedora', 'red-hat'],
  ['amzn', 'red-hat'],
  ['sles', 'suse'],
  ['opensuse-leap', 'suse'],
  ['rhcos', 'rhcos'],
  ['cos', 'cos'],
  ['nixos', 'nixos'],
]);

/** How `osImage` of a Node begins, which is PRETTY_NAME of os-release; the more telling first. */
const BY_IMAGE: readonly (readonly [start: RegExp, id: string])[] = [
  [/^ubuntu\b/i, 'ubuntu'],
  [/^debian\b/i, 'debian'],
  [/^red hat enterprise linux coreos\b/i, 'rhcos'],
  [/^red hat enterprise linux\b/i, 'rhel'],
  [/^centos\b/i, 'centos'],
  [/^rocky linux\b/i, 'rocky'],
  [/^almalinux\b/i, 'almalinux'],
  [/^fedora\b/i, 'fedora'],
  [/^amazon linux\b/i, 'amzn'],
  [/^suse linux enterprise\b/i, 'sles'],
  [/^opensuse leap\b/i, 'opensuse-leap'],
  [/^container-optimized os\b/i, 'cos'],
  [/^nixos\b/i, 'nixos'],
];

/** The operating system of a node: its agent knows best, and its kubelet says it in words. */
export function systemOf({ osImage }: Pick<NodeFacts, 'osImage'>, report: AgentReport | undefined): System {
  const os = toldBy(report)?.observed.os;
  if (os !== undefined && isKnown(os)) {
    const isCoreOs = os.id === 'rhcos' || (os.id === 'rhel' && os.variantId === 'coreos');
    const id = isCoreOs ? 'rhcos' : os.id;
    const words = osImage || [os.id, os.versionId].filter(Boolean).join(' ');
    return { id, words, family: KNOWN_SYSTEMS.get(id) };
  }
  const id = BY_IMAGE.find(([start]) => start.test(osImage))?.[1];
  return { id, words: osImage, family: id === undefined ? undefined : KNOWN_SYSTEMS.get(id) };
}
