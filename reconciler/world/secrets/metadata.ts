import { isRecord } from '../../core/kube/json.ts';

/** Which values of a file are encrypted. */
export type EncryptionRule =
  | { readonly by: 'suffix'; readonly text: string; readonly encrypts: boolean }
  | { readonly by: 'regex'; readonly text: string; readonly encrypts: boolean }
  | { readonly by: 'comment' };

/** Keys that each hold the same part of the data key, or all of it where there is one group. */
export interface KeyGroup {
  readonly age: readonly WrappedKey[];
  readonly pgp: readonly WrappedKey[];
  /** Key services that could give it too, as people call them. */
  readonly services: readonly string[];
}

/** The data key or a part of it, encrypted for one recipient. */
export interface WrappedKey {
  readonly recipient: string;
  readonly sealed: string;
}

/** What SOPS says of a file in the file. */
export interface SealedMetadata {
  readonly mac: string;
  readonly lastModified: string;
  readonly groups: readonly KeyGroup[];
  /** Groups that are needed, where there are several. */
  readonly threshold: number;
  readonly rule: EncryptionRule;
  readonly macOnlyEncrypted: boolean;
}

const SERVICES: Readonly<Record<string, string>> = {
  kms: 'AWS KMS',
  gcp_kms: 'Google Cloud KMS',
  azure_kv: 'Azure Key Vault',
  hc_vault: 'HashiCorp Vault',
  hckms: 'Huawei Cloud KMS',
};

const KEYS = ['age', 'pgp', ...Object.keys(SERVICES)];

const RULES = [
  ['unencrypted_suffix', 'suffix', false],
  ['encrypted_suffix', 'suffix', true],
  ['unencrypted_regex', 'regex', false],
  ['encrypted_regex', 'regex', true],
  ['unencrypted_comment_regex', 'comment', false],
  ['encrypted_comment_regex', 'comment', true],
] as const;

/** Recipients that one file may name: each may cost a decryption. */
const MAX_KEYS = 100;

/** Whether a value is the block that SOPS adds to the documents of a file. */
export function isSealedMetadata(value: unknown): boolean {
  return (
    isRecord(value) &&
    ['mac', 'lastmodified', 'key_groups', ...KEYS].some((name) => Object.hasOwn(value, name))
  );
}

/** The block as SOPS reads it, or what is wrong with it in one sentence. */
export function readMetadata(block: Readonly<Record<string, unknown>>): SealedMetadata | string {
  const { mac, lastmodified, shamir_threshold: threshold, mac_only_encrypted: macOnly } = block;
  if (typeof mac !== 'string' || mac === '') return 'It has no mac, so nothing shows that the file is whole.';
  const lastModified = typeof lastmodified === 'string' ? timeOf(lastmodified) : undefined;
  if (lastModified === undefined) return 'Its lastmodified is no time.';
  if (macOnly !== undefined && typeof macOnly !== 'boolean')
    return 'Its mac_only_encrypted is neither true nor false.';
  const rule = ruleOf(block);
  if (typeof rule === 'string') return rule;
  const groups = groupsOf(block);
  if (typeof groups === 'string') return groups;
  const needed = threshold ?? groups.length;
  if (typeof needed !== 'number' || !Number.isInteger(needed) || needed < 0)
    return 'Its shamir_threshold is no count.';
  return { mac, lastModified, groups, threshold: needed, rule, macOnlyEncrypted: macOnly === true };
}

/** The time as Go prints it again, since that is what the MAC is bound to. */
function timeOf(text: string): string | undefined {
  const parts = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[-+]\d\d:\d\d)$/.exec(text);
  return parts === null ? undefined : `${parts[1]}${/^[-+]00:00$/.test(parts[2] ?? '') ? 'Z' : parts[2]}`;
}

function ruleOf(block: Readonly<Record<string, unknown>>): EncryptionRule | string {
  const given = RULES.filter(([name]) => block[name] !== undefined && block[name] !== '');
  const [only] = given;
  if (only === undefined) return { by: 'suffix', text: '_unencrypted', encrypts: false };
  const [name, by, encrypts] = only;
  if (given.length > 1)
    return `It has both ${given.map(([each]) => each).join(' and ')}, of which one may be set.`;
  const text = block[name];
  if (typeof text !== 'string') return `Its ${name} is no text.`;
  return by === 'comment' ? { by } : { by, text, encrypts };
}

function groupsOf(block: Readonly<Record<string, unknown>>): readonly KeyGroup[] | string {
  const has = (name: string): boolean => Array.isArray(block[name]) && block[name].length > 0;
  const listed: unknown = KEYS.some(has) ? [block] : block['key_groups'];
  if (!Array.isArray(listed) || listed.length === 0) return 'It names no key that could decrypt the file.';
  const groups = listed.map(groupOf);
  const count = groups.reduce((sum, { age, pgp }) => sum + age.length + pgp.length, 0);
  return count > MAX_KEYS || groups.length > MAX_KEYS ? `It names more than ${MAX_KEYS} keys.` : groups;
}

function groupOf(group: unknown): KeyGroup {
  const entries = (name: string): readonly Readonly<Record<string, unknown>>[] => {
    const list = isRecord(group) ? group[name] : undefined;
    return Array.isArray(list) ? list.filter(isRecord) : [];
  };
  const wrapped = (name: string, recipient: string): readonly WrappedKey[] =>
    entries(name).map((entry) => ({
      recipient: publicName(entry[recipient]),
      sealed: typeof entry['enc'] === 'string' ? entry['enc'] : '',
    }));
  return {
    age: wrapped('age', 'recipient'),
    pgp: wrapped('pgp', 'fp'),
    services: Object.keys(SERVICES).flatMap((name) =>
      entries(name).length > 0 ? (SERVICES[name] ?? []) : [],
    ),
  };
}

/** The public name of a key, where it is one: it is repeated to people. */
function publicName(value: unknown): string {
  return typeof value === 'string' && /^(age1[a-z0-9]{20,80}|[0-9A-Fa-f]{16,40}!?)$/.test(value)
    ? value
    : 'a key of another form';
}
