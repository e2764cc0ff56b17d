/** Options that say where cluster and repository are. */
export const WHERE = `Where repository and cluster are (each overrides the configuration file):
  --config FILE        configuration file; otherwise WEKA_GITOPS_CONFIG
  --repository URL     https://…, or the path of a local repository
  --ref REF            branch, tag or commit; main where unset
  --path DIR           folder of the manifests within the repository
  --cluster NAME       name of the cluster, in reports and of the status branch
  --kubeconfig FILE    otherwise KUBECONFIG, the pod's service account, or ~/.kube/config
  --context NAME       context of the kubeconfig
  --accept-rewritten-history SHA
                       go on although the last applied commit is no ancestor of SHA, the new one

Credentials come from the configuration file or from WEKA_GITOPS_TOKEN, or WEKA_GITOPS_USERNAME
and WEKA_GITOPS_PASSWORD; those of the forge from WEKA_GITOPS_FORGE_TOKEN.
`;

/** Options that say where the cluster is. */
export const CLUSTER = `  --config FILE        configuration file; otherwise WEKA_GITOPS_CONFIG
  --cluster NAME       name of the cluster
  --kubeconfig FILE    otherwise KUBECONFIG, the pod's service account, or ~/.kube/config
  --context NAME       context of the kubeconfig
`;

export const OUTPUT = '  --output FORMAT      text, json, markdown, or html: one file to open or to attach\n';
