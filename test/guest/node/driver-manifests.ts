import { imageName } from './weka-image.ts';
import { FIRST } from '../driver-modules.ts';

/** The Service that the policy makes. */
export const SERVICE = 'drivers-dist';

/** A policy that has drivers built and served, and clients that want this version of them. */
export function driverManifests(version: string): string {
  return `apiVersion: weka.weka.io/v1alpha1
kind: WekaPolicy
metadata: { name: drivers, namespace: weka }
spec:
  type: enable-local-drivers-distribution
  image: ${imageName(FIRST)}
  payload:
    driverDistPayload:
      distResources: { requests: { cpu: 100m, memory: 128M }, limits: { memory: 512M } }
---
apiVersion: weka.weka.io/v1alpha1
kind: WekaClient
metadata: { name: clients, namespace: weka }
spec:
  image: ${imageName(version)}
  driversDistService: https://${SERVICE}.weka.svc.cluster.local:60002
  nodeSelector: { weka.io/supports-clients: 'true' }
  joinIpPorts: ['10.0.0.1:14000']
`;
}
