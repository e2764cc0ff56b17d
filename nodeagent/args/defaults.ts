import { IN_USE_FILE, IN_USE_FOLDER } from '../../schemas/drivers/packages-in-use.ts';

/** Probes are answered only from the node itself, on a port that nobody else is known to use there. */
export const LISTEN = '127.0.0.1:14299';
/** Where a distribution service has its packages, in WEKA's own layout (weka-operator §3.2). */
export const DIST_FOLDER = '/opt/weka/dist';
/** Where pods have certificates: of the service, and of those who upload to it. */
export const DIST_TLS = '/var/run/secrets/weka-gitops/tls';
export const UPLOAD_TLS = '/var/run/secrets/weka-gitops/upload';
/** Where it is told which packages are in use. */
export const IN_USE = `${IN_USE_FOLDER}/${IN_USE_FILE}`;
/** What is written there is what the cluster is told of how a container ended. */
export const TERMINATION_LOG = '/dev/termination-log';
