export const EVERYTHING = {
  apiGroups: ['*'],
  apiVersions: ['*'],
  operations: ['*'],
  resources: ['*/*'],
  scope: '*',
};

/** Questions about its own name and rights are asked by creating what nobody keeps. */
export const QUESTIONS = {
  ...EVERYTHING,
  apiGroups: ['authorization.k8s.io', 'authentication.k8s.io'],
  resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'selfsubjectreviews'],
};

/** What a policy is about, with what the API server would add: it is owned as a whole, and would else differ from what is there. */
export function matching(constraints: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, ...constraints };
}

const NEVER_JUDGED: ReadonlySet<string> = new Set([
  'ValidatingAdmissionPolicy',
  'ValidatingAdmissionPolicyBinding',
  'MutatingAdmissionPolicy',
  'MutatingAdmissionPolicyBinding',
]);

/** Whether the API server holds no admission policy against objects of a kind, so that who may write them writes, and not only tries. */
export function isNeverJudged({ kind }: { readonly kind: string }): boolean {
  return NEVER_JUDGED.has(kind);
}
