import { isNamespaced } from '../manifest.ts';
import type { Problem } from '../problem.ts';
import { quoted } from '../text.ts';
import { withArticle } from './article.ts';
import { type Check, isOwn, type RuleContext } from './rule-context.ts';

/** Namespaces that belong to Kubernetes itself. */
const CLUSTER_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease'];

/** An object stands in a namespace where its kind has one, and only in one that specs may use. */
export const namespaces: Check = function* ({ manifest, metadata, apiVersion, kind }, context) {
  if (isOwn(manifest, context)) return;
  const { namespace, name } = metadata;
  const given = namespace !== undefined && namespace !== null && namespace !== '';
  if (isNamespaced(apiVersion, kind) === false) {
    if (given) {
      yield {
        rule: 'unexpected-namespace',
        path: ['metadata', 'namespace'],
        at: 'name',
        message: `${capital(withArticle(kind))} belongs to the whole cluster and has no namespace.`,
        hint: 'Remove metadata.namespace.',
      };
    }
    if (kind === 'Namespace' && typeof name === 'string')
      yield* notAllowed(name, ['metadata', 'name'], context);
    return;
  }
  if (!given) {
    yield {
      rule: 'missing-namespace',
      path: ['metadata', 'namespace'],
      message: `metadata.namespace is missing: ${withArticle(kind)} stands in a namespace.`,
      hint: 'Name it; there is no default namespace here.',
    };
  } else if (typeof namespace === 'string') {
    yield* notAllowed(namespace, ['metadata', 'namespace'], context);
  }
};

function* notAllowed(
  namespace: string,
  path: readonly string[],
  { ceilings, settings }: RuleContext,
): Generator<Problem> {
  const reason = beyondCeiling(namespace, ceilings);
  if (reason !== undefined) {
    yield { rule: 'namespace-not-allowed', path, message: `${reason.message}.`, hint: reason.hint };
  } else if (settings.namespaces !== undefined && !settings.namespaces.includes(namespace)) {
    yield {
      rule: 'namespace-not-allowed',
      path,
      message: `Namespace ${quoted(namespace)} is not among those that Settings name.`,
      hint: 'Add it to spec.namespaces in Settings, or move the object.',
    };
  }
}

/** Why no spec may use a namespace, whatever Settings say. */
export function beyondCeiling(
  namespace: string,
  { namespaces: allowed, systemNamespace, agentNamespace }: RuleContext['ceilings'],
): { readonly message: string; readonly hint: string } | undefined {
  if (namespace === systemNamespace) {
    const message = `Namespace ${quoted(namespace)} holds the objects of weka-gitops itself, and no spec may name it`;
    return { message, hint: 'Choose another namespace.' };
  }
  if (namespace === agentNamespace) {
    const message = `Namespace ${quoted(namespace)} holds the agents of nodes and what they report, and no spec may name it`;
    return { message, hint: 'Choose another namespace.' };
  }
  if (CLUSTER_NAMESPACES.includes(namespace)) {
    const message = `Namespace ${quoted(namespace)} belongs to Kubernetes, and no spec may name it`;
    return { message, hint: 'Choose another namespace.' };
  }
  if (allowed === undefined || allowed.includes(namespace)) return undefined;
  return {
    message: `Namespace ${quoted(namespace)} is not among those that the process's configuration allows`,
    hint: `Choose one of ceilings.namespaces (${allowed.slice(0, 8).join(', ')}${allowed.length > 8 ? ', …' : ''}), or have it added there.`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
