import { CLUSTER, OUTPUT } from './options.ts';
import type { Topics } from './topics.ts';

/** Help on what is done to a cluster as a whole. */
export const INSTALL_TOPICS: Topics = {
  preflight: () => `Usage: weka-gitops preflight [OPTIONS]

Says node by node what WEKA needs and does not find: kernel headers, room below /opt/k8s-weka, huge
pages, the static CPU manager, the kernel, XFS tools; with the command that mends each. It goes by what
the agents of nodes report. Writes nothing. Exits 0 where every node is fit, 1 where one is not.

${OUTPUT}  --nodes NAME,…       only these nodes, whatever they host
  --failed-only        only nodes that lack something
  --facts FILE         what kubectl get nodes,pods,configmaps -A -o json (or yaml) prints, in place of
                       the cluster itself
  --repository URL     whose manifests say what is needed where; as the configuration file says where unset
  --ref REF
  --path DIR

${CLUSTER}`,
  install: () => `Usage: weka-gitops install [OPTIONS]

Brings into a cluster what it needs of weka-gitops, in the version that you run: reconciler, node agents,
their accounts, rights and policies. Run it again, with the same options, to bring a newer version: no
pod of WEKA is touched. Everything that can be is tried before anything is written; then it waits until
all is ready, and says what is not and why. It takes Kubernetes 1.32 or later, and somebody who may write all this. Exits 0 where all is
ready, 1 where something is not or where --dry-run would write, 2 where it was refused.

The processes read the configuration that you give here. Each file that it names is a key, called like
the file, of a Secret that you make:
  kubectl create secret generic -n weka-gitops-system weka-gitops-credentials --from-file=git-token
With ceilings.namespaces, the reconciler has no right to write in any other namespace.

  --export             print YAML to be committed, and ask no cluster. A repository may hold it, save the
                       configuration, and the reconciler then brings itself up to date, if the
                       configuration says installation.selfManaged: true
  --dry-run            try everything, write nothing
  --serverless         make passes by a CronJob, in place of a process that stays
  --schedule CRON      when; every five minutes where unset
  --planner            also the process that plans pull requests, under an account that may only try
  --image IMAGE        in place of installation.image
  --pull-secret NAME   Secret to pull it with; in the namespaces of reconciler and agents
  --secret NAME        Secret with the files; NAME-credentials of the installation where unset
  --wait SECONDS       how long to wait; 180 where unset, 0 does not
  --output FORMAT      text or json
  --repository URL     otherwise as the configuration file says
  --ref REF
  --path DIR

${CLUSTER}
Examples:
  weka-gitops install --config hall-1.yaml --planner
  weka-gitops install --config hall-1.yaml --serverless --schedule '*/10 * * * *'
  weka-gitops install --config hall-1.yaml --export > clusters/hall-1/weka-gitops.yaml
`,
  uninstall: () => `Usage: weka-gitops uninstall [OPTIONS]

Says what install made and would be removed, and removes it with --yes. WEKA storage and everything else
that was made for the repository runs on; the record of it stays, so that another installation goes on
from there, and so does what it trusts about drivers: the lock, and the authority of their services.
A namespace stays where something else is in it.

  --yes                remove it
  --wait SECONDS       how long to wait for processes to end; 180 where unset
  --output FORMAT      text or json

${CLUSTER}`,
  drivers: () => `Usage: weka-gitops drivers export --to DIR [OPTIONS]

Brings every pinned package of drivers into a folder, each verified by its SHA-256: what is in it
already is left, and a package that is not whole leaves nothing. Any web server that serves the folder
is a registry for a cluster without a way out: name its address in ceilings.driverRegistries of its
configuration, and in spec.drivers.registry of its Settings or in driversDistService. What is in a
distribution service of the cluster comes through the API server, which takes the right to get
services/proxy there; the rest comes from the registry of its pin. Exits 0 where the folder has all of
them, 1 where one could not be had or none is pinned.

  --to DIR             the folder; the packages are below DIR/dist/v1/drivers, each with its .sha256
  --version VERSION    only drivers of this version of WEKA
  --service SERVICE    only what is pinned for this service: NAMESPACE/NAME, or an address
  --from URL           where to get all of them instead, such as https://127.0.0.1:60002 after
                       kubectl port-forward -n NAMESPACE service/NAME 60002
  --output FORMAT      text or json

${CLUSTER}
Example:
  weka-gitops drivers export --config hall-1.yaml --version 4.4.5.118 --to /srv/drivers
`,
};
