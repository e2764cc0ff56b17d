import { z } from 'zod';

const Text = z.record(z.string(), z.string());
const Loose = z.looseObject({});
const Time = z.union([z.string(), z.null()], { error: 'must be a time' });

/**
 * Metadata of a manifest. What only the API server writes stands in manifests that were exported from a cluster: it is
 * accepted, and left out when the manifest is read.
 */
export const Metadata = z.strictObject({
  name: z.string().min(1).describe('Name of the object, unique among its kind and namespace.'),
  namespace: z.string().min(1).optional().describe('Namespace of the object.'),
  labels: Text.optional().describe('Labels, for selectors and for people.'),
  annotations: Text.optional().describe('Annotations, for programs and for people.'),
  finalizers: z.array(z.string()).optional().describe('What has to happen before the object goes.'),
  ownerReferences: z.array(Loose).optional().describe('Objects that this one goes with.'),
  creationTimestamp: Time.optional().describe('Written by the cluster; left out.'),
  deletionGracePeriodSeconds: z.int().optional().describe('Written by the cluster; left out.'),
  deletionTimestamp: Time.optional().describe('Written by the cluster; left out.'),
  generation: z.int().optional().describe('Written by the cluster; left out.'),
  managedFields: z.array(Loose).optional().describe('Written by the cluster; left out.'),
  resourceVersion: z.string().optional().describe('Written by the cluster; left out.'),
  selfLink: z.string().optional().describe('Written by the cluster; left out.'),
  uid: z.string().optional().describe('Written by the cluster; left out.'),
});

/** Metadata of an object that stands in a namespace. */
export const NamespacedMetadata = Metadata.extend({
  namespace: z.string().min(1).describe('Namespace of the object.'),
});
