import { z } from 'zod';
import { LabelSelector, NodeSelectorTerm } from './selectors.ts';

const PodAffinityTerm = z.strictObject({
  labelSelector: LabelSelector.optional().describe('Pods that are meant.'),
  matchLabelKeys: z.array(z.string()).optional().describe('Labels whose values the other pods must share.'),
  mismatchLabelKeys: z.array(z.string()).optional().describe('Labels whose values they must not share.'),
  namespaceSelector: LabelSelector.optional().describe('Namespaces they are looked for in, by label.'),
  namespaces: z.array(z.string()).optional().describe('Namespaces they are looked for in, by name.'),
  topologyKey: z.string().min(1).describe('Node label that says what counts as one place.'),
});

const Weight = z.int().min(1).max(100).describe('How much it counts beside the others.');

const PodAffinity = z.strictObject({
  requiredDuringSchedulingIgnoredDuringExecution: z
    .array(PodAffinityTerm)
    .optional()
    .describe('What must hold.'),
  preferredDuringSchedulingIgnoredDuringExecution: z
    .array(
      z.strictObject({
        weight: Weight,
        podAffinityTerm: PodAffinityTerm.describe('What had better hold.'),
      }),
    )
    .optional()
    .describe('What is better where it holds.'),
});

/** Where a pod may or should run. */
export const Affinity = z.strictObject({
  nodeAffinity: z
    .strictObject({
      requiredDuringSchedulingIgnoredDuringExecution: z
        .strictObject({ nodeSelectorTerms: z.array(NodeSelectorTerm).describe('Terms; one must hold.') })
        .optional()
        .describe('What a node must be.'),
      preferredDuringSchedulingIgnoredDuringExecution: z
        .array(
          z.strictObject({
            weight: Weight,
            preference: NodeSelectorTerm.describe('What a node had better be.'),
          }),
        )
        .optional()
        .describe('What a node had better be.'),
    })
    .optional()
    .describe('Which nodes a pod may or should run on; one that runs stays where it is.'),
  podAffinity: PodAffinity.optional().describe('Beside which pods.'),
  podAntiAffinity: PodAffinity.optional().describe('Away from which pods.'),
});

/** A taint that a pod puts up with. */
export const Toleration = z.strictObject({
  key: z.string().optional().describe('Key of the taint; every taint where unset.'),
  operator: z
    .enum(['Exists', 'Equal', 'Gt', 'Lt'])
    .optional()
    .describe('How its value is compared; Equal where unset.'),
  value: z.string().optional().describe('Value of the taint.'),
  effect: z
    .enum(['NoSchedule', 'PreferNoSchedule', 'NoExecute'])
    .optional()
    .describe('Effect; all where unset.'),
  tolerationSeconds: z.int().optional().describe('How long a NoExecute taint is put up with.'),
});

/** How evenly pods spread over places. */
export const TopologySpreadConstraint = z.strictObject({
  maxSkew: z.int().min(1).describe('Pods by which two places may differ.'),
  topologyKey: z.string().min(1).describe('Node label that says what counts as one place.'),
  whenUnsatisfiable: z
    .enum(['DoNotSchedule', 'ScheduleAnyway'])
    .describe('What happens where it cannot hold.'),
  labelSelector: LabelSelector.optional().describe('Pods that are counted.'),
  matchLabelKeys: z.array(z.string()).optional().describe('Labels whose values counted pods share.'),
  minDomains: z.int().min(1).optional().describe('Places that there must be.'),
  nodeAffinityPolicy: z
    .enum(['Honor', 'Ignore'])
    .optional()
    .describe('Whether the pod’s node affinity counts.'),
  nodeTaintsPolicy: z.enum(['Honor', 'Ignore']).optional().describe('Whether taints of nodes count.'),
});
