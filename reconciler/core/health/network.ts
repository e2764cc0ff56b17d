import { record, records } from '../kube/json.ts';
import type { KubeObject } from '../kube/object.ts';
import {
  condition,
  current,
  failed,
  messageOf,
  numberAt,
  progressing,
  spec,
  status,
  textAt,
} from './fields.ts';
import type { Health } from './health.ts';

export function serviceHealth(object: KubeObject): Health {
  if (textAt(spec(object), 'type') !== 'LoadBalancer') return current('It exists');
  const address = addressOf(object);
  return address === undefined
    ? progressing('It waits for an address from a load balancer')
    : current(`Its address is ${address}`);
}

export function ingressHealth(object: KubeObject): Health {
  const address = addressOf(object);
  return address === undefined
    ? progressing('It waits for an address from an ingress controller')
    : current(`Its address is ${address}`);
}

function addressOf(object: KubeObject): string | undefined {
  const [first] = records(record(status(object)['loadBalancer'])['ingress']);
  return first === undefined ? undefined : textAt(first, 'ip') || textAt(first, 'hostname') || undefined;
}

export function podDisruptionBudgetHealth(object: KubeObject): Health {
  const allowed = condition(object, 'DisruptionAllowed');
  if (allowed?.reason === 'SyncFailed') return failed(messageOf(allowed, 'Its pods cannot be counted'));
  const seen = status(object);
  const wanted = numberAt(seen, 'desiredHealthy');
  if (numberAt(seen, 'observedGeneration') === undefined || wanted === undefined) {
    return progressing('Its controller has not seen it yet');
  }
  if (numberAt(seen, 'expectedPods') === 0) return current('It matches no pod');
  const healthy = numberAt(seen, 'currentHealthy') ?? 0;
  const words = `It asks for ${wanted} healthy ${wanted === 1 ? 'pod' : 'pods'} and has ${healthy}`;
  return healthy < wanted ? progressing(words) : current(words);
}
