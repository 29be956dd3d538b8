import type { IAM } from '@aws-sdk/client-iam';
import { defineService } from '../local/define-service.ts';
import constraints from './constraints.json' with { type: 'json' };
import { createUser } from './create-user.ts';
import { createVirtualMFADevice } from './create-virtual-mfa-device.ts';
import { deactivateMFADevice } from './deactivate-mfa-device.ts';
import { deleteUser } from './delete-user.ts';
import { deleteVirtualMFADevice } from './delete-virtual-mfa-device.ts';
import { enableMFADevice } from './enable-mfa-device.ts';
import { getMFADevice } from './get-mfa-device.ts';
import { getUser } from './get-user.ts';
import { listMFADeviceTags } from './list-mfa-device-tags.ts';
import { listMFADevices } from './list-mfa-devices.ts';
import { listUserTags } from './list-user-tags.ts';
import { listUsers } from './list-users.ts';
import { listVirtualMFADevices } from './list-virtual-mfa-devices.ts';
import { REFUSED_OPERATIONS } from './refused-operations.ts';
import { resyncMFADevice } from './resync-mfa-device.ts';
import { tagMFADevice } from './tag-mfa-device.ts';
import { tagUser } from './tag-user.ts';
import { untagMFADevice } from './untag-mfa-device.ts';
import { untagUser } from './untag-user.ts';

/**
 * The Identity and Access Management of a local account: its users and their virtual MFA devices.
 *
 * Gaps: users have no credentials yet, so nobody calls as one of them; the account's root and its clients have no MFA devices; hardware devices and security keys.
 *
 * By design: requests may be signed for any Region, since tools that are given an endpoint sign for their own, and are about the partition's one Region whichever it
 * is. Two codes are accepted up to ten minutes from now, each of them once; how far a device's clock is off is not kept.
 */
export const iam = defineService<IAM>({
  name: 'iam',
  signingName: 'iam',
  version: '2010-05-08',
  protocols: ['awsQuery'],
  xmlNamespace: 'https://iam.amazonaws.com/doc/2010-05-08/',
  constraints,
  operations: {
    ...REFUSED_OPERATIONS,
    CreateUser: createUser,
    CreateVirtualMFADevice: createVirtualMFADevice,
    DeactivateMFADevice: deactivateMFADevice,
    DeleteUser: deleteUser,
    DeleteVirtualMFADevice: deleteVirtualMFADevice,
    EnableMFADevice: enableMFADevice,
    GetMFADevice: getMFADevice,
    GetUser: getUser,
    ListMFADeviceTags: listMFADeviceTags,
    ListMFADevices: listMFADevices,
    ListUserTags: listUserTags,
    ListUsers: listUsers,
    ListVirtualMFADevices: listVirtualMFADevices,
    ResyncMFADevice: resyncMFADevice,
    TagMFADevice: tagMFADevice,
    TagUser: tagUser,
    UntagMFADevice: untagMFADevice,
    UntagUser: untagUser,
  },
});
