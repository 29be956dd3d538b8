import { ServiceError } from '../../local/service-error.ts';

/** The errors of AWS's IAM API (2010-05-08) that are given here, with the status that its model has. */
const STATUS = {
  DeleteConflict: 409,
  EntityAlreadyExists: 409,
  InvalidAuthenticationCode: 403,
  InvalidInput: 400,
  LimitExceeded: 409,
  NoSuchEntity: 404,
  ValidationError: 400,
} as const;

export function iamError(code: keyof typeof STATUS, message: string): ServiceError {
  return new ServiceError(code, message, { status: STATUS[code] });
}

/** AWS's default quotas (IAM User Guide, "IAM and AWS STS quotas"). An account has room for as many virtual MFA devices as for users. */
const QUOTAS = { UsersPerAccount: 5000, VirtualMFADevicesPerAccount: 5000, MFADevicesPerUser: 8 } as const;

/** Throws LimitExceeded when `count` things of this kind are as many as there may be. */
export function requireRoom(quota: keyof typeof QUOTAS, count: number): void {
  if (count < QUOTAS[quota]) return;
  throw iamError('LimitExceeded', `Cannot exceed quota for ${quota}: ${QUOTAS[quota]}`);
}
