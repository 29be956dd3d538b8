import type { IamMfaDevice, IamUser } from '../../../core/directory/records.ts';
import { IAM_KINDS } from '../../../core/directory/remove-records.ts';
import type { Draft } from '../../../core/draft.ts';
import type { Things } from '../../../core/things.ts';
import { changeRecords } from '../../local/change-records.ts';
import type { OperationContext } from '../../local/operation-context.ts';
import { requireDevice } from './devices.ts';
import { requireUser } from './users.ts';

/** One change of IAM's records, alone: what `fill` finds still holds when it is written. */
export function change<T>(ctx: OperationContext, fill: (draft: Draft, things: Things) => T | Promise<T>): Promise<T> {
  return changeRecords(ctx, IAM_KINDS, fill);
}

export async function changeUser(ctx: OperationContext, name: string, next: (user: IamUser) => IamUser): Promise<void> {
  await change(ctx, (draft, things) => {
    const { id, value } = requireUser(ctx, things, name);
    draft.put('iamUser', id, next(value));
  });
}

export async function changeDevice(
  ctx: OperationContext,
  serial: string,
  next: (device: IamMfaDevice) => IamMfaDevice,
): Promise<void> {
  await change(ctx, (draft, things) => {
    const { id, value } = requireDevice(ctx, things, serial);
    draft.put('iamMfaDevice', id, next(value));
  });
}
