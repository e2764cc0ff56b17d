import { BUILD_TROUBLES } from './troubles/build-troubles.ts';
import { DELIVERY_TROUBLES } from './troubles/delivery-troubles.ts';
import type { DriverTrouble } from './troubles/driver-trouble.ts';
import { LOADER_TROUBLES } from './troubles/loader-troubles.ts';
import { NODE_TROUBLES } from './troubles/node-troubles.ts';
import { NOT_SELECTED } from './troubles/not-selected.ts';

/** By stable code, in the order in which a package goes its way. */
export const DRIVER_TROUBLES = {
  NOT_SELECTED,
  ...BUILD_TROUBLES,
  ...DELIVERY_TROUBLES,
  ...NODE_TROUBLES,
  ...LOADER_TROUBLES,
} as const;

type TroubleCode = keyof typeof DRIVER_TROUBLES;

/** What people see first, and the codes that it may be. */
export const DRIVER_SYMPTOMS: readonly {
  readonly symptom: string;
  readonly codes: readonly [TroubleCode, ...TroubleCode[]];
}[] = [
  { symptom: 'A build exceeds its timeout', codes: ['BUILD_TIMEOUT', 'NO_HEADERS'] },
  {
    symptom: 'The distribution service cannot be reached',
    codes: ['UNREACHABLE', 'UNTRUSTED', 'SERVICE', 'UPLOAD_UNREACHABLE', 'UPLOAD_TLS'],
  },
  {
    symptom: 'The signature of a package is wrong',
    codes: ['DIGEST', 'SIZE', 'BAD_PACKAGE', 'UPLOAD_DIGEST'],
  },
  { symptom: 'A node gets no drivers', codes: ['NOT_SELECTED', 'PACKAGE_MISSING', 'OTHER_LOADED', 'IN_USE'] },
  {
    symptom: 'The build fails for a custom or uncommon kernel',
    codes: ['COMPILE', 'WRONG_KERNEL', 'PRE_RUN', 'NO_SOURCE', 'VENDOR_PACK'],
  },
];

/** What a code means; undefined for one that is not known here. */
export function troubleOf(code: string | undefined): DriverTrouble | undefined {
  return code !== undefined && Object.hasOwn(DRIVER_TROUBLES, code)
    ? DRIVER_TROUBLES[code as TroubleCode]
    : undefined;
}
