import { z } from 'zod';

/** An object with one optional value for each role of a cluster's containers; `words` describes the value of a role. */
export function perRole<Value extends z.ZodType>(value: Value, words: (role: string) => string) {
  return z.strictObject({
    ...perServingRole(value, words).shape,
    dataServices: value.optional().describe(words('data services')),
  });
}

/** The same for the roles that hold or serve data. */
export function perServingRole<Value extends z.ZodType>(value: Value, words: (role: string) => string) {
  return z.strictObject({
    compute: value.optional().describe(words('compute')),
    drive: value.optional().describe(words('drive')),
    s3: value.optional().describe(words('S3')),
    nfs: value.optional().describe(words('NFS')),
    smbw: value.optional().describe(words('SMB')),
  });
}
