import { z } from 'zod';
import { KeyholdError } from '../../../contract/errors.ts';
import type { ProcessOrigin } from '../../../contract/origins.ts';
import { AccessKeyId } from '../../../contract/schemas.ts';
import { wipe } from '../../crypto/wipe.ts';
import { omitUndefined } from '../../omit-undefined.ts';
import type { StsCredentials } from '../aws-sts.ts';
import { ProgramFailed } from '../program-failed.ts';
import type { ProgramOutcome } from '../programs.ts';
import { takeSecrets } from '../take-secrets.ts';
import type { HeldOrigin } from './held-origin.ts';

/** A program may ask a person something in a window of its own. */
const TIMEOUT_MS = 60_000;
const MOST_BYTES = 64 * 1024;
/** What says nothing of its end is asked for again after this long. */
const WITHOUT_END_MS = 3_600_000;

const Printed = z.object({
  Version: z.literal(1),
  AccessKeyId,
  Expiration: z.iso.datetime({ offset: true }).optional(),
});

/** The output of a program, as `credential_process` has it. */
export function processOrigin(kept: ProcessOrigin): HeldOrigin {
  const [program = ''] = kept.command;
  return {
    sessionKind: 'process',
    takesRole: false,
    // It may print either; AWS says so when it is asked for too long a session.
    isRole: false,
    view: () => kept,
    assert: () => undefined,
    refersTo: [],
    parts: () => [],
    settings: () => kept.command,
    async obtain({ ports, programs }, { value: profile }) {
      const outcome = await programs.run(kept.command, { timeoutMs: TIMEOUT_MS, mostBytes: MOST_BYTES });
      try {
        if (outcome.code !== 0) throw failed(program, profile.name, outcome);
        return read(outcome.stdout, { program, profile: profile.name, now: ports.clock.now() });
      } finally {
        wipe(outcome.stdout);
      }
    },
  };
}

function read(
  stdout: Uint8Array,
  { program, profile, now }: { program: string; profile: string; now: number },
): StsCredentials {
  const { rest, secrets } = takeSecrets(stdout, ['SecretAccessKey', 'SessionToken']);
  const secret = secrets.get('SecretAccessKey');
  const token = secrets.get('SessionToken');
  const printed = Printed.safeParse(rest);
  if (!printed.success || secret === undefined || secret.length === 0) {
    wipe(secret, token);
    throw new KeyholdError(
      'ServiceRefused',
      `The program ${program} of the profile ${profile} prints no credentials: it has to print JSON with Version 1, AccessKeyId and SecretAccessKey.`,
    );
  }
  const { AccessKeyId: accessKeyId, Expiration: end } = printed.data;
  return omitUndefined({
    accessKeyId,
    secret,
    token: token?.length === 0 ? undefined : token,
    expiresAt: end === undefined ? now + WITHOUT_END_MS : Date.parse(end),
  });
}

/** Its own words help most; they are shown without anything that a terminal would act on. */
function failed(program: string, profile: string, { code, stderr }: ProgramOutcome): KeyholdError {
  const said = stderr
    .replaceAll(/[^\P{C}\n]/gu, '')
    .trim()
    .split('\n')
    .slice(-3)
    .join(' ')
    .slice(0, 300);
  return new ProgramFailed(
    `The program ${program} gives no credentials for the profile ${profile}: it ended with code ${code}`,
    said,
  );
}
