import { z } from 'zod';
import { Toleration } from '../kube/scheduling.ts';

/** How the pods of a policy's or an operation's runs are made. */
export const RUN_FIELDS = {
  image: z.string().optional().describe('Image of the pods that do the work; the cluster’s where unset.'),
  imagePullSecret: z.string().optional().describe('Secret in the same namespace to pull the image with.'),
  tolerations: z.array(Toleration).optional().describe('Taints that those pods put up with.'),
  serviceAccountName: z.string().optional().describe('Service account that those pods run as.'),
};
