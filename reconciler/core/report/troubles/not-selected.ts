import type { DriverTrouble } from './driver-trouble.ts';

/** A node that no manifest asks for drivers: no program reports it. */
export const NOT_SELECTED = {
  symptom: 'A node gets no drivers.',
  cause: 'No manifest asks for drivers there: the labels of the node fit no nodeSelector.',
  mend: 'Compare the labels of the node with the nodeSelector of its WekaCluster, WekaClient or policy, and label the node or change the selector.',
} as const satisfies DriverTrouble;
