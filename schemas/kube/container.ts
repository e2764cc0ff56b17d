import { z } from 'zod';
import { Quantity } from './quantity.ts';

/** A port number; where a manifest may leave the choice to others, 0 stands for that. */
export const Port = z.int().min(0).max(65_535);

/** A port that a container names. */
export const ContainerPort = z.strictObject({
  containerPort: Port.min(1).describe('Port in the pod.'),
  name: z.string().min(1).optional().describe('Name that a Service may use.'),
  protocol: z.enum(['TCP', 'UDP', 'SCTP']).optional().describe('Protocol; TCP where unset.'),
  hostPort: Port.optional().describe('Port on the node.'),
  hostIP: z.string().optional().describe('Address on the node.'),
});

const KeySelector = z.strictObject({
  name: z.string().min(1).describe('Name of the object in the same namespace.'),
  key: z.string().min(1).describe('Key within it.'),
  optional: z.boolean().optional().describe('Whether it may be missing.'),
});

/** A field of the pod itself. */
export const FieldRef = z.strictObject({
  fieldPath: z.string().min(1).describe('Path of the field.'),
  apiVersion: z.string().optional().describe('Version that the path is read in; v1 where unset.'),
});

/** A resource of a container of the pod. */
export const ResourceFieldRef = z.strictObject({
  resource: z.string().min(1).describe('Resource, such as limits.cpu.'),
  containerName: z.string().optional().describe('Container that is meant.'),
  divisor: Quantity.optional().describe('Unit that it is counted in.'),
});

/** Where the value of an environment variable comes from. */
export const EnvVarSource = z.strictObject({
  secretKeyRef: KeySelector.optional().describe('A key of a Secret.'),
  configMapKeyRef: KeySelector.optional().describe('A key of a ConfigMap.'),
  fieldRef: FieldRef.optional().describe('A field of the pod.'),
  resourceFieldRef: ResourceFieldRef.optional().describe('A resource of a container.'),
  fileKeyRef: z
    .strictObject({
      volumeName: z.string().min(1).describe('Volume that holds the file.'),
      path: z.string().min(1).describe('Path of the file in it.'),
      key: z.string().min(1).describe('Key within the file.'),
      optional: z.boolean().optional().describe('Whether it may be missing.'),
    })
    .optional()
    .describe('A key of a file in a volume.'),
});
