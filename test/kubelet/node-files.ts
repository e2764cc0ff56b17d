/** What a node is set up with, by the path at which containerd, its plugins or the kubelet read it. */
export interface NodeFacts {
  readonly address: string;
  /** Where pods get their addresses. */
  readonly podNetwork: string;
  /** Below which the kubelet makes those of the pods. */
  readonly cgroup: string;
  readonly pauseReference: string;
}

/** The text of each file, by its path below /node. */
export function nodeFiles(facts: NodeFacts): Readonly<Record<string, string>> {
  return {
    'containerd.toml': containerd(facts),
    'network/10-pods.conflist': JSON.stringify(podNetwork(facts)),
    // JSON is YAML too.
    'kubelet.yaml': JSON.stringify(kubelet(facts)),
    ...KERNEL_SETTINGS,
    'start.sh': START,
  };
}

function containerd({ pauseReference }: NodeFacts): string {
  const unused = [
    ...['aufs', 'btrfs', 'devmapper', 'native', 'zfs'].map((name) => `io.containerd.snapshotter.v1.${name}`),
    'io.containerd.internal.v1.opt',
    'io.containerd.internal.v1.tracing',
    'io.containerd.tracing.processor.v1.otlp',
  ];
  const cri = 'plugins."io.containerd.grpc.v1.cri"';
  return `
version = 2
disabled_plugins = ${JSON.stringify(unused)}
[${cri}]
  sandbox_image = "${pauseReference}"
  disable_apparmor = true
  # Where the machine lacks the right to protect a process from the kernel's killer, no pod would start.
  restrict_oom_score_adj = true
  disable_hugetlb_controller = true
  tolerate_missing_hugetlb_controller = true
[${cri}.cni]
  bin_dir = "/usr/lib/cni"
  conf_dir = "/node/network"
[${cri}.containerd]
  snapshotter = "overlayfs"
  default_runtime_name = "runc"
[${cri}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"
`;
}

function podNetwork({ podNetwork: subnet }: NodeFacts): object {
  const ipam = {
    type: 'host-local',
    dataDir: '/run/addresses',
    ranges: [[{ subnet }]],
    routes: [{ dst: '0.0.0.0/0' }],
  };
  return { cniVersion: '0.4.0', name: 'pods', plugins: [{ type: 'ptp', ipMasq: false, ipam }] };
}

function kubelet({ address, cgroup }: NodeFacts): object {
  return {
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address,
    readOnlyPort: 0,
    healthzPort: 0,
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: 'unix:///run/containerd/containerd.sock',
    failCgroupV1: false,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: cgroup,
    enforceNodeAllocatable: [],
    failSwapOn: false,
    // The disk and the memory are those of whoever runs the tests.
    evictionHard: {
      'memory.available': '0%',
      'nodefs.available': '0%',
      'nodefs.inodesFree': '0%',
      'imagefs.available': '0%',
      'imagefs.inodesFree': '0%',
    },
    imageGCHighThresholdPercent: 100,
    imageMaximumGCAge: '0s',
    // A pod is seen to run as soon as it does.
    syncFrequency: '1s',
    nodeStatusUpdateFrequency: '1s',
    shutdownGracePeriod: '0s',
  };
}

/** What a kubelet sets for the whole machine. It finds it set and sets nothing: these are put over the kernel's own. */
const KERNEL_SETTINGS: Readonly<Record<string, string>> = {
  'settings/vm/overcommit_memory': '1\n',
  'settings/vm/panic_on_oom': '0\n',
  'settings/kernel/panic': '10\n',
  'settings/kernel/panic_on_oops': '1\n',
  'settings/kernel/keys/root_maxkeys': '1000000\n',
  'settings/kernel/keys/root_maxbytes': '25000000\n',
};

/** The first process of the node. */
const START = `
cd /node/settings
find . -type f | while read -r file; do mount --bind "$file" "/proc/sys/$file"; done
cd /
echo "$NODE_NAME" > /proc/sys/kernel/hostname
echo "127.0.0.1 localhost $NODE_NAME" > /etc/hosts
containerd --config=/node/containerd.toml > /node/logs/containerd.log 2>&1 &
until [ -S /run/containerd/containerd.sock ]; do sleep 0.05; done
tar --create --directory=/images . | ctr --namespace=k8s.io images import - > /node/logs/import.log 2>&1 &
imported=$!

# The network's other end is put in from outside, and then it is said where the API server is.
until [ -e /node/joined/api-server ]; do sleep 0.05; done
ip link set lo up
ip address add "$NODE_ADDRESS/30" dev eth0
ip link set eth0 up
ip route add default via "$GATEWAY"
echo 1 > /proc/sys/net/ipv4/ip_forward
# In place of a kube-proxy, for the one service that every pod may ask.
for chain in PREROUTING OUTPUT; do
  iptables-nft --table nat --append $chain --destination 10.96.0.1 --protocol tcp --dport 443 \\
    --jump DNAT --to-destination "$(cat /node/joined/api-server)"
done
# The other end knows no pod.
iptables-nft --table nat --append POSTROUTING --source "$POD_NETWORK" --out-interface eth0 --jump MASQUERADE

wait $imported
kubelet --config=/node/kubelet.yaml --kubeconfig=/node/kubeconfig --hostname-override="$NODE_NAME" \\
  --node-ip="$NODE_ADDRESS" --root-dir=/var/lib/kubelet > /node/logs/kubelet.log 2>&1
`;
