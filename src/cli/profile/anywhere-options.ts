import type { Command } from 'commander';
import type { Origin } from '../../contract/origins.ts';
import { usageError } from '../errors.ts';

export interface AnywhereOptions {
  certificate?: string;
  trustAnchorArn?: string;
  profileArn?: string;
}

/** What says that a certificate signs in (IAM Roles Anywhere); the names are those of AWS’s own helper. */
export function addAnywhereOptions(command: Command): Command {
  return command
    .option('--certificate <name>', 'the certificate that signs in to IAM Roles Anywhere')
    .option('--trust-anchor-arn <arn>', 'the trust anchor that knows its CA')
    .option('--profile-arn <arn>', 'the profile of Roles Anywhere that has the role');
}

/** Undefined where the options say nothing of it; what they leave out is as it was. */
export function anywhereOrigin(options: AnywhereOptions, before?: Origin): Origin | undefined {
  const { certificate, trustAnchorArn, profileArn } = options;
  if (certificate === undefined && trustAnchorArn === undefined && profileArn === undefined) return undefined;
  const known = before?.kind === 'rolesAnywhere' ? before : undefined;
  const whole = {
    certificate: certificate ?? known?.certificate,
    trustAnchorArn: trustAnchorArn ?? known?.trustAnchorArn,
    profileArn: profileArn ?? known?.profileArn,
  };
  if (whole.certificate === undefined || whole.trustAnchorArn === undefined || whole.profileArn === undefined) {
    throw usageError('IAM Roles Anywhere wants --certificate, --trust-anchor-arn and --profile-arn, all three.');
  }
  return {
    kind: 'rolesAnywhere',
    ...{ certificate: whole.certificate, trustAnchorArn: whole.trustAnchorArn, profileArn: whole.profileArn },
  };
}
