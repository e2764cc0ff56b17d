import { z } from 'zod';
import { OptionalHttpUrl } from '../kube/address.ts';
import { KubeDuration } from '../kube/duration.ts';
import { NodeLabels } from '../kube/selectors.ts';
import { DriveTypeOverrides, SignOptions } from './drive-payloads.ts';
import { ObjectReference } from './object-reference.ts';
import { PodResourcesSpec } from './resources.ts';

/** Which nodes get network devices of their cloud. */
export const EnsureNICsPayload = z.strictObject({
  type: z.enum(['aws', 'oci']).describe('The cloud whose interface is asked for devices.'),
  nodeSelector: NodeLabels.optional().describe('Labels of the nodes that are meant; all nodes where unset.'),
  dataNICsNumber: z.int().min(0).optional().describe('Devices for data that a node is to have.'),
});

/** A session in which WEKA's support reads traces. */
export const RemoteTracesSession = z.strictObject({
  cluster: ObjectReference.optional().describe('The WekaCluster that is looked at.'),
  nodeSelector: NodeLabels.optional().describe('Labels of the nodes that may host the session’s pods.'),
  hostNetwork: z.boolean().optional().describe('Whether they use the node’s network.'),
  duration: KubeDuration.optional().describe('How long it lasts; for an operation a week where unset.'),
  wekahomeEndpointOverride: OptionalHttpUrl.optional().describe(
    'Address that traces go to, in place of the cluster’s.',
  ),
  allowHttpWekahomeEndpoint: z.boolean().optional().describe('Whether that address may be without TLS.'),
  allowInsecureWekahomeEndpoint: z.boolean().optional().describe('Whether any certificate of it is taken.'),
  wekahomeCaSecret: z.string().optional().describe('Secret with the CA of that address.'),
});

/** Which drivers are built, and where they are served from. */
export const DriverDistPayload = z.strictObject({
  ensureImages: z
    .array(z.string())
    .optional()
    .describe('Images whose drivers are built before any cluster or client uses them.'),
  nodeSelectors: z
    .array(NodeLabels)
    .optional()
    .describe('Labels of the nodes that drivers are for, one set or another; all nodes where unset.'),
  kernelLabelKey: z
    .string()
    .default('weka.io/kernel')
    .describe('Label that nodes get with their kernel’s version.'),
  architectureLabelKey: z
    .string()
    .default('weka.io/architecture')
    .describe('Label that nodes get with their architecture.'),
  osLabelKey: z.string().default('weka.io/os').describe('Label that nodes get with their operating system.'),
  builderImageOverride: z.string().optional().describe('Image that builds, in place of the one built for.'),
  builderPreRunScript: z.string().optional().describe('Shell script that runs before a build.'),
  distNodeSelector: NodeLabels.optional().describe(
    'Labels of the node that serves drivers; a change moves the service.',
  ),
  distResources: PodResourcesSpec.optional().describe('CPU and memory of the service.'),
  builder: z
    .strictObject({
      extraBuildArgs: z
        .array(z.string())
        .optional()
        .describe('More arguments of a build, for kernels that need them.'),
    })
    .optional()
    .describe('How drivers are built.'),
  buildTimeout: KubeDuration.optional().describe(
    'Time after which a build has failed. That it reaches for the key to sign with and brings the package to the distribution service comes on top: about a minute and a quarter of an hour at most.',
  ),
});

/** Which proxies of shared drives follow a new image. */
export const RotateSsdProxyPayload = z.strictObject({
  targetImage: z.string().optional().describe('Image that they are to run.'),
  nodeSelector: NodeLabels.optional().describe('Labels of the nodes that are meant; all nodes where unset.'),
  paused: z.boolean().optional().describe('Whether no further node follows for now.'),
});

/** A cluster whose drives are to be shared. */
export const MigrateToDriveSharingPayload = z.strictObject({
  cluster: ObjectReference.optional().describe('The WekaCluster that is migrated.'),
  nodeSelector: NodeLabels.optional().describe('Labels of the nodes that are meant; all nodes where unset.'),
  paused: z.boolean().optional().describe('Whether no further container follows for now.'),
  signOptions: SignOptions.optional().describe('What signing may write over.'),
  driveTypeOverrides: DriveTypeOverrides.optional().describe(
    'Types of drives that do not say it themselves.',
  ),
});

/** Settings of the operator as a whole. */
export const ConfigurationPayload = z.strictObject({
  csi: z
    .strictObject({
      metricsEnabled: z.boolean().optional().describe('Whether the driver offers metrics to Prometheus.'),
      fsGroupPolicy: z
        .enum(['None', 'File', 'ReadWriteOnceWithFSType'])
        .optional()
        .describe('Whether files of a volume change owner for a pod.'),
    })
    .optional()
    .describe('Settings of the CSI driver; a change restarts its pods.'),
  drivers: z
    .strictObject({
      forceBuilderCli: z.boolean().optional().describe('Whether builds use WEKA’s own command.'),
    })
    .optional()
    .describe('How kernel drivers are built.'),
  adhocPods: z
    .strictObject({ resources: PodResourcesSpec.optional().describe('Their CPU and memory.') })
    .optional()
    .describe('Pods that run single operations, such as signing drives.'),
  podRotation: z
    .strictObject({
      enabled: z
        .boolean()
        .optional()
        .describe(
          'Whether pods are made anew one after another; where not, they keep what they have until they end.',
        ),
    })
    .optional()
    .describe('Whether pods whose settings changed are replaced.'),
});
