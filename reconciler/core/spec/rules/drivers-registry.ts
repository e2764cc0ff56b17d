import { registryRefusal } from '../../drivers/allowed-registry.ts';
import { driverService, isWebService } from '../../drivers/driver-service.ts';
import { record } from '../../kube/json.ts';
import type { Check } from './rule-context.ts';

/** Kinds whose nodes get drivers from where they say. */
const DEMANDING: readonly string[] = ['WekaCluster', 'WekaClient'];

/**
 * Nodes load into their kernels what they get there, so that no manifest names a place beyond those of the process's configuration.
 * Services of the cluster have a rule of their own.
 */
export const driversRegistry: Check = function* ({ kind, type, value, metadata }, { ceilings }) {
  if (!('own' in type) || !DEMANDING.includes(kind)) return;
  const { driversDistService: written } = record(value['spec']);
  const { namespace } = metadata;
  if (typeof written !== 'string' || written === '') return;
  const service = driverService(written, typeof namespace === 'string' ? namespace : '');
  if (service === undefined || service.inCluster !== undefined || !isWebService(service)) return;
  const refusal = registryRefusal(service.url, ceilings.driverRegistries);
  if (refusal === undefined) return;
  yield {
    rule: 'registry-not-allowed',
    path: ['spec', 'driversDistService'],
    message: refusal.why,
    hint: refusal.hint,
  };
};
