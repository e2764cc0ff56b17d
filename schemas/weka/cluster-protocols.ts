import { z } from 'zod';
import { HttpUrl } from '../kube/address.ts';

/** How NFS is served. */
export const NfsConfig = z.strictObject({
  interfaces: z.array(z.string()).optional().describe('Device of each host that serves NFS; one at most.'),
  ipRanges: z
    .array(z.string())
    .optional()
    .describe(
      'Floating addresses, such as 10.0.1.101-120. Clients of an address that goes lose their mounts.',
    ),
});

/** How S3 is served. */
export const S3Config = z.strictObject({
  clusterCreateArgs: z
    .array(z.string())
    .optional()
    .describe('More arguments when the S3 cluster is made; a change has no effect on one that exists.'),
});

const Id = z.int().min(0);

/** How SMB is served. */
export const SmbwConfig = z.strictObject({
  clusterName: z
    .string()
    .default('default')
    .describe('Name that SMB clients see; a change needs the SMB cluster made anew.'),
  domainName: z.string().describe('Active Directory domain that is joined.'),
  domainJoinSecret: z
    .string()
    .describe('Secret in the cluster’s namespace whose key password holds the password to join with.'),
  userName: z.string().optional().describe('User who joins the domain.'),
  ipRanges: z.array(z.string()).optional().describe('Floating addresses that SMB is served on.'),
  symlink: z
    .boolean()
    .optional()
    .describe('Whether shares follow symbolic links. Counts when the SMB cluster is made.'),
  domainNetbiosName: z
    .string()
    .optional()
    .describe('NetBIOS name of the domain, where it is not its first part.'),
  idmapBackend: z.string().optional().describe('How users of the domain become ids, such as rid or rfc2307.'),
  defaultDomainMappingFromId: Id.optional().describe('First id for users of no domain.'),
  defaultDomainMappingToId: Id.optional().describe('Last id for users of no domain.'),
  joinedDomainMappingFromId: Id.optional().describe('First id for users of the joined domain.'),
  joinedDomainMappingToId: Id.optional().describe('Last id for users of the joined domain.'),
  encryption: z
    .enum(['enabled', 'disabled', 'desired', 'required'])
    .optional()
    .describe('Whether connections are encrypted; required turns clients away that cannot.'),
  scaleOutMode: z
    .enum(['none', 'full', 'partial'])
    .optional()
    .describe('How far one share is served by several hosts.'),
  smbConfExtra: z.string().optional().describe('More lines for smb.conf.'),
  ipPools: z.array(z.string()).optional().describe('Pools that addresses are taken from.'),
});

/** A span of time as WEKA reads it. */
const WekaDuration = z
  .string()
  .regex(/^([0-9]+(s|m|h|d|w|M|y))*$/, 'must be a duration such as 90s, 12h or 30d');

/** The data catalog. */
export const CatalogConfig = z.strictObject({
  indexInterval: WekaDuration.default('1d').describe('How often the index is brought up to date.'),
  retentionPeriod: WekaDuration.default('30d').describe('How long what it says is kept.'),
});

const Splunk = z.strictObject({
  authTokenSecretRef: z
    .string()
    .min(1)
    .describe('Secret and key of the HEC token, as NAME.KEY, split at the last dot.'),
  endpoint: HttpUrl.describe('Address of the HTTP event collector.'),
  caCertSecretRef: z
    .string()
    .optional()
    .describe(
      'Secret and key of the CA that is trusted, as NAME.KEY. Not together with verifyWithClusterCACert.',
    ),
  allowUnverifiedCertificate: z.boolean().optional().describe('Whether any certificate is taken.'),
  verifyWithClusterCACert: z.boolean().optional().describe('Whether the cluster’s own CA is trusted.'),
});

/** Where audit logs go. */
export const TelemetryConfig = z.strictObject({
  exports: z
    .array(
      z.strictObject({
        name: z.string().min(1).describe('Name of the export, unique in the cluster.'),
        sources: z.array(z.string()).describe('What is exported, such as audit.'),
        splunk: Splunk.optional().describe('Splunk, by its HTTP event collector.'),
      }),
    )
    .optional()
    .describe('Exports; one that is taken away stops.'),
});

/** How filesystems are encrypted. */
export const EncryptionConfig = z.strictObject({
  vault: z
    .strictObject({
      address: HttpUrl.describe('Address of the Vault, such as https://vault.example.com:8200.'),
      role: z.string().min(1).describe('Role that WEKA takes in it.'),
      authPath: z.string().default('kubernetes').describe('Path below auth/ that WEKA signs in at.'),
      transitPath: z.string().default('transit').describe('Path of the transit engine.'),
      method: z
        .enum(['kubernetes'])
        .default('kubernetes')
        .describe('How WEKA signs in to Vault: with the token of its service account.'),
      keyName: z
        .string()
        .default('weka-key')
        .describe('Key in the transit engine; with another one, what is encrypted cannot be read.'),
    })
    .optional()
    .describe('A HashiCorp Vault that keeps the key.'),
  internal: z
    .strictObject({
      enabled: z
        .boolean()
        .describe(
          'Whether the cluster keeps the keys itself; what is encrypted with them needs them for ever.',
        ),
    })
    .optional()
    .describe('Whether the cluster keeps the key itself, beside the data. For trials.'),
});
