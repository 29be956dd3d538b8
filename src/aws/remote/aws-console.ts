import { z } from 'zod';
import { KeyholdError } from '../../contract/errors.ts';
import type { AwsConsole } from '../../core/console/aws-console.ts';
import { siteOfRegion } from '../../core/console/console-site.ts';
import { credentialsIn } from './aws-sts.ts';
import { formWith } from './form-with-secrets.ts';
import { STS } from './iam-call.ts';
import { jsonWith } from './json-body.ts';
import { jsonOf } from './json-of.ts';
import { queryRemote, type RemoteParts } from './query-remote.ts';
import { sendToUrl } from './send-to-url.ts';

const HEADERS = ['Accept', 'application/json', 'Content-Type', 'application/x-www-form-urlencoded'];
/** A sign-in token has some two kilobytes. */
const MOST_BYTES = 64 * 1024;
const Answer = z.object({ SigninToken: z.string().min(1) });

/** Signing in to the console by federation (https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_enable-console-custom-url.html). */
export function createAwsConsole(parts: RemoteParts): AwsConsole {
  return {
    site: (region, endpointUrl) => (endpointUrl === undefined ? siteOfRegion(region) : null),

    async federationToken(place, { name, seconds, policyArn }) {
      const parameters = { Name: name, DurationSeconds: String(seconds), 'PolicyArns.member.1.arn': policyArn };
      const answer = await queryRemote(place, { ...STS, action: 'GetFederationToken', parameters }, parts);
      return credentialsIn(answer, 'GetFederationToken');
    },

    async signinToken({ signin }, credentials, seconds) {
      const body = formOf(credentials, seconds);
      try {
        const request = { method: 'POST' as const, headers: HEADERS, body, mostBytes: MOST_BYTES };
        const { status, bytes } = await sendToUrl(new URL(`${signin}/federation`), request, parts);
        const answer = Answer.safeParse(jsonOf(bytes));
        bytes.fill(0);
        if (status === 200 && answer.success) return answer.data.SigninToken;
        throw new KeyholdError(
          'ServiceRefused',
          `AWS’s sign-in does not take the credentials (HTTP ${status}). Sessions of a user without a role are not taken, nor a longer time than the role’s maximum.`,
          { name: 'SigninRefused', status },
        );
      } finally {
        body.fill(0);
      }
    },
  };
}

/** In a body, because addresses are written to logs; put together from bytes, so that it can be wiped. */
function formOf(
  { accessKeyId, secret, token }: Parameters<AwsConsole['signinToken']>[1],
  seconds: number | undefined,
): Buffer {
  const session = jsonWith({ sessionId: accessKeyId }, { sessionKey: secret, sessionToken: token ?? new Uint8Array() });
  try {
    const duration = seconds === undefined ? {} : { SessionDuration: String(seconds) };
    return formWith({ Action: 'getSigninToken', ...duration, SessionType: 'json' }, { Session: session });
  } finally {
    session.fill(0);
  }
}
