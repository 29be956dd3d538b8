import {
  CreateVirtualMFADevice$,
  type CreateVirtualMFADeviceCommandInput,
  type CreateVirtualMFADeviceCommandOutput,
} from '@aws-sdk/client-iam';
import { wipe } from '../../core/crypto/wipe.ts';
import type { IamTag } from '../../core/directory/records.ts';
import { AWS_TOTP } from '../../core/otp/iam-mfa.ts';
import { operation } from '../local/operation.ts';
import { mfaArn } from './lib/arns.ts';
import { decide, iamThings } from './lib/authorize.ts';
import { bootstrapOf } from './lib/bootstrap.ts';
import { change } from './lib/change.ts';
import { devicesOf } from './lib/devices.ts';
import { iamError, requireRoom } from './lib/iam-error.ts';
import { requestTags, tagList, tagsOf } from './lib/tags.ts';

/** A longer serial number could not be named in any request. */
const LONGEST_SERIAL = 256;

/** The one answer that has the seed: whoever is to make codes of it takes it from here. */
export const createVirtualMFADevice = operation<
  CreateVirtualMFADeviceCommandInput,
  CreateVirtualMFADeviceCommandOutput,
  IamTag[]
>(CreateVirtualMFADevice$, {
  async authorize({ VirtualMFADeviceName: name, Path: path = '/', Tags }, ctx) {
    await iamThings(ctx);
    const tags = tagsOf(Tags);
    const arn = mfaArn(ctx, { path, name });
    const create = decide(ctx, 'CreateVirtualMFADevice', arn, requestTags(tags));
    if (tags.length === 0) return { decisions: [create], subject: tags };
    return { decisions: [create, decide(ctx, 'TagMFADevice', arn, requestTags(tags))], subject: tags };
  },

  async handle({ VirtualMFADeviceName: name, Path: path = '/' }, ctx, tags) {
    const { session, account } = ctx;
    const serial = mfaArn(ctx, { path, name });
    if (serial.length > LONGEST_SERIAL) {
      throw iamError('ValidationError', `The serial number ${serial} has more than ${LONGEST_SERIAL} characters.`);
    }
    const createdAt = ctx.now();
    const object = { id: session.newId() };
    const { blob, seed } = await session.hsm.call('generateOtpSeed', {
      id: object.id,
      label: `verifier of ${serial}`,
      createdAt,
      otp: AWS_TOTP,
    });
    try {
      await change(ctx, (draft, things) => {
        const devices = devicesOf(ctx, things);
        if (devices.some(({ value }) => mfaArn(ctx, value) === serial)) {
          throw iamError('EntityAlreadyExists', 'MFADevice entity at the same path and name already exists.');
        }
        requireRoom('VirtualMFADevicesPerAccount', devices.length);
        draft.putObject(object.id, 1, blob);
        draft.put('iamMfaDevice', session.newId(), { account: account.id, name, path, tags, createdAt, seed: object });
      });
      return {
        VirtualMFADevice: {
          SerialNumber: serial,
          ...(await bootstrapOf(seed, name, account.accountId)),
          ...(tags.length === 0 ? {} : { Tags: tagList(tags) }),
        },
      };
    } finally {
      wipe(seed);
    }
  },
});
