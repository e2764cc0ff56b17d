/** Ports of a cluster's range where nothing else is said (weka-operator §2.5). */
export const DEFAULT_RANGE = 500;

/**
 * Ports of a range that its containers on a node take, and those that follow for single uses, where a container takes 60
 * (weka-operator §2.5). Older versions of WEKA take more, so these are surely taken.
 */
export const CONTAINER_PORTS = 240;
export const SINGLE_PORTS_AFTER = 20;

/** Ports that are chosen or named singly. */
export const SINGLE_PORTS = [
  'lbPort',
  'lbAdminPort',
  's3Port',
  'managementProxyPort',
  'dataServicesPort',
] as const;
