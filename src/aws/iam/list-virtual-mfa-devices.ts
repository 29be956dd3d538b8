import {
  ListVirtualMFADevices$,
  type ListVirtualMFADevicesCommandInput,
  type ListVirtualMFADevicesCommandOutput,
  type VirtualMFADevice,
} from '@aws-sdk/client-iam';
import type { FoundMfaDevice } from '../../core/directory/records.ts';
import type { Things } from '../../core/things.ts';
import { operation } from '../local/operation.ts';
import type { OperationContext } from '../local/operation-context.ts';
import { mfaArn } from './lib/arns.ts';
import { decide, iamThings } from './lib/authorize.ts';
import { deviceOrder, devicesOf, oldestFirst } from './lib/devices.ts';
import { page } from './lib/pages.ts';
import { userInfo } from './lib/users.ts';

function deviceInfo(ctx: OperationContext, things: Things, { value }: FoundMfaDevice): VirtualMFADevice {
  const device = { SerialNumber: mfaArn(ctx, value) };
  if (value.user === undefined) return device;
  const { id, enabledAt } = value.user;
  const user = { id, value: things.must('iamUser', id) };
  return { ...device, User: userInfo(ctx, user), EnableDate: new Date(enabledAt) };
}

export const listVirtualMFADevices = operation<ListVirtualMFADevicesCommandInput, ListVirtualMFADevicesCommandOutput>(
  ListVirtualMFADevices$,
  {
    authorize: (_input, ctx) => ({
      decisions: [decide(ctx, 'ListVirtualMFADevices', mfaArn(ctx, { path: '/', name: '' }))],
      subject: undefined,
    }),

    async handle(input, ctx) {
      const { AssignmentStatus: status = 'Any' } = input;
      const things = await iamThings(ctx);
      const devices = devicesOf(ctx, things)
        .filter(({ value }) => status === 'Any' || (status === 'Assigned') === (value.user !== undefined))
        .sort(oldestFirst);
      const { items, ...more } = await page(ctx, input, devices, deviceOrder);
      return { VirtualMFADevices: items.map((device) => deviceInfo(ctx, things, device)), ...more };
    },
  },
);
