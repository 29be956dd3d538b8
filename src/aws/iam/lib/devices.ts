import type { FoundMfaDevice, FoundUser } from '../../../core/directory/records.ts';
import type { Things } from '../../../core/things.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { mfaArn } from './arns.ts';
import { iamError } from './iam-error.ts';

/** The account's virtual MFA devices. */
export function devicesOf(ctx: OperationContext, things: Things): FoundMfaDevice[] {
  return things.all('iamMfaDevice').filter(({ value }) => value.account === ctx.account.id);
}

/** Where a device is in a list, the oldest first: short, so that any marker is one that the model allows. */
export function deviceOrder({ id, value }: FoundMfaDevice): string {
  return `${String(value.createdAt).padStart(16, '0')} ${id}`;
}

export function oldestFirst(a: FoundMfaDevice, b: FoundMfaDevice): number {
  return deviceOrder(a) < deviceOrder(b) ? -1 : 1;
}

export function deviceOf(ctx: OperationContext, things: Things, serial: string): FoundMfaDevice | undefined {
  return devicesOf(ctx, things).find(({ value }) => mfaArn(ctx, value) === serial);
}

/** Throws NoSuchEntity. */
export function requireDevice(ctx: OperationContext, things: Things, serial: string): FoundMfaDevice {
  const found = deviceOf(ctx, things, serial);
  if (found !== undefined) return found;
  throw iamError('NoSuchEntity', `VirtualMFADevice with serial number ${serial} doesn't exist.`);
}

/** The devices that are enabled for a user. */
export function devicesHeldBy(ctx: OperationContext, things: Things, user: FoundUser): FoundMfaDevice[] {
  return devicesOf(ctx, things).filter(({ value }) => value.user?.id === user.id);
}

/** Throws NoSuchEntity for one that is not enabled for this user. */
export function requireHeldDevice(
  ctx: OperationContext,
  things: Things,
  user: FoundUser | undefined,
  serial: string,
): FoundMfaDevice {
  const device = requireDevice(ctx, things, serial);
  if (user !== undefined && device.value.user?.id === user.id) return device;
  throw iamError('NoSuchEntity', 'MFA Device invalid for user.');
}
