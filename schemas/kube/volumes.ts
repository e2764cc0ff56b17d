import { z } from 'zod';
import { FieldRef, ResourceFieldRef } from './container.ts';
import { Quantity } from './quantity.ts';
import { LabelSelector } from './selectors.ts';

/** Permission bits; in YAML an octal number such as 0440 is read as one, in JSON they are decimal. */
const FileMode = z.int().min(0).max(0o777);

const Items = z
  .array(
    z.strictObject({
      key: z.string().min(1).describe('Key that is taken.'),
      path: z.string().min(1).describe('File it becomes.'),
      mode: FileMode.optional().describe('Permission bits of the file.'),
    }),
  )
  .optional()
  .describe('Keys that become files; all where unset.');

const DownwardItems = z
  .array(
    z.strictObject({
      path: z.string().min(1).describe('File it becomes.'),
      fieldRef: FieldRef.optional().describe('A field of the pod.'),
      resourceFieldRef: ResourceFieldRef.optional().describe('A resource of a container.'),
      mode: FileMode.optional().describe('Permission bits of the file.'),
    }),
  )
  .optional()
  .describe('Facts on the pod that become files.');

const optional = z.boolean().optional().describe('Whether it may be missing.');
const readOnly = z.boolean().optional().describe('Whether it is only read.');
const defaultMode = FileMode.optional().describe('Permission bits of the files.');
const fsType = z.string().optional().describe('File system on it.');
const LocalSecret = z.strictObject({ name: z.string().describe('Name of the Secret.') });

const ProjectedSource = z.strictObject({
  secret: z
    .strictObject({ name: z.string().min(1).describe('Name of the Secret.'), items: Items, optional })
    .optional()
    .describe('Keys of a Secret.'),
  configMap: z
    .strictObject({ name: z.string().min(1).describe('Name of the ConfigMap.'), items: Items, optional })
    .optional()
    .describe('Keys of a ConfigMap.'),
  downwardAPI: z.strictObject({ items: DownwardItems }).optional().describe('Facts on the pod.'),
  serviceAccountToken: z
    .strictObject({
      path: z.string().min(1).describe('File it becomes.'),
      audience: z.string().optional().describe('Whom the token is for.'),
      expirationSeconds: z.int().min(600).optional().describe('How long it is valid.'),
    })
    .optional()
    .describe('A token of the pod’s service account.'),
  clusterTrustBundle: z
    .strictObject({
      name: z.string().optional().describe('Name of the bundle.'),
      signerName: z.string().optional().describe('Signer whose bundles are taken.'),
      labelSelector: LabelSelector.optional().describe('Bundles of the signer by label.'),
      path: z.string().min(1).describe('File they become.'),
      optional,
    })
    .optional()
    .describe('Certificates that are trusted.'),
  podCertificate: z.looseObject({}).optional().describe('A certificate for the pod.'),
});

/** A volume of a pod: a name, and one source. */
export const Volume = z.strictObject({
  name: z.string().min(1).describe('Name that mounts refer to.'),
  hostPath: z
    .strictObject({
      path: z.string().min(1).describe('Path on the node.'),
      type: z
        .enum([
          '',
          'DirectoryOrCreate',
          'Directory',
          'FileOrCreate',
          'File',
          'Socket',
          'CharDevice',
          'BlockDevice',
        ])
        .optional()
        .describe('What must be there; anything where unset.'),
    })
    .optional()
    .describe('A path on the node.'),
  emptyDir: z
    .strictObject({
      medium: z
        .enum(['', 'Memory', 'HugePages', 'HugePages-2Mi', 'HugePages-1Gi'])
        .optional()
        .describe('What it lies on.'),
      sizeLimit: Quantity.optional().describe('How large it may grow.'),
    })
    .optional()
    .describe('A folder that goes with the pod.'),
  configMap: z
    .strictObject({
      name: z.string().min(1).describe('Name of the ConfigMap.'),
      items: Items,
      defaultMode,
      optional,
    })
    .optional()
    .describe('Keys of a ConfigMap as files.'),
  secret: z
    .strictObject({
      secretName: z.string().min(1).describe('Name of the Secret.'),
      items: Items,
      defaultMode,
      optional,
    })
    .optional()
    .describe('Keys of a Secret as files.'),
  persistentVolumeClaim: z
    .strictObject({ claimName: z.string().min(1).describe('Name of the claim.'), readOnly })
    .optional()
    .describe('A claim in the same namespace.'),
  projected: z
    .strictObject({
      sources: z.array(ProjectedSource).optional().describe('What is put together.'),
      defaultMode,
    })
    .optional()
    .describe('Several sources in one folder.'),
  downwardAPI: z
    .strictObject({ items: DownwardItems, defaultMode })
    .optional()
    .describe('Facts on the pod as files.'),
  nfs: z
    .strictObject({
      server: z.string().min(1).describe('Host of the server.'),
      path: z.string().min(1).describe('Path that it exports.'),
      readOnly,
    })
    .optional()
    .describe('An export of an NFS server.'),
  csi: z
    .strictObject({
      driver: z.string().min(1).describe('Name of the CSI driver.'),
      fsType,
      nodePublishSecretRef: LocalSecret.optional().describe('Secret that the driver is given.'),
      readOnly,
      volumeAttributes: z
        .record(z.string(), z.string())
        .optional()
        .describe('What the driver needs to know.'),
    })
    .optional()
    .describe('A volume that a CSI driver makes for this pod.'),
  ephemeral: z
    .strictObject({
      volumeClaimTemplate: z
        .strictObject({
          metadata: z.looseObject({}).optional().describe('Labels and annotations of the claim.'),
          spec: z.looseObject({}).describe('The claim.'),
        })
        .optional()
        .describe('The claim that is made for the pod.'),
    })
    .optional()
    .describe('A claim that goes with the pod.'),
  image: z
    .strictObject({
      reference: z.string().optional().describe('The image.'),
      pullPolicy: z.enum(['Always', 'Never', 'IfNotPresent']).optional().describe('When it is pulled.'),
    })
    .optional()
    .describe('The files of an image.'),
  iscsi: z.looseObject({}).optional().describe('A disk by iSCSI.'),
  fc: z.looseObject({}).optional().describe('A disk by Fibre Channel.'),
});

/** Where a volume appears in a container. */
export const VolumeMount = z.strictObject({
  name: z.string().min(1).describe('Name of the volume.'),
  mountPath: z.string().min(1).describe('Path in the container.'),
  readOnly,
  recursiveReadOnly: z
    .enum(['Disabled', 'IfPossible', 'Enabled'])
    .optional()
    .describe('Whether mounts below it are only read too.'),
  subPath: z.string().optional().describe('Folder within the volume.'),
  subPathExpr: z.string().optional().describe('Folder within the volume, with variables of the environment.'),
  mountPropagation: z
    .enum(['None', 'HostToContainer', 'Bidirectional'])
    .optional()
    .describe('Whether mounts below it are seen on the other side.'),
});
