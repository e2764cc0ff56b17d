import { isRecord, record, records } from '../../kube/json.ts';
import type { KubeObject } from '../../kube/object.ts';
import type { Risk } from '../change.ts';
import { requests } from './admission-rules.ts';
import { at, type Deed, named, objectOf } from './deed.ts';

/** An object that is in no namespace, and how far it reaches. */
export function clusterScoped(deed: Deed): readonly Risk[] {
  const object = objectOf(deed);
  if (object === undefined || object.metadata.namespace !== undefined) return [];
  const evidence = `${named(object)}: ${reach(object)}`;
  return [{ name: 'cluster-scoped', reason: 'It concerns more than one namespace', evidence }];
}

function reach(object: KubeObject): string {
  const { kind, metadata } = object;
  switch (kind) {
    case 'Namespace':
      return 'all that is in it, and who may make namespaces';
    case 'PersistentVolume': {
      const claim = record(at(object, 'spec.claimRef'));
      return typeof claim['name'] === 'string'
        ? `claim ${String(claim['namespace'])}/${claim['name']}`
        : 'claims that ask for such a volume';
    }
    case 'StorageClass':
      return metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true'
        ? 'claims that name it, and those that name no class'
        : 'claims that name it';
    case 'PriorityClass':
      return object['globalDefault'] === true
        ? 'pods that name it, and those that name no class'
        : 'pods that name it, and those that give way to them';
    case 'CSIDriver':
      return 'volumes of this driver on every node';
    case 'ClusterRole':
      return 'everybody who is bound to it';
    case 'ClusterRoleBinding':
      return 'rights in every namespace';
    case 'ValidatingAdmissionPolicy':
      return `${requests(records(at(object, 'spec.matchConstraints.resourceRules')))}${failing(at(object, 'spec.failurePolicy'))}`;
    case 'ValidatingAdmissionPolicyBinding': {
      const policy = String(at(object, 'spec.policyName'));
      return `what policy ${policy} matches${isRecord(at(object, 'spec.matchResources')) ? ', where the binding says so' : ''}`;
    }
    case 'ValidatingWebhookConfiguration':
    case 'MutatingWebhookConfiguration': {
      const webhooks = records(object['webhooks']);
      const rules = webhooks.flatMap((webhook) => records(webhook['rules']));
      // What fails closed in one webhook can stop the cluster, so one is enough to say so.
      const fails = webhooks.every(({ failurePolicy }) => failurePolicy === 'Ignore') ? 'Ignore' : 'Fail';
      return `${requests(rules)}${failing(fails)}`;
    }
    default:
      return 'every namespace';
  }
}

function failing(policy: unknown): string {
  return policy === 'Ignore' ? '' : ', refused while it cannot be asked';
}
