import { quoted } from '../../spec/text.ts';
import { extraPodVolumes } from './extra-pod-volumes.ts';
import type { SpecRule } from '../spec-rule.ts';

/** Names of the volumes that pods of WEKA have already (weka-operator §2.2; the operator's documentation of extra volumes). */
const NAMES: ReadonlySet<string> = new Set([
  'dev',
  'devenv',
  'gcloud-credentials',
  'google-cloud-key',
  'host-modules',
  'host-shared-netns',
  'host-usr-src',
  'hugepages',
  'libmodules',
  'node-info',
  'osrelease',
  'otel-packages',
  'proc-cmdline',
  'proc-sysrq-trigger',
  'run',
  'shared-weka-version',
  'smbw-shm',
  'sys',
  'usrsrc',
  'weka-boot-scripts',
  'weka-cluster-persistence-dir',
  'weka-container-global-persistence-dir',
  'weka-container-persistence-dir',
  'weka-container-shared-dir',
  'weka-credentials',
  'weka-proxy-socket-dir',
  'weka-ssdproxy-local-socket',
  'wekahome-cacert-secret',
]);

/** Folders that WEKA mounts or writes; nothing may cover them, or lie below. */
const FOLDERS = [
  '/dev',
  '/etc/syslog-ng',
  '/etc/wekaio',
  '/host',
  '/host-binds',
  '/hostside',
  '/lib/modules',
  '/opt/weka',
  '/opt/weka-global-persistence',
  '/shared-python-packages',
  '/shared-weka-version',
  '/sys',
  '/usr/local/bin/weka',
  '/usr/src',
  '/var/log',
  '/var/run/secrets/weka-operator',
  '/var/secrets/google',
];

/** Files among them. */
const FILES = ['/devenv.sh', '/opt/weka_runtime.py', '/usr/bin/weka', '/usr/local/bin/wekaauthcli'];

export const reservedVolume: SpecRule = {
  level: 'error',
  fixed: false,
  why: 'A volume in the place of one of WEKA’s own keeps the pod from being made, or hides what WEKA needs.',
  example: {
    wrong:
      'spec:\n  podConfig:\n    extraVolumes: [{ name: logs, emptyDir: {} }]\n    extraVolumeMounts: [{ name: logs, mountPath: /var/log }]',
    right:
      'spec:\n  podConfig:\n    extraVolumes: [{ name: ca, secret: { secretName: ca } }]\n    extraVolumeMounts: [{ name: ca, mountPath: /etc/ssl/certs/corp }]',
  },
  *check(set) {
    for (const { spec, path, volumes, mounts } of extraPodVolumes(set)) {
      for (const [index, { name }] of volumes.entries()) {
        if (!NAMES.has(name)) continue;
        yield {
          spec,
          path: [...path, 'extraVolumes', index, 'name'],
          message: `Pods of WEKA have a volume ${quoted(name)} of their own.`,
          hint: 'Choose another name.',
        };
      }
      for (const [index, { mountPath }] of mounts.entries()) {
        const reserved = reservedPath(mountPath);
        if (reserved === undefined) continue;
        yield {
          spec,
          path: [...path, 'extraVolumeMounts', index, 'mountPath'],
          message:
            normal(mountPath) === reserved
              ? `${reserved} belongs to WEKA, and nothing else can be mounted there.`
              : `${mountPath} is in ${reserved}, which belongs to WEKA.`,
          hint: 'Choose another path; /etc/ssl and /etc/pki are free.',
        };
      }
    }
  },
};

/** The place of WEKA’s that a mount at `path` would cover or lie in; undefined where it is free. */
export function reservedPath(path: string): string | undefined {
  const at = normal(path);
  return (
    FILES.find((file) => at === file) ??
    FOLDERS.find((folder) => at === folder || at.startsWith(`${folder}/`)) ??
    (at === '/' ? '/' : undefined)
  );
}

/** An absolute path without `.`, `..` and doubled slashes. */
function normal(path: string): string {
  const steps: string[] = [];
  for (const step of path.split('/')) {
    if (step === '..') steps.pop();
    else if (step !== '' && step !== '.') steps.push(step);
  }
  return `/${steps.join('/')}`;
}
