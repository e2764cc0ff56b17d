/** The label of a node by which a pod is pinned to it; the node's name, where nobody changed it. */
export const HOSTNAME = 'kubernetes.io/hostname';
