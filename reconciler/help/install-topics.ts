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
from there. A namespace stays where something else is in it.

  --yes                remove it
  --wait SECONDS       how long to wait for processes to end; 180 where unset
  --output FORMAT      text or json

${CLUSTER}`,
};
