import {
  INTENT_PREFIX,
  MAX_REPORT_BYTES,
  REPORT_KEY,
  REPORT_PREFIX,
} from '../../schemas/node/config-maps.ts';
import type { KubeObject } from '../core/kube/object.ts';
import { type Account, userName } from './account.ts';
import { admissionPolicy } from './admission-policy.ts';
import { EVERYTHING, matching, QUESTIONS } from './admission-rules.ts';
import { agentPodsAdmission } from './agent-pods-admission.ts';

export interface NodeAgentAccounts {
  /** What the agents run as; their ConfigMaps are in its namespace. */
  readonly agent: Account;
  readonly reconciler: Account;
}

/** In the token of a pod, since Kubernetes 1.32: the node that the pod is bound to. */
const NODE_CLAIM = 'authentication.kubernetes.io/node-name';

/** What removes the content of a namespace that goes, and what belongs to an object that went. */
const REMOVERS = [
  'system:serviceaccount:kube-system:namespace-controller',
  'system:serviceaccount:kube-system:generic-garbage-collector',
  'system:kube-controller-manager',
];

/**
 * The admission policies around what reconciler and agents say to each other, with their bindings. The first lets an agent write
 * the report of the node that its token is for, and nothing else in the whole cluster, whatever rights somebody gives it; save that
 * the API server holds no policy against the writing of policies. The second lets nobody but the reconciler write or remove an intent, and
 * nobody but an agent write a report. The third is `agentPodsAdmission`.
 */
export function nodeAgentAdmission(
  { agent, reconciler }: NodeAgentAccounts,
  name = 'weka-nodeagent',
): readonly KubeObject[] {
  const isAgent = `request.userInfo.username == '${userName(agent)}'`;
  return [
    ...admissionPolicy(name, {
      matchConstraints: matching({ resourceRules: [EVERYTHING], excludeResourceRules: [QUESTIONS] }),
      matchConditions: [{ name: 'agent', expression: isAgent }],
      variables: [
        {
          name: 'isReport',
          expression: `request.kind.group == '' && request.kind.kind == 'ConfigMap' && !has(request.subResource) && request.namespace == '${agent.namespace}' && request.operation in ['CREATE', 'UPDATE']`,
        },
      ],
      validations: [
        {
          expression: 'variables.isReport',
          message: 'The agent of a node writes its report, and nothing else.',
        },
        {
          expression: `!variables.isReport || (has(request.userInfo.extra) && '${NODE_CLAIM}' in request.userInfo.extra && object.metadata.name == '${REPORT_PREFIX}' + request.userInfo.extra['${NODE_CLAIM}'][0])`,
          message: 'The agent of a node writes the report of its own node only, by the token of its pod.',
        },
        {
          // What is judged is the base64 of the bytes.
          expression: `!variables.isReport || (has(object.binaryData) && object.binaryData.size() == 1 && '${REPORT_KEY}' in object.binaryData && object.binaryData['${REPORT_KEY}'].size() <= ${Math.ceil(MAX_REPORT_BYTES / 3) * 4})`,
          message: `A report has ${REPORT_KEY} of at most ${MAX_REPORT_BYTES / 1024} KiB, and no other key.`,
        },
        {
          expression: '!variables.isReport || (!has(object.data) && !has(object.immutable))',
          message: 'A report has nothing beside its packed form, and can be changed.',
        },
        {
          expression: `!variables.isReport || (${['labels', 'annotations', 'finalizers', 'ownerReferences'].map(unchanged).join(' && ')})`,
          message: 'A report is written without a change of labels, annotations, finalizers or owners.',
        },
      ],
    }),
    ...admissionPolicy(`${name}-intents`, {
      matchConstraints: matching({
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': agent.namespace } },
        resourceRules: [
          {
            apiGroups: [''],
            apiVersions: ['*'],
            operations: ['CREATE', 'UPDATE', 'DELETE'],
            resources: ['configmaps'],
            scope: '*',
          },
        ],
      }),
      variables: [
        { name: 'isRemoved', expression: "request.operation == 'DELETE'" },
        {
          name: 'name',
          expression: 'variables.isRemoved ? oldObject.metadata.name : object.metadata.name',
        },
        {
          name: 'isCleared',
          expression: `variables.isRemoved && request.userInfo.username in [${REMOVERS.map((user) => `'${user}'`).join(', ')}]`,
        },
      ],
      validations: [
        {
          expression: `!variables.name.startsWith('${INTENT_PREFIX}') || request.userInfo.username == '${userName(reconciler)}' || variables.isCleared`,
          message: 'Only the reconciler says what is asked of a node.',
        },
        {
          expression: `variables.isRemoved || !variables.name.startsWith('${REPORT_PREFIX}') || ${isAgent}`,
          message: 'Only the agent of a node says what the node is.',
        },
      ],
    }),
    ...agentPodsAdmission(agent, `${name}-pods`),
  ];
}

/** Whether a field of the metadata is as it was before, or absent from a new object. */
function unchanged(field: string): string {
  return `(oldObject == null ? !has(object.metadata.${field}) : object.metadata.?${field} == oldObject.metadata.?${field})`;
}
