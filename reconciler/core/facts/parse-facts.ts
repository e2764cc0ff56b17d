import { Buffer, constants } from 'node:buffer';
import { isRecord } from '../kube/json.ts';
import { FactsCollector } from './collect-facts.ts';
import type { Facts, FactsOrigin } from './facts.ts';
import { FactsError } from './facts-error.ts';
import type { Fail, FactsDocument } from './facts-document.ts';
import { readJson } from './read-json.ts';
import { readYamlFacts } from './read-yaml-facts.ts';

/** Larger files are refused. */
export const MAX_FACTS_BYTES = Math.min(512 * 2 ** 20, constants.MAX_STRING_LENGTH);
/** YAML takes a hundred times as long as JSON to read. */
const MAX_YAML_BYTES = 64 * 2 ** 20;

/**
 * The facts in what `kubectl get nodes,pods,configmaps -A -o json|yaml` printed: a List, one object, or several such
 * documents. Secrets may be among them; only their names are kept. Throws a FactsError that names the place in `file`.
 */
export function parseFacts(content: Uint8Array, file: string, installation?: FactsOrigin): Facts {
  if (content.byteLength > MAX_FACTS_BYTES) {
    throw new FactsError(`${file} has more than 512 MiB, and no more is read.`, {
      hint: 'Ask for less, such as pods of some namespaces only, and nodes in a document of their own.',
    });
  }
  const text = decoded(content);
  const first = /\S/.exec(text)?.[0];
  if (first === undefined) throw new FactsError(`${file} is empty.`);
  const fail: Fail = ({ line, column }, what) => {
    throw new FactsError(`${file}:${line}:${column}: ${what}`);
  };
  const collector = new FactsCollector(installation?.agentNamespace);
  if (first === '{' || first === '[') {
    for (const document of readJson(text, fail)) add(document, collector, fail);
  } else {
    if (content.byteLength > MAX_YAML_BYTES) {
      throw new FactsError(`${file} has more than 64 MiB of YAML, and no more is read.`, {
        hint: 'Write it with -o json, which is read a hundred times as fast.',
      });
    }
    for (const document of readYamlFacts(text, fail)) add(document, collector, fail);
  }
  if (collector.isEmpty) {
    const others = collector.otherKinds;
    const there = others.length === 0 ? 'no object' : `only objects of kind ${others.join(', ')}`;
    throw new FactsError(`${file} holds ${there}, and no Node, Pod, ConfigMap or Secret.`);
  }
  return collector.facts(installation);
}

/** A shell of Windows writes what it redirects as UTF-16. */
function decoded(content: Uint8Array): string {
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return bytes.toString('utf16le', 2);
  const text = bytes.toString('utf8');
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

function add({ value, line }: FactsDocument, collector: FactsCollector, fail: Fail): void {
  const at = { line, column: 1 };
  if (!isRecord(value)) fail(at, 'This is not what kubectl prints with -o json or -o yaml.');
  const { kind, items } = value;
  if (typeof kind !== 'string') fail(at, 'This is no object of Kubernetes: it has no kind.');
  if (kind !== 'List' && !(kind.endsWith('List') && items !== undefined)) {
    if (!collector.add(value)) fail(at, `This ${kind} has no name.`);
    if (collector.contradiction !== undefined) fail(at, collector.contradiction);
    return;
  }
  if (!Array.isArray(items)) fail(at, 'The List has no items.');
  const itemKind = kind === 'List' ? undefined : kind.slice(0, -'List'.length);
  for (const [index, item] of items.entries()) {
    if (!collector.add(item, itemKind)) {
      fail(at, `Item ${index + 1} of the List is no object of Kubernetes: it has no kind, or no name.`);
    }
    if (collector.contradiction !== undefined) {
      fail(at, `Item ${index + 1} of the List cannot be so. ${collector.contradiction}`);
    }
  }
}
