import { z } from 'zod';
import { Port } from '../kube/container.ts';

/** Ports of a cluster; those that are 0 or unset are chosen for it. */
export const ClusterPorts = z.strictObject({
  basePort: Port.optional().describe(
    'First port of the cluster’s range. It cannot be changed once the cluster has one.',
  ),
  portRange: Port.optional().describe('Ports in the range. It cannot be changed once the cluster has one.'),
  lbPort: Port.optional().describe('Port of the S3 load balancer.'),
  lbAdminPort: Port.optional().describe('Port where the load balancer is managed.'),
  s3Port: Port.optional().describe('Port of S3 behind the load balancer.'),
  managementProxyPort: Port.optional().describe('Port of the proxy before the cluster’s management.'),
  dataServicesPort: Port.optional().describe('Port of data services.'),
});
