import { z } from 'zod';
import { Cidr } from '../kube/address.ts';
import { Toleration } from '../kube/scheduling.ts';

const Labels = z.record(z.string(), z.string());

const Advanced = z.strictObject({
  enforceTrustedHttps: z
    .boolean()
    .optional()
    .describe('Whether the driver checks the cluster’s certificate.'),
  nodeLabels: Labels.optional().describe('Labels that a node must have to get the driver.'),
  nodeTolerations: z
    .array(Toleration)
    .optional()
    .describe('Taints that the driver’s pods on nodes put up with.'),
  controllerLabels: Labels.optional().describe('Labels of the nodes that may host the controller.'),
  controllerTolerations: z.array(Toleration).optional().describe('Taints that the controller puts up with.'),
  skipGarbageCollection: z
    .boolean()
    .optional()
    .describe('Whether files of deleted volumes are left for others to remove.'),
});

/** Name of the driver; a change makes another driver, and volumes of the old one stay with it. */
const csiGroup = z
  .string()
  .optional()
  .describe(
    'First part of the driver’s name, GROUP.weka.io. A change makes another driver; volumes stay with the old one.',
  );

/** How the CSI driver reaches a cluster. */
export const ClusterCsiConfig = z.strictObject({
  endpointsSubnets: z
    .array(Cidr)
    .optional()
    .describe('Subnets in CIDR notation; the driver is told only addresses in them.'),
  csiGroup,
  advanced: Advanced.optional().describe('Where the driver’s pods run, and what they check.'),
});

/** The CSI driver that a client brings along. */
export const ClientCsiConfig = z.strictObject({
  csiGroup,
  disableControllerCreation: z
    .boolean()
    .optional()
    .describe('Whether another client of the group brings the controller.'),
  advanced: Advanced.optional().describe('Where the driver’s pods run, and what they check.'),
});
